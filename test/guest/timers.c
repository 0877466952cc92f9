// A signal every millisecond, with and without SA_RESTART, while files are opened, read, written and mapped:
// no call gets a wrong answer, no byte is lost.
#include "guest.h"
#include <sys/mman.h>
#include <sys/time.h>

static volatile long ticks;

static void tick(int signal) {
  (void)signal;
  ticks++;
}

static void work(int flags) {
  struct sigaction action = {.sa_handler = tick, .sa_flags = flags};
  struct itimerval every = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
  int wrong = 0;
  must(sigaction(SIGALRM, &action, NULL));
  must(setitimer(ITIMER_REAL, &every, NULL));
  for (int i = 0; i < 300; i++) {
    char name[16], text[32] = {0};
    snprintf(name, sizeof name, "tick%d", i % 7);
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    int copy = dup(fd);
    long length = write(copy, name, strlen(name));
    if (fd < 0 || copy < 0 || length != (long)strlen(name)) wrong++;
    if (pread(fd, text, sizeof text, 0) != length || strcmp(text, name) != 0) wrong++;
    char* map = mmap(NULL, 32, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED || strcmp(map, name) != 0) wrong++;
    munmap(map, 32);
    if (close(fd) != 0 || close(copy) != 0 || access(name, F_OK) != 0) wrong++;
  }
  must(setitimer(ITIMER_REAL, &never, NULL));
  printf("%d wrong, signals came: %d\n", wrong, ticks > 0);
}

int main(void) {
  begin();
  work(0);
  work(SA_RESTART);
  return 0;
}
