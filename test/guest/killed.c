// killed SOCKET COUNT [FOLDER]: asks for a file again and again, in four threads, and makes and removes
// directories in FOLDER; tells SOCKET of every wrong answer, by calls that rsc does not catch. After COUNT
// answers it says so.
#include "guest.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static const char* folder;
static atomic_long answers;
static long count;

static void tell(void) {
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  sendto(fd, strerrorname_np(errno), 8, 0, (struct sockaddr*)&address, sizeof address);
}

static void* ask(void* name) {
  char made[4096];
  if (folder) snprintf(made, sizeof made, "%s/%s-%d", folder, (const char*)name, getpid());
  for (;;) {
    if (access("/work/notes.txt", F_OK) != 0) tell();
    if (folder && (mkdir(made, 0755) != 0 || rmdir(made) != 0)) tell();
    if (++answers == count) printf("reached\n");
  }
  return NULL;
}

int main(int argc, char** argv) {
  static char* names[] = {"a", "b", "c", "d"};
  pthread_t thread;
  begin();
  if (argc < 3) return 2;
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  count = atol(argv[2]);
  folder = argv[3];
  for (int i = 0; i < 3; i++)
    must(pthread_create(&thread, NULL, ask, names[i]) ? -1 : 0);
  ask(names[3]);
}
