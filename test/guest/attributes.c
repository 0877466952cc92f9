// Extended attributes of the user.* family, and the calls of Linux 6.13 with a directory and a struct that
// points to the value.
#include "guest.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

// Younger than the headers of this machine may be (arch/x86/entry/syscalls/syscall_64.tbl, linux/xattr.h).
enum { nr_setxattrat = 463, nr_getxattrat, nr_listxattrat, nr_removexattrat };

struct value_args {
  uint64_t value;
  uint32_t size;
  uint32_t flags;
  uint64_t more;
};

static struct value_args args_of(void* value, uint32_t size, uint32_t flags) {
  return (struct value_args){(uint64_t)value, size, flags, 0};
}

#define set_at(dirfd, path, flags, name, ...) set_sized(dirfd, path, flags, name, 16, __VA_ARGS__)
#define set_sized(dirfd, path, flags, name, size, ...)                                                       \
  show(syscall(nr_setxattrat, dirfd, path, flags, name, (struct value_args[]){args_of(__VA_ARGS__)}, size))
#define get_at(dirfd, path, flags, name, ...) get_sized(dirfd, path, flags, name, 16, __VA_ARGS__)
#define get_sized(dirfd, path, flags, name, size, ...)                                                       \
  show(syscall(nr_getxattrat, dirfd, path, flags, name, (struct value_args[]){args_of(__VA_ARGS__)}, size))

static void with_directories(int fd) {
  static char value[64], names[128], huge[70000];
  char* edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(munmap(edge + 4096, 4096));
  int here = (int)must(open(".", O_RDONLY | O_DIRECTORY)), path = (int)must(open("file", O_PATH));
  set_at(here, "file", 0, "user.at", "one", 3, 0);
  set_at(here, "file", 0, "user.at", "two", 3, XATTR_CREATE);
  set_at(here, "file", 0, "user.none", "two", 3, XATTR_REPLACE);
  set_at(here, "file", 0, "user.at", "three", 5, XATTR_REPLACE);
  set_at(fd, "", AT_EMPTY_PATH, "user.by-descriptor", "four", 4, 0);
  set_at(path, "", AT_EMPTY_PATH, "user.by-path", "five", 4, 0);
  set_at(AT_FDCWD, "soft", AT_SYMLINK_NOFOLLOW, "user.at", "six", 3, 0);
  set_at(AT_FDCWD, "soft", 0, "user.soft", "", 0, 0);
  set_at(AT_FDCWD, "file", 0x4000, "user.at", "seven", 5, 0);
  set_at(AT_FDCWD, "file", 0, "user.at", "seven", 5, 99);
  set_at(AT_FDCWD, "nowhere", 0, "user.at", "seven", 5, 0);
  set_at(77, "file", 0, "user.at", "seven", 5, 0);
  set_at(AT_FDCWD, "file", 0, "user.at", huge, 70000, 0);
  set_at(AT_FDCWD, "file", 0, "user.at", (char*)16, 5, 0);
  set_at(AT_FDCWD, "file", 0, "user.at", edge + 4090, 20, 0);
  set_at(AT_FDCWD, "file", 0, "user.null", NULL, 0, 0);
  set_sized(here, "file", 0, "user.at", 8, "eight", 5, 0);
  set_sized(here, "file", 0, "user.at", 24, "eight", 5, 0);
  set_sized(here, "file", 0, "user.at", 5000, "eight", 5, 0);
  show(syscall(nr_setxattrat, here, "file", 0, "user.at", 16, 16));
  show(syscall(nr_setxattrat, here, "file", 0, "user.at", edge + 4088, 16));
  get_at(here, "file", 0, "user.at", value, 64, 0);
  printf("value %s\n", value);
  get_at(here, "file", 0, "user.at", value, 0, 0);
  get_at(here, "file", 0, "user.at", NULL, 0, 0);
  get_at(here, "file", 0, "user.at", value, 2, 0);
  get_at(here, "file", 0, "user.at", value, 64, 1);
  get_at(here, "file", 0, "user.at", (char*)16, 64, 0);
  get_at(here, "file", 0, "user.at", edge + 4093, 64, 0);
  get_at(here, "file", 0, "user.at", huge, 70000, 0);
  get_at(fd, "", AT_EMPTY_PATH, "user.by-path", value, 64, 0);
  get_at(fd, NULL, AT_EMPTY_PATH, "user.by-descriptor", value, 64, 0);
  get_at(AT_FDCWD, "soft", AT_SYMLINK_NOFOLLOW, "user.at", value, 64, 0);
  get_at(here, "nowhere", 0, "user.at", value, 64, 0);
  get_sized(here, "file", 0, "user.at", 8, value, 64, 0);
  show(syscall(nr_getxattrat, here, "file", 0, "user.at", 16, 16));
  long count = show(syscall(nr_listxattrat, here, "file", 0, names, sizeof names));
  for (char* name = names; name < names + count; name += strlen(name) + 1)
    printf("name %s\n", name);
  show(syscall(nr_listxattrat, fd, "", AT_EMPTY_PATH, names, 3));
  show(syscall(nr_removexattrat, here, "file", 0, "user.at"));
  show(syscall(nr_removexattrat, here, "file", 0, "user.at"));
  show(syscall(nr_removexattrat, path, "", AT_EMPTY_PATH, "user.by-path"));
}

int main(void) {
  begin();
  char value[64] = {0}, names[128] = {0};
  put("file", "x");
  must(symlink("file", "soft"));
  int fd = (int)must(open("file", O_RDONLY));
  show(getxattr("file", "user.colour", value, sizeof value));
  show(setxattr("file", "user.colour", "green", 5, 0));
  show(setxattr("file", "user.colour", "red", 3, XATTR_CREATE));
  show(setxattr("file", "user.shape", "round", 5, XATTR_REPLACE));
  show(fsetxattr(fd, "user.size", "big", 3, XATTR_CREATE));
  show(getxattr("soft", "user.colour", value, sizeof value));
  printf("value %s\n", value);
  show(fgetxattr(fd, "user.size", NULL, 0));
  show(fgetxattr(fd, "user.size", value, 1));
  show(lgetxattr("soft", "user.colour", value, sizeof value));
  long count = show(listxattr("file", names, sizeof names));
  for (char* name = names; name < names + count; name += strlen(name) + 1)
    printf("name %s\n", name);
  show(flistxattr(fd, names, 3));
  show(removexattr("file", "user.colour"));
  show(removexattr("file", "user.colour"));
  show(getxattr("nowhere", "user.colour", value, sizeof value));
  with_directories(fd);
  return 0;
}
