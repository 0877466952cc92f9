// Bad pointers: EFAULT as natively, and nothing done where the kernel checks before it acts.
#include "guest.h"
#include <dirent.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

// volatile: the compiler would warn of what this program is for.
static char* volatile bad = (char*)16;

int main(void) {
  begin();
  struct stat facts;
  put("target", "0123456789");
  int fd = (int)must(open("target", O_RDWR));
  // Two pages, of which the second cannot be touched.
  char* edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(munmap(edge + 4096, 4096));
  strcpy(edge + 4096 - 7, "target");

  show(open(bad, O_RDONLY));
  show(open(edge + 4096 - 7, O_RDONLY) >= 0);
  edge[4095] = 't';
  show(open(edge + 4096 - 7, O_RDONLY));
  show(stat(bad, &facts));
  show(stat("target", (struct stat*)bad));
  show(syscall(SYS_fstat, fd, bad));
  show(read(fd, bad, 4));
  show(lseek(fd, 0, SEEK_CUR));
  show(write(fd, bad, 4));
  show(read(fd, bad, 0));
  show(pread(fd, edge + 4092, 4, 0));
  printf("read \"%.4s\"\n", edge + 4092);
  show(pwrite(fd, edge + 4092, 4, 4));
  show(mkdir(bad, 0755));
  show(unlink(bad));
  show(rename("target", bad));
  show(rename(bad, "target"));
  show(symlink("target", bad));
  show(readlink("/proc/self/exe", bad, 10));
  show(chdir(bad));
  show(syscall(SYS_getcwd, bad, 4096));
  show(syscall(SYS_getdents64, open(".", O_RDONLY), bad, 512));
  show(readv(fd, (struct iovec*)bad, 1));
  show(writev(fd, (struct iovec*)bad, 1));
  struct iovec one = {bad, 4};
  show(writev(fd, &one, 1));
  show(utimensat(AT_FDCWD, "target", (struct timespec*)bad, 0));
  show(fcntl(fd, F_GETLK, bad));
  show(syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY));
  cat("target");
  return 0;
}
