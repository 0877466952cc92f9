// Each call that takes a path, with each kind of path that leads nowhere.
#include "guest.h"
#include <limits.h>
#include <linux/openat2.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <utime.h>

// Younger than the headers of this machine may be (arch/x86/entry/syscalls/syscall_64.tbl).
enum {
  SYS_fchmodat2_ = 452,
  SYS_setxattrat_ = 463,
  SYS_getxattrat_ = 464,
  SYS_listxattrat_ = 465,
  SYS_removexattrat_ = 466,
  SYS_file_getattr_ = 468,
  SYS_file_setattr_ = 469
};

static char bytes[4096];
static struct stat facts;
static struct statfs system_facts;
static struct open_how how;
static unsigned long attributes[3];
// struct xattr_args: where the value is, and its size.
static unsigned long value_args[2] = {(unsigned long)bytes, 1};

/** Where a call would make something, it must not: the path is given a directory that is not there. */
#define BY_PATH(X)                                                                                           \
  X(open, 0, syscall(SYS_open, path, O_RDONLY))                                                              \
  X(creat, 1, syscall(SYS_creat, path, 0600))                                                                \
  X(stat, 0, syscall(SYS_stat, path, &facts))                                                                \
  X(lstat, 0, syscall(SYS_lstat, path, &facts))                                                              \
  X(statfs, 0, syscall(SYS_statfs, path, &system_facts))                                                     \
  X(access, 0, syscall(SYS_access, path, R_OK))                                                              \
  X(readlink, 0, syscall(SYS_readlink, path, bytes, sizeof bytes))                                           \
  X(mkdir, 1, syscall(SYS_mkdir, path, 0700))                                                                \
  X(mknod, 1, syscall(SYS_mknod, path, S_IFREG | 0600, 0))                                                   \
  X(rmdir, 0, syscall(SYS_rmdir, path))                                                                      \
  X(unlink, 0, syscall(SYS_unlink, path))                                                                    \
  X(symlink, 1, syscall(SYS_symlink, "file", path))                                                          \
  X(symlink_to, 2, syscall(SYS_symlink, path, "directory"))                                                  \
  X(link, 0, syscall(SYS_link, path, "second"))                                                              \
  X(link_to, 1, syscall(SYS_link, "file", path))                                                             \
  X(rename, 0, syscall(SYS_rename, path, "second"))                                                          \
  X(rename_to, 1, syscall(SYS_rename, "file", path))                                                         \
  X(chmod, 0, syscall(SYS_chmod, path, 0644))                                                                \
  X(chown, 0, syscall(SYS_chown, path, -1, -1))                                                              \
  X(lchown, 0, syscall(SYS_lchown, path, -1, -1))                                                            \
  X(truncate, 0, syscall(SYS_truncate, path, 0))                                                             \
  X(utime, 0, syscall(SYS_utime, path, NULL))                                                                \
  X(utimes, 0, syscall(SYS_utimes, path, NULL))                                                              \
  X(chdir, 0, syscall(SYS_chdir, path))                                                                      \
  X(setxattr, 0, syscall(SYS_setxattr, path, "user.x", "x", 1, 0))                                           \
  X(lsetxattr, 0, syscall(SYS_lsetxattr, path, "user.x", "x", 1, 0))                                         \
  X(getxattr, 0, syscall(SYS_getxattr, path, "user.x", bytes, sizeof bytes))                                 \
  X(lgetxattr, 0, syscall(SYS_lgetxattr, path, "user.x", bytes, sizeof bytes))                               \
  X(listxattr, 0, syscall(SYS_listxattr, path, bytes, sizeof bytes))                                         \
  X(llistxattr, 0, syscall(SYS_llistxattr, path, bytes, sizeof bytes))                                       \
  X(removexattr, 0, syscall(SYS_removexattr, path, "user.x"))                                                \
  X(lremovexattr, 0, syscall(SYS_lremovexattr, path, "user.x"))

#define RELATIVE(X)                                                                                          \
  X(openat, 0, syscall(SYS_openat, dir, path, O_RDONLY))                                                     \
  X(openat2, 0, syscall(SYS_openat2, dir, path, &how, sizeof how))                                           \
  X(newfstatat, 0, syscall(SYS_newfstatat, dir, path, &facts, 0))                                            \
  X(statx, 0, syscall(SYS_statx, dir, path, 0, STATX_MODE, bytes))                                           \
  X(faccessat, 0, syscall(SYS_faccessat, dir, path, R_OK))                                                   \
  X(faccessat2, 0, syscall(SYS_faccessat2, dir, path, R_OK, AT_EACCESS))                                     \
  X(readlinkat, 0, syscall(SYS_readlinkat, dir, path, bytes, sizeof bytes))                                  \
  X(mkdirat, 1, syscall(SYS_mkdirat, dir, path, 0700))                                                       \
  X(mknodat, 1, syscall(SYS_mknodat, dir, path, S_IFREG | 0600, 0))                                          \
  X(unlinkat, 0, syscall(SYS_unlinkat, dir, path, 0))                                                        \
  X(unlinkat_of_directory, 0, syscall(SYS_unlinkat, dir, path, AT_REMOVEDIR))                                \
  X(symlinkat, 1, syscall(SYS_symlinkat, "file", dir, path))                                                 \
  X(linkat, 0, syscall(SYS_linkat, dir, path, AT_FDCWD, "second", 0))                                        \
  X(linkat_to, 1, syscall(SYS_linkat, AT_FDCWD, "file", dir, path, 0))                                       \
  X(renameat, 0, syscall(SYS_renameat, dir, path, AT_FDCWD, "second"))                                       \
  X(renameat_to, 1, syscall(SYS_renameat, AT_FDCWD, "file", dir, path))                                      \
  X(renameat2, 0, syscall(SYS_renameat2, dir, path, AT_FDCWD, "second", 0))                                  \
  X(renameat2_to, 1, syscall(SYS_renameat2, AT_FDCWD, "file", dir, path, 0))                                 \
  X(fchmodat, 0, syscall(SYS_fchmodat, dir, path, 0644))                                                     \
  X(fchmodat2, 0, syscall(SYS_fchmodat2_, dir, path, 0644, 0))                                               \
  X(fchownat, 0, syscall(SYS_fchownat, dir, path, -1, -1, 0))                                                \
  X(futimesat, 0, syscall(SYS_futimesat, dir, path, NULL))                                                   \
  X(utimensat, 0, syscall(SYS_utimensat, dir, path, NULL, 0))                                                \
  X(setxattrat, 0, syscall(SYS_setxattrat_, dir, path, 0, "user.x", value_args, sizeof value_args))          \
  X(getxattrat, 0, syscall(SYS_getxattrat_, dir, path, 0, "user.x", value_args, sizeof value_args))          \
  X(listxattrat, 0, syscall(SYS_listxattrat_, dir, path, 0, bytes, sizeof bytes))                            \
  X(removexattrat, 0, syscall(SYS_removexattrat_, dir, path, 0, "user.x"))                                   \
  X(file_getattr, 0, syscall(SYS_file_getattr_, dir, path, attributes, 24, 0))                               \
  X(file_setattr, 0, syscall(SYS_file_setattr_, dir, path, attributes, 24, 0))

#define FUNCTION(name, makes, call)                                                                          \
  static long make_##name(int dir, const char* path) {                                                       \
    (void)dir;                                                                                               \
    return call;                                                                                             \
  }
BY_PATH(FUNCTION)
RELATIVE(FUNCTION)

#define ENTRY(name, makes, call) {#name, makes, make_##name},
static const struct entry {
  const char* name;
  int makes;
  long (*make)(int dir, const char* path);
} by_path[] = {BY_PATH(ENTRY)}, relative[] = {RELATIVE(ENTRY)};

// Whether this kernel has the call.
static int try(const struct entry* call, const char* what, int dir, const char* path) {
  errno = 0;
  long result = call->make(dir, path);
  printf("%s, %s: %s\n", call->name, what, result == -1 ? strerrorname_np(errno) : "done");
  return result != -1 || errno != ENOSYS;
}

static char name[NAME_MAX + 2], far[PATH_MAX + 1];

static void try_all(const struct entry* call) {
  int is_there = try(call, "absent", AT_FDCWD, call->makes ? "absent/inside" : "absent");
  try(call, "empty", AT_FDCWD, "");
  try(call, "below a file", AT_FDCWD, "file/below");
  try(call, "in a loop", AT_FDCWD, "loop/below");
  try(call, "long name", AT_FDCWD, name);
  try(call, "long path", AT_FDCWD, far);
  // rsc reads the path before it asks who has the call.
  if (is_there) try(call, "no memory", AT_FDCWD, (const char*)16);
  if (geteuid() != 0) try(call, "closed", AT_FDCWD, "closed/inside");
}

int main(void) {
  begin();
  memset(name, 'n', NAME_MAX + 1);
  for (size_t i = 0; i < PATH_MAX; i++)
    far[i] = i % 2 ? '/' : '.';
  put("file", "text");
  must(mkdir("directory", 0755));
  must(symlink("loop", "loop"));
  must(mkdir("closed", 0755));
  put("closed/inside", "hidden");
  must(chmod("closed", 0));
  int file = (int)must(open("file", O_RDONLY));
  for (size_t i = 0; i < sizeof by_path / sizeof *by_path; i++)
    try_all(&by_path[i]);
  for (size_t i = 0; i < sizeof relative / sizeof *relative; i++) {
    try_all(&relative[i]);
    try(&relative[i], "no descriptor", 99, "inside");
    try(&relative[i], "from a file", file, "inside");
  }
  return 0;
}
