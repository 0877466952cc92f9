// chdir, fchdir, getcwd, relative paths with .., and the *at calls with directory descriptors.
#include "guest.h"
#include <limits.h>
#include <sys/syscall.h>

static void print_cwd(void) {
  char path[PATH_MAX];
  printf("working directory: %s\n", getcwd(path, sizeof path) ? path : strerrorname_np(errno));
}

int main(void) {
  begin();
  char text[64] = {0}, tiny[3];
  struct stat facts;
  print_cwd();
  show(mkdir("rooms", 0755));
  show(mkdir("rooms/left", 0755));
  show(mkdir("rooms/right", 0755));
  put("rooms/left/here", "left");
  int rooms = (int)must(open("rooms", O_RDONLY | O_DIRECTORY));
  int left = (int)must(open("rooms/left", O_PATH | O_DIRECTORY));
  show(chdir("rooms/left"));
  print_cwd();
  cat("here");
  cat("./../left/../left/here");
  show(chdir("../right"));
  print_cwd();
  cat("../left/here");
  show(fchdir(rooms));
  print_cwd();
  show(fchdir(left));
  print_cwd();
  show(chdir("here"));
  show(chdir("nowhere"));
  show(fchdir(99));
  show(syscall(SYS_getcwd, tiny, sizeof tiny));
  pid_t child = fork();
  if (child == 0) {
    show(chdir("/"));
    print_cwd();
    _exit(0);
  }
  reap("wanderer", child);
  print_cwd();

  show(openat(rooms, "left/here", O_RDONLY));
  show(openat(left, "here", O_RDONLY));
  show(openat(left, "../right/new", O_WRONLY | O_CREAT | O_EXCL, 0600));
  show(openat(left, "../right/new", O_WRONLY | O_CREAT | O_EXCL, 0600));
  show(openat(99, "here", O_RDONLY));
  show(openat(99, "/work/rooms/left/here", O_RDONLY));
  show(openat(0, "here", O_RDONLY) == -1);
  show(mkdirat(rooms, "middle", 0750));
  show(symlinkat("../left/here", rooms, "middle/link"));
  show(readlinkat(rooms, "middle/link", text, sizeof text));
  printf("link to %s\n", text);
  show(readlinkat(rooms, "middle/link", text, 3));
  show(readlink("here", text, sizeof text));
  show(linkat(rooms, "middle/link", rooms, "middle/followed", AT_SYMLINK_FOLLOW));
  show(linkat(left, "here", rooms, "second-name", 0));
  show(fstatat(rooms, "second-name", &facts, 0));
  printf("%ld links, %ld bytes\n", (long)facts.st_nlink, (long)facts.st_size);
  show(fstatat(rooms, "middle/link", &facts, AT_SYMLINK_NOFOLLOW));
  printf("a link: %d\n", S_ISLNK(facts.st_mode));
  show(fstatat(left, "", &facts, AT_EMPTY_PATH));
  printf("a directory: %d\n", S_ISDIR(facts.st_mode));
  show(renameat(rooms, "second-name", left, "moved"));
  show(renameat2(AT_FDCWD, "moved", AT_FDCWD, "here", RENAME_NOREPLACE));
  show(renameat2(rooms, "middle", rooms, "right", RENAME_EXCHANGE));
  show(faccessat(rooms, "right/link", R_OK, 0));
  show(faccessat(rooms, "middle/new", F_OK, 0));
  show(faccessat(rooms, "middle/newer", F_OK, 0));
  show(fchmodat(rooms, "middle/new", 0640, 0));
  show(unlinkat(rooms, "right", 0));
  show(unlinkat(rooms, "right", AT_REMOVEDIR));
  show(unlinkat(rooms, "middle/new", 0));
  show(unlinkat(rooms, "middle", AT_REMOVEDIR));
  show(chdir("/work/rooms/left/.."));
  print_cwd();
  show(rename("left", "renamed"));
  show(fchdir(left));
  print_cwd();
  show(chdir("/"));
  print_cwd();
  show(chdir(".."));
  print_cwd();
  show(access("usr/bin/env", X_OK));
  show(access("/work/rooms", F_OK));
  show(access("work/rooms", F_OK));
  show(access("usr/../work/rooms", F_OK));
  show(access("/work/../usr/bin/env", F_OK));
  return 0;
}
