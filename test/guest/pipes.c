// Pipes, memfds and /dev/null stay on the tracee's machine, beside remote files in one table of descriptors.
#include "guest.h"
#include <sys/mman.h>

int main(void) {
  begin();
  char text[32] = {0}, path[64], link[64] = {0};
  int ends[2];
  put("file", "remote");
  show(open("file", O_RDONLY));
  show(pipe2(ends, O_CLOEXEC));
  printf("pipe at %d and %d\n", ends[0], ends[1]);
  show(open("file", O_RDONLY));
  show(write(ends[1], "through", 7));
  show(read(ends[0], text, sizeof text));
  printf("\"%s\"\n", text);
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
  show(readlink(path, link, sizeof link) > 0);
  printf("%.5s\n", link);
  show(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  show(read(ends[0], text, sizeof text));

  int memory = (int)show(memfd_create("memory", 0));
  show(write(memory, "12345", 5));
  show(pread(memory, text, 5, 0));
  char* map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  map[0] = 'M';
  show(pread(memory, text, 5, 0));
  printf("\"%.5s\"\n", text);
  int null = (int)show(open("/dev/null", O_RDWR));
  show(write(null, "gone", 4));
  show(read(null, text, 4));
  show(open("/dev/zero", O_RDONLY) >= 0);

  // A number goes from a local file to a remote one and back.
  show(dup2(3, ends[0]));
  show(read(ends[0], text, sizeof text));
  printf("\"%.6s\"\n", text);
  show(dup2(memory, 3));
  show(pread(3, text, 5, 0));
  printf("\"%.5s\"\n", text);
  FILE* command = popen("cat file; echo; pwd", "r");
  while (fgets(text, sizeof text, command) != NULL)
    printf("from the shell: %s", text);
  show(pclose(command));
  return 0;
}
