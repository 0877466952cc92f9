// Makes system calls by number, and tells on file descriptor 9 what it gave and got: for each call a line
// with number, result and arguments, then the memory that they point to. abi-print.test.ts prints them as rsc
// does and compares with what strace printed of this very run.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define MOST 512

static FILE* report;

static int tell_memory(uint64_t addr, unsigned char* copy) {
  size_t length = PAGE - addr % PAGE;
  if (length > MOST) length = MOST;
  struct iovec to = {copy, length}, from = {(void*)addr, length};
  if (addr < PAGE || process_vm_readv(getpid(), &to, 1, &from, 1, 0) != (ssize_t)length) return 0;
  fprintf(report, " %lx:", (unsigned long)addr);
  for (size_t i = 0; i < length; i++)
    fprintf(report, "%02x", copy[i]);
  return 1;
}

static long made(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f) {
  long result = syscall(number, a, b, c, d, e, f);
  if (result == -1) result = -errno;
  uint64_t args[] = {a, b, c, d, e, f};
  fprintf(report, "%ld %ld", number, result);
  for (int i = 0; i < 6; i++)
    fprintf(report, " %lx", (unsigned long)args[i]);
  for (int i = 0; i < 6; i++) {
    unsigned char copy[MOST], pointed[MOST];
    if (!tell_memory(args[i], copy)) continue;
    for (int word = 0; word < 8; word++) {
      uint64_t addr;
      memcpy(&addr, copy + 8 * word, 8);
      tell_memory(addr, pointed);
    }
  }
  fputc('\n', report);
  return result;
}

#define GET(_1, _2, _3, _4, _5, _6, _7, NAME, ...) NAME
#define call(...) GET(__VA_ARGS__, C6, C5, C4, C3, C2, C1, C0)(__VA_ARGS__)
#define U(x) ((uint64_t)(x))
#define C0(n) made(n, 0, 0, 0, 0, 0, 0)
#define C1(n, a) made(n, U(a), 0, 0, 0, 0, 0)
#define C2(n, a, b) made(n, U(a), U(b), 0, 0, 0, 0)
#define C3(n, a, b, c) made(n, U(a), U(b), U(c), 0, 0, 0)
#define C4(n, a, b, c, d) made(n, U(a), U(b), U(c), U(d), 0, 0)
#define C5(n, a, b, c, d, e) made(n, U(a), U(b), U(c), U(d), U(e), 0)
#define C6(n, a, b, c, d, e, f) made(n, U(a), U(b), U(c), U(d), U(e), U(f))

static struct stat status;
static struct statx extended;
static struct timespec times[2] = {{1, 2}, {3, 4}};
static struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 2};
static struct open_how how = {.flags = O_RDONLY | O_CLOEXEC,
                              .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_IN_ROOT};
static char bytes[200], back[200], odd[] = "a\"b\\c\n\0017\001x\377";
static struct iovec parts[] = {{"abc", 3}, {NULL, 0}, {bytes, 50}};
static struct iovec room[] = {{back, 2}, {back + 10, 100}};
static struct pollfd fds[1];
static struct timespec none;
static int number;
static loff_t offset = 1;

int main(void) {
  report = fdopen(9, "w");
  // Lines that are told must not be written before the last call, which is the mark.
  static char buffer[1 << 24];
  setvbuf(report, buffer, _IOFBF, sizeof buffer);
  memset(bytes, 'x', sizeof bytes);

  call(SYS_getppid);
  call(SYS_umask, 022);
  call(SYS_mkdir, "dir", 0755);
  long dir = call(SYS_open, "dir", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_DIRECTORY, 0);
  long fd = call(SYS_openat, dir, "file", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0644);
  call(SYS_openat, AT_FDCWD, "dir/file", O_WRONLY | O_CREAT | O_EXCL, 0600);
  call(SYS_openat, AT_FDCWD, "", O_RDONLY, 0777);
  call(SYS_openat, AT_FDCWD, NULL, O_RDONLY, 0);
  call(SYS_openat, AT_FDCWD, odd, O_RDONLY | 0x80000000, 0);
  call(SYS_openat2, AT_FDCWD, "dir/file", &how, sizeof how);
  call(SYS_write, fd, "hello\n", 6);
  call(SYS_write, fd, odd, sizeof odd);
  call(SYS_write, fd, bytes, 32);
  call(SYS_write, fd, bytes, 33);
  call(SYS_write, fd, "", 0);
  call(SYS_write, -1, bytes, 3);
  call(SYS_write, fd, 8, 3);
  call(SYS_pread64, fd, back, 100, 1);
  call(SYS_pread64, fd, back, 4, 2);
  call(SYS_read, fd, back, 10);
  call(SYS_read, dir, back, 10);
  call(SYS_writev, fd, parts, 3);
  call(SYS_lseek, fd, -3, SEEK_END);
  call(SYS_lseek, fd, 0, 99);
  call(SYS_readv, fd, room, 2);
  call(SYS_stat, "dir", &status);
  call(SYS_lstat, "nothing", &status);
  call(SYS_fstat, fd, &status);
  call(SYS_newfstatat, AT_FDCWD, "/dev/null", &status, AT_SYMLINK_NOFOLLOW);
  call(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH);
  call(SYS_statx, AT_FDCWD, "dir/file", AT_STATX_SYNC_AS_STAT | AT_SYMLINK_NOFOLLOW, STATX_MODE | STATX_SIZE,
       &extended);
  call(SYS_access, "dir/file", F_OK);
  call(SYS_access, "dir/file", R_OK | W_OK);
  call(SYS_faccessat, AT_FDCWD, "dir/nothing", X_OK);
  call(SYS_faccessat2, AT_FDCWD, "dir/file", R_OK, AT_EACCESS);
  call(SYS_symlink, "file", "dir/link");
  call(SYS_readlink, "dir/link", back, 100);
  call(SYS_readlink, "dir/file", back, 100);
  call(SYS_readlinkat, dir, "link", back, 2);
  call(SYS_link, "dir/file", "dir/hard");
  call(SYS_linkat, dir, "link", AT_FDCWD, "dir/soft", AT_SYMLINK_FOLLOW);
  call(SYS_rename, "dir/hard", "dir/other");
  call(SYS_renameat2, dir, "other", dir, "file", RENAME_NOREPLACE | RENAME_EXCHANGE);
  call(SYS_renameat2, dir, "other", dir, "soft", RENAME_EXCHANGE);
  call(SYS_chmod, "dir/file", 04755);
  call(SYS_fchmodat, AT_FDCWD, "dir/file", 0);
  call(SYS_fchmod, fd, 07);
  call(SYS_chown, "dir/file", -1, -1);
  call(SYS_fchownat, fd, "", -1, -1, AT_EMPTY_PATH);
  call(SYS_truncate, "dir/file", 100);
  call(SYS_ftruncate, fd, 7);
  call(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 10);
  call(SYS_utimensat, AT_FDCWD, "dir/file", NULL, 0);
  call(SYS_utimensat, AT_FDCWD, "nothing", times, AT_SYMLINK_NOFOLLOW);
  call(SYS_fadvise64, fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  call(SYS_sync_file_range, fd, 0, 0, SYNC_FILE_RANGE_WRITE);
  call(SYS_flock, fd, LOCK_EX | LOCK_NB);
  call(SYS_fcntl, fd, F_GETFD);
  call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
  call(SYS_fcntl, fd, F_SETFL, O_RDONLY | O_APPEND | O_NONBLOCK);
  call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 20);
  call(SYS_fcntl, fd, F_SETLK, &lock);
  call(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_GROW);
  call(SYS_fcntl, -1, F_GETFD);
  call(SYS_ioctl, fd, FIONREAD, &number);
  call(SYS_ioctl, fd, FIOCLEX);
  call(SYS_ioctl, fd, TCGETS, back);
  call(SYS_ioctl, fd, TIOCGWINSZ, back);
  call(SYS_dup2, fd, 30);
  call(SYS_dup3, fd, 31, O_CLOEXEC);
  call(SYS_dup3, fd, fd, 0);
  call(SYS_getdents64, dir, back, sizeof back);
  call(SYS_sendfile, 31, 30, &offset, 0);
  call(SYS_copy_file_range, fd, NULL, 30, NULL, 0, 0);
  call(SYS_setxattr, "dir/file", "user.name", "value", 5, 1);
  call(SYS_getxattr, "dir/file", "user.name", back, sizeof back);
  call(SYS_getxattr, "dir/file", "user.name", NULL, 0);
  call(SYS_getxattr, "dir/file", "user.other", back, sizeof back);
  call(SYS_removexattr, "dir/file", "user.name");
  fds[0].fd = fd;
  fds[0].events = POLLIN | POLLOUT;
  call(SYS_ppoll, fds, 1, &none, NULL, 8);
  long map = call(SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  call(SYS_mprotect, map, PAGE, PROT_NONE);
  call(SYS_madvise, map, PAGE, MADV_DONTNEED);
  call(SYS_munmap, map, PAGE);
  call(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, -1, 0);
  call(SYS_msync, 0, 0, MS_SYNC);
  call(SYS_close_range, 30, ~0U, CLOSE_RANGE_CLOEXEC);
  call(SYS_close_range, 30, ~0U, 0);
  call(SYS_close, 99);
  call(SYS_kill, 1 << 30, 15);
  call(SYS_unlinkat, dir, "link", 0);
  call(SYS_unlinkat, AT_FDCWD, "dir", AT_REMOVEDIR);
  call(SYS_chdir, "dir");
  call(SYS_getcwd, back, 1);
  call(SYS_fchdir, fd);
  call(SYS_fsync, fd);
  call(SYS_nanosleep, &none, NULL);
  call(SYS_getrandom, back, 4, 99);
  call(SYS_inotify_init1, 0);
  call(SYS_eventfd2, 0, 04000 | 02000000);
  call(SYS_memfd_create, "name", 1);
  call(SYS_getppid);
  fclose(report);
  return 0;
}
