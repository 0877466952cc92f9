// own-filter: a program that allows itself a few calls, and has all others answered with EPERM.
#include "guest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define ALLOW(number)                                                                                        \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter few[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    ALLOW(SYS_openat),
    ALLOW(SYS_read),
    ALLOW(SYS_write),
    ALLOW(SYS_close),
    ALLOW(SYS_newfstatat),
    ALLOW(SYS_exit_group),
    ALLOW(SYS_mmap),
    ALLOW(SYS_brk),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

int main(void) {
  begin();
  struct sock_fprog program = {sizeof few / sizeof few[0], few};
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
  show(open("filtered", O_RDWR | O_CREAT, 0644));
  int fd = (int)show(open("filtered", O_RDWR));
  show(write(fd, "within the rules", 16));
  show(close(fd));
  char text[32];
  fd = (int)show(open("filtered", O_RDONLY));
  show(read(fd, text, sizeof text));
  show(read(fd, text, sizeof text));
  show(open("missing", O_RDONLY));
  struct stat facts;
  show(stat("filtered", &facts));
  show(facts.st_size);
  return 0;
}
