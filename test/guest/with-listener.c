// with-listener COMMAND...: executes it under a seccomp filter that allows everything, and has a listener:
// the kernel allows no second one.
#include "guest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int main(int argc, char** argv) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {1, &allow};
  if (argc < 2) return 2;
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  int listener =
      (int)must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
  must(fcntl(listener, F_SETFD, 0));
  execvp(argv[1], argv + 1);
  return 127;
}
