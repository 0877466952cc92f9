// Paths in /proc and /dev that lead to files, directories and descriptors, of this process and of another:
// what is about the file, and what is about the link itself.
#include "guest.h"
#include <limits.h>
#include <signal.h>
#include <sys/xattr.h>

static char path[128], text[PATH_MAX];
static struct stat facts;
static char* volatile bad = (char*)16;

static const char* of(const char* what) {
  snprintf(path, sizeof path, "/proc/self/%s", what);
  return path;
}

static const char* by_number(int fd) {
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return path;
}

static void leads(const char* link) {
  ssize_t length = readlink(link, text, sizeof text - 1);
  text[length < 0 ? 0 : length] = 0;
  printf("leads to %s\n", length < 0 ? strerrorname_np(errno) : text);
}

/** The link itself: nothing of this touches the file. */
static void about_links(int fd) {
  show(lstat(by_number(fd), &facts));
  printf("a link: %d\n", S_ISLNK(facts.st_mode));
  show(fstatat(AT_FDCWD, by_number(fd), &facts, AT_SYMLINK_NOFOLLOW));
  printf("a link: %d\n", S_ISLNK(facts.st_mode));
  show(open(by_number(fd), O_RDONLY | O_NOFOLLOW));
  int link = (int)show(open(by_number(fd), O_PATH | O_NOFOLLOW));
  show(fstat(link, &facts));
  printf("a link: %d\n", S_ISLNK(facts.st_mode));
  must(close(link));
  show(unlink(by_number(fd)));
  show(unlinkat(AT_FDCWD, by_number(fd), 0));
  show(rmdir(by_number(fd)));
  show(mkdir(by_number(fd), 0755));
  show(symlink("x", by_number(fd)));
  show(mknod(by_number(fd), S_IFREG | 0644, 0));
  show(lsetxattr(by_number(fd), "user.x", "y", 1, 0));
  show(rename(by_number(fd), "other"));
  show(rename("file", by_number(fd)));
  show(open(by_number(fd), O_RDWR | O_CREAT | O_EXCL, 0644));
  cat("file");
}

static void about_files(int fd) {
  int again = (int)show(open(by_number(fd), O_RDWR | O_CREAT, 0644));
  show(read(again, text, 3));
  must(close(again));
  show(stat(by_number(fd), &facts));
  printf("%ld bytes\n", (long)facts.st_size);
  show(fstatat(AT_FDCWD, by_number(fd), &facts, 0));
  show(truncate(by_number(fd), 5));
  show(setxattr(by_number(fd), "user.x", "y", 1, 0));
  snprintf(path, sizeof path, "/dev/fd/%d", fd);
  cat(path);
  leads(path);
  show(readlink(path, text, 3));
  show(readlink(path, bad, 3));
  show(open(strcat(path, "/below"), O_RDONLY));
}

/** A file that has been renamed has its new name; one that is gone can be looked at as long as it is open. */
static void renamed(int fd) {
  must(mkdir("room", 0755));
  show(rename("file", "room/moved"));
  leads(by_number(fd));
  show(rename("room", "hall"));
  leads(by_number(fd));
  show(stat(by_number(fd), &facts));
  must(close((int)show(open(by_number(fd), O_RDONLY))));
  put("other", "x");
  show(renameat2(AT_FDCWD, "hall/moved", AT_FDCWD, "other", RENAME_EXCHANGE));
  leads(by_number(fd));
  show(unlink("other"));
  leads(by_number(fd));
  show(stat(by_number(fd), &facts));
  printf("%ld links, %ld bytes\n", (long)facts.st_nlink, (long)facts.st_size);
  show(fstatat(AT_FDCWD, by_number(fd), &facts, 0));
  show(faccessat(AT_FDCWD, by_number(fd), W_OK, AT_EACCESS));
  show(utimensat(AT_FDCWD, by_number(fd), NULL, 0));
  show(fchownat(AT_FDCWD, by_number(fd), getuid(), getgid(), 0));
}

static void directories(void) {
  must(chdir("hall"));
  put("here", "in the hall");
  leads(of("cwd"));
  cat(of("cwd/here"));
  cat(of("cwd/nowhere"));
  cat(of("root/work/hall/here"));
  leads(of("root"));
  show(access(of("root/usr/bin/env"), X_OK));
  show(stat(of("cwd"), &facts));
  printf("a directory: %d\n", S_ISDIR(facts.st_mode));
  show(lstat(of("cwd"), &facts));
  printf("a link: %d\n", S_ISLNK(facts.st_mode));
  int fd = (int)must(open(".", O_RDONLY | O_DIRECTORY));
  must(chdir("/"));
  show(chdir(by_number(fd)));
  cat("here");
  leads(of("cwd"));
  show(chdir(of("cwd/..")));
  leads(of("cwd"));
  show(chdir(of("root")));
  leads(of("cwd"));
  show(chdir(of("root/work")));
  leads(of("cwd"));
  show(mkdir(strcat((char*)by_number(fd), "/made"), 0755));
  show(rmdir(strcat((char*)by_number(fd), "/made")));
  show(rmdir(by_number(fd)));
}

static void others(void) {
  int ready[2];
  char byte;
  must(pipe(ready));
  pid_t child = fork();
  if (child == 0) {
    int fd = (int)must(open("child", O_RDWR | O_CREAT, 0644));
    must(write(fd, "of the child", 12));
    must(dup2(fd, 50));
    must(chdir("hall"));
    must(write(ready[1], "x", 1));
    pause();
  }
  must(read(ready[0], &byte, 1));
  snprintf(path, sizeof path, "/proc/%d/fd/50", child);
  leads(path);
  show(stat(path, &facts));
  printf("%ld bytes\n", (long)facts.st_size);
  int its = (int)show(open(path, O_RDONLY));
  show(read(its, text, 30));
  show(lstat(path, &facts));
  printf("a link: %d\n", S_ISLNK(facts.st_mode));
  show(open(path, O_RDWR) >= 0);
  show(unlink(path));
  must(unlink("child"));
  leads(path);
  snprintf(path, sizeof path, "/proc/%d/fd/51", child);
  show(open(path, O_RDWR));
  snprintf(path, sizeof path, "/proc/%d/cwd", child);
  leads(path);
  snprintf(path, sizeof path, "/proc/%d/task/%d/cwd/here", child, child);
  show(access(path, R_OK));
  must(kill(child, SIGKILL));
  reap("child", child);
}

/** Errors of calls whose paths may be of different sides: EXDEV is the last of them. */
static void two_sides(void) {
  int here = (int)must(open("hall", O_RDONLY | O_DIRECTORY)),
      usr = (int)must(open("/usr", O_RDONLY | O_DIRECTORY));
  put("hall/x", "x");
  show(renameat(usr, "bin/env", here, "x"));
  show(renameat(usr, "nowhere/env", here, "x"));
  show(renameat(usr, "bin/env/below", here, "x"));
  show(renameat(here, "x", usr, "nowhere/x"));
  show(renameat(here, "nowhere/x", usr, "x"));
  show(renameat(here, "nowhere", usr, "x"));
  show(renameat(here, "", usr, "x"));
  show(renameat(here, "x", usr, ""));
  show(renameat2(here, "x", usr, "x", 99));
  show(renameat2(usr, "nowhere/x", here, "nowhere/x", RENAME_EXCHANGE | RENAME_NOREPLACE));
  show(linkat(usr, "bin/env", here, "y", 0));
  show(linkat(usr, "nowhere", here, "y", 0));
  show(linkat(usr, "nowhere", here, "nowhere/y", 0));
  show(linkat(here, "nowhere", usr, "y", 0));
  show(linkat(here, "x", usr, "nowhere/y", 0));
  show(linkat(here, "x", usr, "bin", 0));
  show(linkat(usr, "bin/env", here, "x", 0));
  show(linkat(usr, "bin/env", here, "y", 0x4000));
  show(link("/usr/nowhere", "hall/y"));
  show(link("hall/x/below", "/usr/y"));
  show(rename("/usr/bin/env/", "hall/nowhere/"));
  show(access("hall/x", F_OK));
}

int main(void) {
  begin();
  put("file", "0123456789");
  int fd = (int)must(open("file", O_RDWR));
  about_links(fd);
  about_files(fd);
  renamed(fd);
  directories();
  others();
  two_sides();
  return 0;
}
