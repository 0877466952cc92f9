// killed SOCKET: asks for a file again and again, in four threads, and tells SOCKET of every wrong answer, by
// calls that rsc does not catch.
#include "guest.h"
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address = {.sun_family = AF_UNIX};

static void tell(void) {
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  sendto(fd, strerrorname_np(errno), 8, 0, (struct sockaddr*)&address, sizeof address);
}

static void* ask(void* nothing) {
  for (;;)
    if (access("notes.txt", F_OK) != 0) tell();
  return nothing;
}

int main(int argc, char** argv) {
  pthread_t thread;
  begin();
  if (argc < 2) return 2;
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  for (int i = 0; i < 3; i++)
    must(pthread_create(&thread, NULL, ask, NULL) ? -1 : 0);
  printf("begun\n");
  ask(NULL);
}
