// Errors that one call alone gives, or that need a scene of their own.
#include "guest.h"
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define raw(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

// Younger than the headers of this machine may be (arch/x86/entry/syscalls/syscall_64.tbl).
enum {
  nr_fchmodat2 = 452,
  nr_setxattrat = 463,
  nr_getxattrat = 464,
  nr_listxattrat = 465,
  nr_removexattrat = 466,
  nr_file_getattr = 468,
  nr_file_setattr = 469
};

static char bytes[65536];
static const int no_flag = 0x40000000;

static void opens(void) {
  struct open_how how = {.flags = O_RDONLY},
                  cached = {.flags = O_WRONLY | O_CREAT, .resolve = RESOLVE_CACHED};
  struct {
    struct open_how how;
    long more;
  } longer = {.more = 1};
  must(mkfifo("a-fifo", 0600));
  show(raw(open, "directory", O_WRONLY));
  show(raw(open, ".", O_TMPFILE | O_RDONLY, 0600));
  show(raw(open, "a-fifo", O_WRONLY | O_NONBLOCK));
  show(raw(openat2, AT_FDCWD, "file", &longer, sizeof longer));
  show(raw(openat2, AT_FDCWD, "file", &how, 8));
  show(raw(openat2, AT_FDCWD, "absent", &cached, sizeof cached));
  show(raw(openat2, AT_FDCWD, "file", 16, sizeof how));
  show(raw(openat2, AT_FDCWD, "file/inside", 16, sizeof how));
  must(unlink("a-fifo"));
}

/** Flags that nobody knows, and what is there already. */
static void names(void) {
  unsigned long attributes[3] = {0};
  show(raw(fchownat, AT_FDCWD, "file", -1, -1, no_flag));
  show(syscall(nr_fchmodat2, AT_FDCWD, "file", 0600, no_flag));
  show(raw(unlinkat, AT_FDCWD, "file", no_flag));
  show(raw(linkat, AT_FDCWD, "file", AT_FDCWD, "second", no_flag));
  show(raw(utimensat, AT_FDCWD, "file", 16, 0));
  show(raw(utimensat, AT_FDCWD, "absent", 16, 0));
  show(raw(utimensat, 99, NULL, NULL, 0));
  show(raw(readlinkat, AT_FDCWD, "file", bytes, 10));
  show(syscall(nr_listxattrat, AT_FDCWD, "file", no_flag, bytes, 10));
  show(syscall(nr_removexattrat, AT_FDCWD, "file", no_flag, "user.x"));
  show(syscall(nr_file_getattr, AT_FDCWD, "file", attributes, 24, no_flag));
  show(syscall(nr_file_getattr, AT_FDCWD, "file", attributes, 8, 0));
  show(syscall(nr_file_setattr, AT_FDCWD, "file", attributes, 8, 0));
  show(syscall(nr_file_setattr, AT_FDCWD, "file", 16, 24, 0));
  show(raw(mkdirat, AT_FDCWD, "directory", 0700));
  show(raw(mknodat, AT_FDCWD, "file", S_IFREG | 0600, 0));
  show(raw(mknodat, AT_FDCWD, "new", 0170000, 0));
  show(raw(symlinkat, "file", AT_FDCWD, "directory"));
  show(raw(linkat, AT_FDCWD, "directory", AT_FDCWD, "second", 0));
  show(raw(renameat, AT_FDCWD, "directory", AT_FDCWD, "directory/inside"));
  show(raw(renameat, AT_FDCWD, "file", AT_FDCWD, "directory"));
  show(raw(renameat, AT_FDCWD, "directory", AT_FDCWD, "full"));
  show(raw(renameat2, AT_FDCWD, "file", AT_FDCWD, "directory", 0));
  show(raw(renameat2, AT_FDCWD, "directory", AT_FDCWD, "full", 0));
  show(raw(link, "file", "/usr/never-made"));
  show(raw(linkat, AT_FDCWD, "file", AT_FDCWD, "/usr/never-made", 0));
  show(raw(rename, "file", "/usr/never-made"));
  show(raw(renameat, AT_FDCWD, "file", AT_FDCWD, "/usr/never-made"));
  show(raw(renameat2, AT_FDCWD, "file", AT_FDCWD, "/usr/never-made", 0));
  show(raw(truncate, "file", INT64_MAX));
}

static void attributes(void) {
  char name[300];
  memset(name, 'x', sizeof name);
  memcpy(name, "user.", 5);
  name[299] = 0;
  must(setxattr("file", "user.x", "value", 5, 0));
  show(raw(getxattr, "file", "user.x", bytes, 2));
  show(raw(lgetxattr, "file", "user.x", bytes, 2));
  show(raw(listxattr, "file", bytes, 2));
  show(raw(getxattr, "file", "odd.x", bytes, 10));
  show(raw(lgetxattr, "file", "odd.x", bytes, 10));
  show(raw(removexattr, "file", "odd.x"));
  show(raw(lremovexattr, "file", "odd.x"));
  show(raw(setxattr, "file", "odd.x", "x", 1, 0));
  show(raw(lsetxattr, "file", "odd.x", "x", 1, 0));
  show(raw(setxattr, "file", name, "x", 1, 0));
  show(raw(lsetxattr, "file", name, "x", 1, 0));
  show(raw(getxattr, "file", name, bytes, 1));
  show(raw(setxattr, "file", "user.y", bytes, 65537, 0));
  show(raw(lsetxattr, "file", "user.y", bytes, 65537, 0));
  unsigned long value[2] = {(unsigned long)bytes, 1};
  show(syscall(nr_setxattrat, AT_FDCWD, "file", 0, "odd.x", value, sizeof value));
  show(syscall(nr_setxattrat, AT_FDCWD, "file", 0, name, value, sizeof value));
  show(syscall(nr_getxattrat, AT_FDCWD, "file", 0, "odd.x", value, sizeof value));
  show(syscall(nr_getxattrat, AT_FDCWD, "file", 0, "odd.x", value, 5000));
  show(syscall(nr_removexattrat, AT_FDCWD, "file", 0, "odd.x"));
  show(syscall(nr_listxattrat, AT_FDCWD, "file", 0, bytes, 2));
  show(syscall(nr_removexattrat, AT_FDCWD, "file", 0, "user.none"));
}

/** A directory that is gone, and was open. */
static void gone(void) {
  must(mkdir("gone", 0700));
  int fd = (int)must(open("gone", O_RDONLY));
  must(chdir("gone"));
  must(rmdir("/work/gone"));
  show(raw(getcwd, bytes, sizeof bytes));
  show(raw(getdents64, fd, bytes, sizeof bytes));
  show(raw(getdents, fd, bytes, sizeof bytes));
  show(raw(openat, fd, "file", O_RDONLY | O_CREAT, 0600));
  show(raw(mkdir, "inside", 0700));
  must(chdir("/work"));
}

/** The place behind the last one that a file can have. */
static void far(void) {
  int fd = (int)must(open("file", O_RDWR)), other = (int)must(open("other", O_RDWR));
  long last = 0;
  for (long bit = 1L << 62; bit > 0; bit >>= 1)
    if (lseek(fd, last + bit, SEEK_SET) >= 0) last += bit;
  must(lseek(fd, last, SEEK_SET));
  show(raw(write, fd, "x", 1));
  show(raw(writev, fd, (&(struct iovec){"x", 1}), 1));
  show(raw(pwrite64, fd, "x", 1, last));
  show(raw(pwritev, fd, (&(struct iovec){"x", 1}), 1, last, 0));
  show(raw(pwritev2, fd, (&(struct iovec){"x", 1}), 1, -1L, -1L, 0));
  show(raw(copy_file_range, other, NULL, fd, NULL, 1, 0));
  show(raw(copy_file_range, other, (&(long){INT64_MAX - 1}), fd, (&(long){0}), 10, 0));
  show(raw(lseek, fd, INT64_MAX, SEEK_CUR));
  must(ftruncate(fd, 4));
}

static void pipes(void) {
  must(mkfifo("a-fifo", 0600));
  int in = (int)must(open("a-fifo", O_RDONLY | O_NONBLOCK)),
      out = (int)must(open("a-fifo", O_WRONLY | O_NONBLOCK));
  int file = (int)must(open("file", O_RDWR));
  must(fcntl(out, F_SETPIPE_SZ, 65536));
  must(write(out, bytes, 20000));
  show(raw(fcntl, out, F_SETPIPE_SZ, 4096));
  show(raw(sendfile, file, in, (&(long){0}), 1));
  show(raw(splice, in, (&(long){0}), file, NULL, 1, 0));
  must(close(in));
  signal(SIGPIPE, SIG_IGN);
  show(raw(write, out, "x", 1));
  show(raw(writev, out, (&(struct iovec){"x", 1}), 1));
  must(unlink("a-fifo"));
}

static void maps(void) {
  int fd = (int)must(open("file", O_RDWR));
  void* map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  show((long)mmap(map, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0));
  show((long)mmap(NULL, -4096UL, PROT_READ, MAP_PRIVATE, fd, 0));
  show((long)mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0));
  show((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 1));
  show((long)mmap(NULL, 4096, PROT_READ, 0, fd, 0));
}

int main(void) {
  begin();
  put("file", "some text");
  put("other", "other text");
  must(mkdir("directory", 0700));
  must(mkdir("full", 0700));
  put("full/inside", "");
  opens();
  names();
  attributes();
  gone();
  far();
  pipes();
  maps();
  return 0;
}
