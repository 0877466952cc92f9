// A file system that may only be read (the directory library): EROFS where it belongs, and the other errors
// that come before it.
#include "guest.h"
#include <sys/statvfs.h>
#include <sys/xattr.h>

int main(void) {
  begin();
  must(chdir("library"));
  struct statvfs facts;
  show(open("a/first.txt", O_WRONLY));
  show(open("a/first.txt", O_RDWR));
  show(open("a/first.txt", O_RDONLY | O_TRUNC));
  show(open("a/first.txt", O_RDONLY | O_CREAT, 0644) >= 0);
  show(open("a/first.txt", O_WRONLY | O_CREAT | O_EXCL, 0644));
  show(open("new", O_RDONLY | O_CREAT, 0644));
  show(open("new", O_WRONLY));
  show(open("a", O_WRONLY));
  show(open(".", O_TMPFILE | O_RDWR, 0600));
  show(creat("a/first.txt", 0644));
  show(mkdir("new", 0755));
  show(mkdir("a", 0755));
  show(mkdir("none/new", 0755));
  show(mknod("new", S_IFREG | 0644, 0));
  show(mkfifo("new", 0644));
  show(symlink("a", "new"));
  show(symlink("a", "b"));
  show(link("a/first.txt", "new"));
  show(link("a/first.txt", "a/second.txt"));
  show(link("none", "new"));
  show(rename("a/first.txt", "new"));
  show(rename("none", "new"));
  show(rename("a", "b"));
  show(unlink("a/first.txt"));
  show(unlink("none"));
  show(unlink("a"));
  show(rmdir("empty-room"));
  show(rmdir("a"));
  show(truncate("a/first.txt", 1));
  show(truncate("none", 1));
  show(chmod("a/first.txt", 0600));
  show(chown("a/first.txt", 1, 1));
  show(utimensat(AT_FDCWD, "a/first.txt", NULL, 0));
  show(setxattr("a/first.txt", "user.x", "y", 1, 0));
  show(removexattr("a/first.txt", "user.x"));
  show(access("a/first.txt", W_OK));
  show(access("a/first.txt", R_OK));
  show(access("a", W_OK));
  int fd = (int)must(open("a/first.txt", O_RDONLY));
  show(fchmod(fd, 0600));
  show(fchown(fd, 1, 1));
  show(futimens(fd, NULL));
  show(fsetxattr(fd, "user.x", "y", 1, 0));
  show(ftruncate(fd, 0));
  show(write(fd, "x", 1));
  show(fsync(fd));
  show(fallocate(fd, 0, 0, 10));
  must(statvfs(".", &facts));
  printf("read-only: %d\n", (facts.f_flag & ST_RDONLY) != 0);
  cat("a/first.txt");
  return 0;
}
