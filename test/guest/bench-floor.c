// What catching a call and asking another process for its answer costs at least: a seccomp notice, a 64-byte
// round trip over TCP, the answer to the notice; C everywhere, no protocol, no memory. Prints the nanoseconds
// of one such call, five times.
#include "bench-loopback.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum { small = 64, calls = 20000 };

static char buffer[small];

static int catch_getppid(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  return (int)must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
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

static void serve(int listener, int server) {
  for (int call = 0; call < runs * calls; call++) {
    struct seccomp_notif notice = {0};
    struct seccomp_notif_resp response = {0};
    must(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice));
    must(send(server, buffer, small, 0));
    must(recv(server, buffer, small, MSG_WAITALL));
    response.id = notice.id;
    response.val = 1;
    must(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response));
  }
}

int main(void) {
  int numbers[2], start[2], number;
  int server = connect_child(answer);
  must(pipe(numbers));
  must(pipe(start));
  pid_t tracee = fork();
  if (tracee == 0) {
    number = catch_getppid();
    must(write(numbers[1], &number, sizeof number));
    must(read(start[0], &number, sizeof number));
    measure("floor", calls, 1, caught, NULL);
    exit(0);
  }
  must(read(numbers[0], &number, sizeof number));
  int process = (int)must(syscall(SYS_pidfd_open, tracee, 0));
  int listener = (int)must(syscall(SYS_pidfd_getfd, process, number, 0));
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
  must(write(start[1], &number, sizeof number));
  serve(listener, server);
  must(waitpid(tracee, NULL, 0));
  return 0;
}
