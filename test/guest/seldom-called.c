// Calls that the C library has newer ones for, and calls that it has no function for: by their numbers.
#include "guest.h"
#include <dirent.h>
#include <limits.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

#define raw(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

// Younger than the headers of this machine may be (arch/x86/entry/syscalls/syscall_64.tbl).
enum {
  nr_cachestat = 451,
  nr_fchmodat2 = 452,
  nr_listxattrat = 465,
  nr_removexattrat = 466,
  nr_file_getattr = 468,
  nr_file_setattr = 469
};

static void print(const char* path) {
  struct stat facts;
  if (raw(lstat, path, &facts) != 0)
    printf("%s: %s\n", path, strerrorname_np(errno));
  else
    printf("%s: mode %o, %ld bytes, atime %ld.%09ld, mtime %ld.%09ld\n", path, facts.st_mode,
           (long)facts.st_size, facts.st_atim.tv_sec, facts.st_atim.tv_nsec, facts.st_mtim.tv_sec,
           facts.st_mtim.tv_nsec);
}

static void opens(void) {
  struct stat facts;
  int fd = (int)show(raw(creat, "created", 0604));
  show(write(fd, "text", 4));
  show(read(fd, &fd, 1));
  show(raw(creat, "no-such/created", 0604));
  show(raw(creat, ".", 0604));
  show(raw(open, "created", O_RDONLY | O_CLOEXEC));
  show(fcntl(4, F_GETFD));
  show(raw(open, "created", O_WRONLY | O_CREAT | O_EXCL, 0600));
  show(raw(open, "no-such", O_RDONLY));
  show(raw(stat, "created", &facts));
  show(raw(lstat, "no-such", &facts));
  show(raw(lstat, "created/below", &facts));
  must(symlink("created", "soft"));
  show(raw(lstat, "soft", &facts));
  printf("a link of %ld bytes\n", (long)facts.st_size);
  show(raw(faccessat, AT_FDCWD, "created", R_OK));
  show(raw(faccessat, AT_FDCWD, "created", X_OK));
  show(raw(faccessat, 99, "created", R_OK));
  show(raw(faccessat, AT_FDCWD, "created", 8));
  show(raw(faccessat2, AT_FDCWD, "soft", F_OK, AT_SYMLINK_NOFOLLOW));
  show(raw(faccessat2, AT_FDCWD, "soft", F_OK, 0x4000));
  show(raw(faccessat2, 3, "", W_OK, AT_EMPTY_PATH));
  show(raw(fchmodat, AT_FDCWD, "created", 0640));
}

static void nodes(void) {
  show(raw(mknod, "a-fifo", S_IFIFO | 0640, 0));
  show(raw(mknod, "a-file", S_IFREG | 0600, 0));
  show(raw(mknod, "a-file", S_IFREG | 0600, 0));
  show(raw(mknod, "a-socket", S_IFSOCK | 0755, 0));
  show(raw(mknod, "a-directory", S_IFDIR | 0755, 0));
  show(raw(mknod, "nothing", 0170000, 0));
  show(raw(mknod, "no-such/a-file", S_IFREG | 0600, 0));
  show(raw(mknodat, AT_FDCWD, "plain", 0600, 0));
  show(raw(mknodat, 99, "plain", 0600, 0));
  const char* made[] = {"a-fifo", "a-file", "a-socket", "plain"};
  struct stat facts;
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    must(stat(made[i], &facts));
    printf("%s: mode %o\n", made[i], facts.st_mode);
  }
  show(unlink("a-socket"));
  show(unlink("a-fifo"));
}

static void times(void) {
  put("timed", "t");
  show(raw(utime, "timed", &(struct utimbuf){50, 60}));
  print("timed");
  show(raw(utimes, "timed", (struct timeval[]){{10, 20}, {30, 40}}));
  print("timed");
  show(raw(utimes, "timed", (struct timeval[]){{10, 1000000}, {30, 40}}));
  int here = (int)must(open(".", O_RDONLY));
  show(raw(futimesat, here, "timed", (struct timeval[]){{1, 2}, {3, 4}}));
  print("timed");
  show(raw(futimesat, here, "no-such", NULL));
  show(raw(utime, "no-such", NULL));
  show(raw(utime, "timed", (struct utimbuf*)16));
  must(close(here));
}

static void attributes(void) {
  char value[32] = {0}, names[64] = {0};
  put("marked", "m");
  must(symlink("marked", "marked-link"));
  int fd = (int)must(open("marked", O_RDONLY));
  show(lsetxattr("marked", "user.a", "one", 3, XATTR_CREATE));
  show(lsetxattr("marked", "user.a", "one", 3, XATTR_CREATE));
  show(lsetxattr("marked", "user.b", "two", 3, XATTR_REPLACE));
  show(lsetxattr("marked-link", "user.a", "x", 1, 0));
  show(fsetxattr(fd, "user.b", "", 0, 0));
  show(setxattr("marked", "wrong", "x", 1, 0));
  show(setxattr("marked", "user.c", "x", 1, 99));
  show(setxattr("marked", "user.", "x", 1, 0));
  show(llistxattr("marked", names, sizeof names));
  show(llistxattr("marked-link", names, sizeof names));
  show(llistxattr("marked", names, 3));
  show(syscall(nr_listxattrat, AT_FDCWD, "marked", 0, names, sizeof names) > 0 || errno == ENOSYS);
  show(lgetxattr("marked", "user.a", value, sizeof value));
  show(fgetxattr(fd, "user.none", value, sizeof value));
  show(raw(fgetxattr, fd, "user.a", 16, 3));
  show(fremovexattr(fd, "user.b"));
  show(fremovexattr(fd, "user.b"));
  show(lremovexattr("marked", "user.none"));
  show(syscall(nr_removexattrat, AT_FDCWD, "marked", 0, "user.a") == 0 ||
       lremovexattr("marked", "user.a") == 0);
  show(llistxattr("marked", names, sizeof names));
  show(fremovexattr(99, "user.a"));
}

static void durable(void) {
  int fd = (int)must(open("created", O_RDWR));
  show(raw(sync));
  show(raw(syncfs, fd));
  show(raw(syncfs, 99));
  show(fsync(fd));
  show(sync_file_range(fd, 0, 0, 7));
  show(sync_file_range(fd, -1, 0, 7));
  show(sync_file_range(fd, 0, 0, 8));
  show(readahead(fd, 0, 100));
  show(readahead(99, 0, 100));
  unsigned long long range[2] = {0, 0}, found[5];
  show(syscall(nr_cachestat, fd, range, found, 0) == 0 || errno == ENOSYS || errno == EOPNOTSUPP);
  show(syscall(nr_fchmodat2, AT_FDCWD, "created", 0600, 0) == 0 || errno == ENOSYS);
  show(fallocate(fd, 0, 0, 10000));
  show(lseek(fd, 0, SEEK_END));
  show(fallocate(fd, FALLOC_FL_KEEP_SIZE, 10000, 10000));
  show(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 2) == 0 || errno == EOPNOTSUPP);
  show(fallocate(fd, 0x1000, 0, 10));
  show(fallocate(open("created", O_RDONLY), 0, 0, 10));
  show(lseek(fd, 0, SEEK_END));
}

/** struct file_attr (linux/fs.h): flags first. */
static void flags_of_files(void) {
  unsigned long long attributes[4] = {0};
  const unsigned long long no_dump = 0x80;
  show(syscall(nr_file_getattr, AT_FDCWD, "created", attributes, 24, 0));
  attributes[0] |= no_dump;
  show(syscall(nr_file_setattr, AT_FDCWD, "created", attributes, 24, 0));
  memset(attributes, 0, sizeof attributes);
  show(syscall(nr_file_getattr, AT_FDCWD, "created", attributes, 32, 0));
  show((long)attributes[0] & 0xff);
  show(syscall(nr_file_getattr, AT_FDCWD, "created", attributes, 8, 0));
  show(syscall(nr_file_getattr, AT_FDCWD, "no-such", attributes, 24, 0));
  show(syscall(nr_file_getattr, AT_FDCWD, "created", 16, 24, 0));
  show(syscall(nr_file_setattr, AT_FDCWD, "created", 16, 24, 0));
  show(syscall(nr_file_setattr, 99, "created", attributes, 24, 0));
}

struct old_entry {
  unsigned long inode;
  long offset;
  unsigned short length;
  char name[];
};

static void old_listing(void) {
  char entries[4096];
  must(mkdir("listed", 0755));
  put("listed/one", "1");
  put("listed/two", "2");
  int fd = (int)must(open("listed", O_RDONLY | O_DIRECTORY)), seen = 0;
  show(raw(getdents, fd, entries, 8));
  long got = raw(getdents, fd, entries, sizeof entries);
  for (char* at = entries; at < entries + got; at += ((struct old_entry*)at)->length)
    seen++;
  printf("%d entries\n", seen);
  show(raw(getdents, fd, entries, sizeof entries));
  show(raw(getdents, open("created", O_RDONLY), entries, sizeof entries));
}

/** Both ends of two FIFOs of the server. */
static void tees(void) {
  char text[16] = {0};
  must(mkfifo("left", 0600));
  must(mkfifo("right", 0600));
  int left = (int)must(open("left", O_RDWR)), right = (int)must(open("right", O_RDWR));
  must(write(left, "twice", 5));
  show(tee(left, right, 100, 0));
  show(splice(left, NULL, right, NULL, 100, 0));
  show(read(right, text, sizeof text));
  printf("\"%s\"\n", text);
  show(tee(left, right, 100, SPLICE_F_NONBLOCK));
  show(tee(left, left, 100, 0));
  show(tee(left, open("created", O_RDWR), 100, 0));
  unlink("left");
  unlink("right");
}

int main(void) {
  begin();
  opens();
  nodes();
  times();
  attributes();
  durable();
  flags_of_files();
  old_listing();
  tees();
  return 0;
}
