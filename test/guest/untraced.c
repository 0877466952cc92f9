// A process that nobody may trace asks for a file: its exit status is what it got, 0 or an errno.
#include "guest.h"
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

int main(void) {
  begin();
  pid_t child = (pid_t)must(syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));
  if (child == 0) _exit(access("notes.txt", F_OK) == 0 ? 0 : errno);
  reap("untraced", child);
  return 0;
}
