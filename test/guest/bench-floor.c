// What catching a call and asking another process for its answer costs at least: a seccomp stop, the
// registers read, a 64-byte round trip over TCP, the registers written; C everywhere, no protocol, no memory.
// Prints the nanoseconds of one such call, five times.
#include "bench-loopback.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

enum { small = 64, calls = 20000 };

static char buffer[small];

static void catch_getppid(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

static void caught(void* nothing) {
  (void)nothing;
  syscall(SYS_getppid);
}

static void answer(int fd) {
  while (recv(fd, buffer, small, MSG_WAITALL) == small)
    must(send(fd, buffer, small, 0));
  exit(0);
}

static void serve(pid_t tracee, int server) {
  for (;;) {
    siginfo_t event;
    must(waitid(P_PID, (id_t)tracee, &event, WEXITED | WSTOPPED | __WALL));
    if (event.si_code != CLD_TRAPPED) return;
    struct user_regs_struct registers;
    if (event.si_status >> 8 == PTRACE_EVENT_SECCOMP) {
      must(ptrace(PTRACE_GETREGS, tracee, NULL, &registers));
      must(send(server, buffer, small, 0));
      must(recv(server, buffer, small, MSG_WAITALL));
      registers.rax = 1;
      registers.orig_rax = (unsigned long long)-1;
      must(ptrace(PTRACE_SETREGS, tracee, NULL, &registers));
    }
    must(ptrace(PTRACE_CONT, tracee, NULL, 0));
  }
}

int main(void) {
  int start[2];
  int server = connect_child(answer);
  must(pipe(start));
  pid_t tracee = fork();
  if (tracee == 0) {
    must(read(start[0], buffer, 1));
    catch_getppid();
    measure("floor", calls, 1, caught, NULL);
    exit(0);
  }
  must(ptrace(PTRACE_SEIZE, tracee, NULL, PTRACE_O_TRACESECCOMP));
  must(write(start[1], buffer, 1));
  serve(tracee, server);
  return 0;
}
