// stat, lstat, fstat, statx, openat2, statfs: every field that does not differ from run to run.
#include "guest.h"
#include <linux/openat2.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

static void print_stat(const struct stat* f) {
  printf("mode %o, links %ld, size %ld, blocks %ld, block size %ld, mtime %ld.%09ld\n", f->st_mode,
         (long)f->st_nlink, (long)f->st_size, (long)f->st_blocks, (long)f->st_blksize, f->st_mtim.tv_sec,
         f->st_mtim.tv_nsec);
}

static void print_statx(const struct statx* f) {
  printf("mask has basics %d, mode %o, links %u, size %llu, mtime %lld.%09u\n",
         (f->stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS, f->stx_mode, f->stx_nlink,
         (unsigned long long)f->stx_size, (long long)f->stx_mtime.tv_sec, f->stx_mtime.tv_nsec);
}

static long openat2(int directory, const char* path, struct open_how how, size_t size) {
  return syscall(SYS_openat2, directory, path, &how, size);
}

int main(void) {
  begin();
  struct stat one, two;
  struct statx more;
  struct timespec times[2] = {{1000000000, 1}, {1000000001, 123456789}};
  put("file", "12345");
  must(symlink("file", "soft"));
  must(mkdir("inside", 0755));
  must(utimensat(AT_FDCWD, "file", times, 0));
  int fd = (int)must(open("file", O_RDONLY)), inside = (int)must(open("inside", O_RDONLY | O_DIRECTORY));

  show(stat("file", &one));
  print_stat(&one);
  show(fstat(fd, &two));
  printf("the same: %d\n", one.st_ino == two.st_ino && one.st_dev == two.st_dev);
  show(syscall(SYS_fstat, fd, &two));
  print_stat(&two);
  show(syscall(SYS_stat, "soft", &two));
  printf("the same: %d\n", one.st_ino == two.st_ino);
  show(lstat("soft", &two));
  printf("another: %d, size %ld\n", one.st_ino != two.st_ino, (long)two.st_size);
  show(fstatat(AT_FDCWD, "soft", &two, AT_SYMLINK_NOFOLLOW));
  show(fstatat(AT_FDCWD, "soft", &two, 0x40000));
  show(statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS | STATX_BTIME, &more));
  print_statx(&more);
  show(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &more));
  print_statx(&more);
  show(statx(fd, "", 0, STATX_BASIC_STATS, &more));
  show(statx(AT_FDCWD, "nowhere", 0, STATX_BASIC_STATS, &more));
  show(statx(AT_FDCWD, "file", 0, STATX__RESERVED, &more));
  printf("a file is not a terminal's device: %d\n", S_ISREG(one.st_mode));

  show(openat2(AT_FDCWD, "file", (struct open_how){.flags = O_RDONLY}, sizeof(struct open_how)));
  show(openat2(AT_FDCWD, "soft", (struct open_how){.resolve = RESOLVE_NO_SYMLINKS}, sizeof(struct open_how)));
  show(openat2(inside, "../file", (struct open_how){.resolve = RESOLVE_BENEATH}, sizeof(struct open_how)));
  show(openat2(inside, "../file", (struct open_how){.resolve = RESOLVE_IN_ROOT}, sizeof(struct open_how)));
  show(openat2(AT_FDCWD, "made", (struct open_how){.flags = O_CREAT | O_WRONLY, .mode = 0604},
               sizeof(struct open_how)));
  show(
      openat2(AT_FDCWD, "file", (struct open_how){.flags = O_RDONLY, .mode = 0604}, sizeof(struct open_how)));
  show(openat2(AT_FDCWD, "file", (struct open_how){.flags = O_RDONLY}, 8));
  show(stat("made", &one));
  printf("mode %o\n", one.st_mode);

  struct statfs here, there;
  show(statfs(".", &here));
  show(fstatfs(fd, &there));
  printf("the same: %d, longest name %ld\n", here.f_type == there.f_type, (long)here.f_namelen);
  return 0;
}
