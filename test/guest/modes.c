// umask, chmod, chown and utimensat, each through its path, its descriptor and its *at form.
#include "guest.h"
#include <sys/syscall.h>
#include <sys/time.h>
#include <utime.h>

static void print_mode(const char* path) {
  struct stat facts;
  if (lstat(path, &facts) == 0)
    printf("%s: mode %o\n", path, facts.st_mode & 07777);
  else
    printf("%s: %s\n", path, strerrorname_np(errno));
}

static void print_times(const char* path) {
  struct stat facts;
  must(lstat(path, &facts));
  printf("%s: atime %ld.%09ld, mtime %ld.%09ld\n", path, facts.st_atim.tv_sec, facts.st_atim.tv_nsec,
         facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

static void masks(void) {
  printf("umask was %03o\n", umask(0));
  must(close((int)must(open("open", O_CREAT | O_WRONLY, 0666))));
  print_mode("open");
  printf("umask was %03o\n", umask(027));
  must(close((int)must(open("closed", O_CREAT | O_WRONLY, 0666))));
  must(mkdir("closed-room", 0777));
  print_mode("closed");
  print_mode("closed-room");
  pid_t child = fork();
  if (child == 0) {
    umask(0777);
    must(mkdir("locked-room", 0777));
    print_mode("locked-room");
    _exit(0);
  }
  reap("child", child);
  printf("umask is still %03o\n", umask(022));
}

static void modes(void) {
  int fd = (int)must(open("open", O_RDONLY));
  show(chmod("open", 0751));
  print_mode("open");
  show(fchmod(fd, 01640));
  print_mode("open");
  show(fchmodat(AT_FDCWD, "open", 04600, 0));
  print_mode("open");
  show(chown("open", -1, -1));
  print_mode("open");
  show(fchown(fd, getuid(), getgid()));
  show(lchown("open", getuid(), -1));
  show(fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH));
  show(fchownat(AT_FDCWD, "nowhere", 0, 0, 0));
  show(access("open", W_OK));
  show(syscall(SYS_faccessat2, AT_FDCWD, "open", R_OK, AT_EACCESS));
  show(access("open", X_OK));
}

static void times(void) {
  struct timespec both[2] = {{1111111111, 5}, {1222222222, 6}};
  struct timespec one[2] = {{0, UTIME_OMIT}, {999999999, 999999999}};
  int fd = (int)must(open("open", O_WRONLY));
  must(symlink("open", "soft"));
  show(utimensat(AT_FDCWD, "open", both, 0));
  print_times("open");
  show(futimens(fd, one));
  print_times("open");
  show(utimensat(AT_FDCWD, "soft", both, AT_SYMLINK_NOFOLLOW));
  print_times("soft");
  show(utimes("open", (struct timeval[]){{10, 20}, {30, 40}}));
  print_times("open");
  show(utime("open", &(struct utimbuf){50, 60}));
  print_times("open");
  show(utimensat(AT_FDCWD, "open", (struct timespec[]){{1, 2000000000}, {0, 0}}, 0));
  show(utimensat(AT_FDCWD, "nowhere", NULL, 0));
  struct stat facts;
  show(utimensat(AT_FDCWD, "open", NULL, 0));
  must(stat("open", &facts));
  printf("now: %d\n", facts.st_mtim.tv_sec > 1600000000);
  must(utimensat(AT_FDCWD, "open", both, 0));
}

int main(void) {
  begin();
  masks();
  modes();
  times();
  return 0;
}
