// Memory that is missing, half missing or read-only, in every kind of argument; and calls with which
// something else is wrong besides: the kernel's order of looking at things decides which error it is.
#include "guest.h"
#include <dirent.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <linux/fs.h>

enum { page = 4096 };

static char *edge, *fixed;
// volatile: the compiler would warn of what this program is for.
static char* volatile bad = (char*)16;
static char* volatile kernel = (char*)-4096;
static char* volatile none = NULL;
static volatile size_t endless = (size_t)-1;
static volatile int negative = -1;

/** The last `usable` bytes of memory behind which there is none. */
static void* before_end(size_t usable) {
  memset(edge, 0, page);
  return edge + page - usable;
}

static void structs(int fd) {
  char* half = before_end(8);
  show(stat("target", (struct stat*)half));
  show(stat("target", (struct stat*)fixed));
  show(stat("target", (struct stat*)kernel));
  show(statfs("target", (struct statfs*)half));
  show(fstatfs(fd, (struct statfs*)fixed));
  show(statx(AT_FDCWD, "target", 0, STATX_ALL, (struct statx*)half));
  show(utimensat(AT_FDCWD, "target", (struct timespec*)half, 0));
  show(utimensat(AT_FDCWD, "nowhere", (struct timespec*)half, 0));
  show(utimensat(77, "nowhere", (struct timespec*)half, 0));
  show(fcntl(fd, F_SETLK, (struct flock*)half));
  show(fcntl(fd, F_GETLK, (struct flock*)fixed));
  show(fcntl(77, F_SETLK, (struct flock*)half));
  show(syscall(SYS_openat2, AT_FDCWD, "target", half, sizeof(struct open_how)));
  show(syscall(SYS_openat2, AT_FDCWD, "target", half, 8));
  show(syscall(SYS_openat2, AT_FDCWD, "target", half, 5000));
  show(syscall(SYS_openat2, AT_FDCWD, "target", NULL, sizeof(struct open_how)));
  show(ioctl(fd, FIONREAD, bad));
  show(ioctl(fd, FS_IOC_GETFLAGS, bad) == -1);
  show(sendfile(fd, fd, (off_t*)before_end(4), 1));
  show(copy_file_range(fd, (off_t*)bad, fd, NULL, 1, 0));
}

static void strings_out(void) {
  char* half = before_end(4);
  must(symlink("a-longer-target", "soft"));
  show(readlink("soft", half, 4));
  show(readlink("soft", half, 100));
  show(readlink("soft", fixed, 100));
  show(readlink("soft", bad, 0));
  show(readlink("target", bad, 10));
  show(readlink("nowhere", bad, 10));
  show(syscall(SYS_getcwd, half, 4));
  show(syscall(SYS_getcwd, half, 100));
  show(syscall(SYS_getcwd, fixed, 100));
}

static void attributes(int fd) {
  char* half = before_end(4);
  must(setxattr("target", "user.long", "a value", 7, 0));
  show(getxattr("target", "user.long", half, 4));
  show(getxattr("target", "user.long", half, 7));
  show(getxattr("target", "user.long", fixed, 7));
  show(getxattr("target", "user.none", bad, 7));
  show(fgetxattr(fd, "user.long", none, 7));
  show(getxattr("target", bad, half, 4));
  show(listxattr("target", half, 100));
  show(listxattr("target", bad, 0));
  show(setxattr("target", "user.half", half, 8, 0));
  show(setxattr("nowhere", "user.half", half, 8, 0));
  show(setxattr("target", "user.half", half, 8, 77));
  show(setxattr("target", "user.half", half, 100000, 0));
  show(setxattr("target", "user.half", none, 8, 0));
  show(setxattr("target", "user.half", NULL, 0, 0));
  show(fsetxattr(77, "user.half", half, 8, 0));
}

static void reads_and_writes(int fd) {
  char *half = before_end(4), text[16];
  int only = (int)must(open("target", O_RDONLY)), into = (int)must(open("target", O_WRONLY | O_APPEND));
  show(write(only, bad, 10));
  show(write(only, half, 10));
  show(write(only, bad, 0));
  show(read(into, bad, 10));
  show(pwrite(fd, bad, 10, -1));
  show(pread(fd, bad, 10, -1));
  show(write((int)must(open("target", O_PATH)), bad, 10));
  show(write((int)must(open(".", O_RDONLY)), bad, 10));
  show(read((int)must(open(".", O_RDONLY)), bad, 10));
  show(write(fd, kernel, 10));
  show(read(fd, kernel, 10));
  show(write(fd, text, endless));
  show(read(fd, text, endless));
  show(read(only, text, endless >> 1));
  show(write(only, text, endless >> 1));
  show(lseek(fd, 0, SEEK_CUR));
  must(lseek(fd, 0, SEEK_END));
  show(read(fd, bad, 10));
  show(read(fd, half, 10));
  must(lseek(fd, 0, SEEK_SET));
  show(read(fd, fixed, 10));
  show(read(fd, half, 10));
  show(lseek(fd, 0, SEEK_CUR));
  show(syscall(SYS_getdents64, open(".", O_RDONLY), before_end(10), 512));
  show(syscall(SYS_getdents64, open(".", O_RDONLY), fixed, 512));
  show(syscall(SYS_getdents64, fd, bad, 512));
}

static void vectors(int fd) {
  char text[16];
  struct iovec* half = before_end(sizeof(struct iovec));
  int only = (int)must(open("target", O_RDONLY));
  *half = (struct iovec){text, 5};
  show(readv(fd, half, 2));
  show(writev(only, half, 2));
  show(writev(only, (struct iovec*)bad, 1));
  show(writev(only, (struct iovec*)bad, 0));
  show(readv(fd, half, 1025));
  show(readv(fd, half, negative));
  show(writev(only, half, 2000));
  show(readv(77, half, 2));
  struct iovec parts[] = {{text, 5}, {text, endless}, {bad, 5}};
  show(readv(fd, parts, 3));
  show(writev(only, parts, 3));
  parts[1].iov_len = 3;
  must(lseek(fd, 0, SEEK_SET));
  show(readv(fd, parts, 3));
  show(pwritev(fd, parts, 3, 0));
  show(pwritev(fd, parts + 2, 1, 0));
  show(pwritev2(fd, parts, 3, 0, 0x4000000));
  show(preadv(fd, parts, 3, -1));
  show(lseek(fd, 0, SEEK_CUR));
}

static void paths(void) {
  char* half = before_end(6);
  memcpy(half, "target", 6);
  show(open(half, O_RDONLY));
  show(openat(77, half, O_RDONLY));
  show(mkdirat(77, half, 0755));
  show(rename("target", half));
  show(rename(half, "nowhere/x"));
  show(link("nowhere", half));
  show(symlink(half, "made"));
  show(truncate(half, -1));
  show(access(half, 99));
  show(unlinkat(AT_FDCWD, half, 99));
  show(open(kernel, O_RDONLY));
  show(open(none, O_RDONLY));
  show(chdir(none));
}

int main(void) {
  begin();
  put("target", "0123456789");
  int fd = (int)must(open("target", O_RDWR));
  edge = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(munmap(edge + page, page));
  fixed = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  structs(fd);
  strings_out();
  attributes(fd);
  reads_and_writes(fd);
  vectors(fd);
  paths();
  cat("target");
  return 0;
}
