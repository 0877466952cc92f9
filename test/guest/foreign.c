// What a user may not do to files that are another's: run by one who is not root, beside files of root's.
#include "guest.h"
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <utime.h>

#define raw(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

// Younger than the headers of this machine may be (arch/x86/entry/syscalls/syscall_64.tbl).
enum { nr_fchmodat2 = 452, nr_removexattrat = 466, nr_file_setattr = 469 };

static char bytes[64];
static struct timeval times[2];
static struct timespec precise[2];

/** shared/theirs can be read by all, and written by its owner alone; shared/ is writable for all, and sticky.
 */
static void owners_only(void) {
  const char* theirs = "/shared/theirs";
  int fd = (int)show(raw(open, theirs, O_RDONLY));
  show(raw(chmod, theirs, 0666));
  show(raw(fchmod, fd, 0666));
  show(raw(fchmodat, AT_FDCWD, theirs, 0666));
  show(raw(chown, theirs, getuid(), -1));
  show(raw(lchown, theirs, getuid(), -1));
  show(raw(fchown, fd, getuid(), -1));
  show(raw(fchownat, AT_FDCWD, theirs, getuid(), -1, 0));
  show(raw(utime, theirs, (&(struct utimbuf){1, 2})));
  show(raw(utimes, theirs, times));
  show(raw(futimesat, AT_FDCWD, theirs, times));
  show(raw(utimensat, AT_FDCWD, theirs, precise, 0));
  show(raw(open, theirs, O_RDONLY | O_NOATIME));
  show(raw(openat, AT_FDCWD, theirs, O_RDONLY | O_NOATIME));
  show(raw(fcntl, fd, F_SETFL, O_NOATIME));
  show(raw(unlink, theirs));
  show(raw(unlinkat, AT_FDCWD, theirs, 0));
  show(raw(rmdir, "/shared/room"));
  show(raw(unlinkat, AT_FDCWD, "/shared/room", AT_REMOVEDIR));
  show(raw(rename, theirs, "/shared/mine"));
  show(raw(renameat, AT_FDCWD, theirs, AT_FDCWD, "/shared/mine"));
  show(raw(renameat2, AT_FDCWD, theirs, AT_FDCWD, "/shared/mine", 0));
  show(syscall(nr_fchmodat2, AT_FDCWD, theirs, 0666, 0));
  show(raw(setxattr, "/shared", "user.x", "x", 1, 0));
  show(raw(lsetxattr, "/shared", "user.x", "x", 1, 0));
  int room = (int)must(open("/shared", O_RDONLY));
  show(raw(fsetxattr, room, "user.x", "x", 1, 0));
  show(raw(mknod, "device", S_IFBLK | 0600, makedev(7, 0)));
  show(raw(mknodat, AT_FDCWD, "device", S_IFCHR | 0600, makedev(1, 3)));
  show((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

/** What there is no permission to write or to search. */
static void no_permission(void) {
  const char* theirs = "/shared/theirs";
  show(raw(open, theirs, O_WRONLY));
  show(raw(openat, AT_FDCWD, theirs, O_RDWR | O_TRUNC));
  show(raw(creat, theirs, 0600));
  show(raw(truncate, theirs, 0));
  show(raw(access, theirs, W_OK));
  show(raw(faccessat, AT_FDCWD, theirs, W_OK));
  show(raw(faccessat2, AT_FDCWD, theirs, W_OK, AT_EACCESS));
  show(raw(utime, theirs, NULL));
  show(raw(utimes, theirs, NULL));
  show(raw(utimensat, AT_FDCWD, theirs, NULL, 0));
  show(raw(setxattr, theirs, "user.x", "x", 1, 0));
  show(raw(removexattr, theirs, "user.x"));
  show(raw(mkdir, "/shared/room/inside", 0700));
  show(raw(link, theirs, "/shared/room/link"));
  show(raw(symlink, "theirs", "/shared/room/link"));
  show(raw(rename, "notes.txt", "/shared/room/notes"));
  show(raw(open, "/shared/room/made", O_CREAT | O_WRONLY, 0600));
  // A descriptor of a directory that could be opened, and then was closed to its owner.
  must(mkdir("mine", 0700));
  int mine = (int)must(open("mine", O_RDONLY));
  must(mkdirat(mine, "deeper", 0700));
  must(chdir("mine/deeper"));
  must(chmod("/work/mine", 0));
  show(raw(fchdir, mine));
  show(raw(chdir, "/work/mine"));
  show(raw(open, "/work/mine", O_RDONLY | O_DIRECTORY));
  show(raw(getcwd, bytes, sizeof bytes));
  must(chmod("/work/mine", 0700));
}

int main(void) {
  begin();
  if (access("/shared/theirs", R_OK) != 0 || geteuid() == 0) return 77;
  owners_only();
  no_permission();
  return 0;
}
