// refuse WHAT COMMAND...: runs a command on a machine that forbids something. WHAT is `ptrace` (EPERM) or
// `namespaces` (EPERM for unshare, and for clone with a new namespace).
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count)
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE(error) ANSWER(SECCOMP_RET_ERRNO | (error))

enum { namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET };

static struct sock_filter no_ptrace[] = {
    LOAD(nr),
    SKIP_UNLESS(SYS_ptrace, 1),
    REFUSE(EPERM),
    ANSWER(SECCOMP_RET_ALLOW),
};

static struct sock_filter no_namespaces[] = {
    LOAD(nr),
    SKIP_UNLESS(SYS_unshare, 1),
    REFUSE(EPERM),
    // The flags of clone3 are in memory: libc falls back to clone when it is not there.
    SKIP_UNLESS(SYS_clone3, 1),
    REFUSE(ENOSYS),
    SKIP_UNLESS(SYS_clone, 3),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, namespaces, 0, 1),
    REFUSE(EPERM),
    ANSWER(SECCOMP_RET_ALLOW),
};

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  int ptrace = strcmp(argv[1], "ptrace") == 0;
  struct sock_fprog program = {
      .len = ptrace ? sizeof no_ptrace / sizeof *no_ptrace : sizeof no_namespaces / sizeof *no_namespaces,
      .filter = ptrace ? no_ptrace : no_namespaces,
  };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("refuse: cannot install the filter");
    return 99;
  }
  execvp(argv[2], argv + 2);
  perror(argv[2]);
  return 99;
}
