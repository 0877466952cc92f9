// Operations of `property` on names.
#pragma once
#include "property.h"
#include <sys/xattr.h>

static void op_open(void) {
  int* slot = place();
  int from = directory();
  char* path = name();
  long flags = number(), mode = number();
  keep(slot, openat(from, path, (int)flags, (mode_t)mode));
}

static void op_creat(void) {
  int* slot = place();
  char* path = name();
  keep(slot, creat(path, (mode_t)number()));
}

static void op_truncate(void) {
  char* path = name();
  result(truncate(path, number()));
}

static void facts(long done, const struct stat* is) {
  if (result(done) != 0) return;
  say(" mode %o links %lu", is->st_mode, (unsigned long)is->st_nlink);
  if (!S_ISDIR(is->st_mode)) say(" size %ld", (long)is->st_size);
}

static void op_stat(void) {
  struct stat is;
  facts(stat(name(), &is), &is);
}

static void op_lstat(void) {
  struct stat is;
  facts(lstat(name(), &is), &is);
}

static void op_fstat(void) {
  struct stat is;
  facts(fstat(descriptor(), &is), &is);
}

static void op_fstatat(void) {
  struct stat is;
  int from = directory();
  char* path = name();
  facts(fstatat(from, path, &is, (int)number()), &is);
}

static void op_statx(void) {
  struct statx is;
  int from = directory();
  char* path = name();
  if (result(statx(from, path, (int)number(), STATX_BASIC_STATS, &is)) != 0) return;
  say(" mode %o links %u", is.stx_mode, is.stx_nlink);
  if (!S_ISDIR(is.stx_mode)) say(" size %ld", (long)is.stx_size);
}

static void op_access(void) {
  char* path = name();
  result(access(path, (int)number()));
}

static void op_mkdir(void) {
  int from = directory();
  char* path = name();
  result(mkdirat(from, path, (mode_t)number()));
}

static void op_rmdir(void) {
  result(rmdir(name()));
}

static void op_unlink(void) {
  int from = directory();
  char* path = name();
  result(unlinkat(from, path, (int)number()));
}

static void op_rename(void) {
  char* from = name();
  result(rename(from, name()));
}

static void op_renameat2(void) {
  int from = directory();
  char* old = name();
  int to = directory();
  char* new = name();
  result(renameat2(from, old, to, new, (unsigned)number()));
}

static void op_link(void) {
  int from = directory();
  char* old = name();
  int to = directory();
  char* new = name();
  result(linkat(from, old, to, new, (int)number()));
}

static void op_symlink(void) {
  char* target = name();
  int from = directory();
  result(symlinkat(target, from, name()));
}

static void op_readlink(void) {
  int from = directory();
  char* path = name();
  long size = result(readlinkat(from, path, bytes, (size_t)number()));
  if (size > 0) say(" %.*s", (int)size, bytes);
}

static void op_chmod(void) {
  int from = directory();
  char* path = name();
  result(fchmodat(from, path, (mode_t)number(), 0));
}

static void op_umask(void) {
  result(umask((mode_t)number()));
}

static void op_chdir(void) {
  result(chdir(name()));
}

static void op_getcwd(void) {
  long size = number();
  char* where = getcwd(bytes, (size_t)size);
  result(where ? 0 : -1);
  if (where) say(" %s", where);
}

static void op_utimens(void) {
  int from = directory();
  char* path = name();
  struct timespec times[2] = {{.tv_sec = number()}, {.tv_sec = number()}};
  result(utimensat(from, path, times, (int)number()));
}

static void op_setxattr(void) {
  char* path = name();
  char* key = name();
  char* value = name();
  result(setxattr(path, key, value, strlen(value), (int)number()));
}

static void op_getxattr(void) {
  char* path = name();
  char* key = name();
  long size = number();
  long got = result(getxattr(path, key, bytes, (size_t)size));
  sum(bytes, size == 0 ? 0 : got); // asked for no bytes, it says how many there are
}

static void op_removexattr(void) {
  char* path = name();
  result(removexattr(path, name()));
}

// Those of users: a file system may have others.
static void op_listxattr(void) {
  ssize_t size = listxattr(name(), bytes, sizeof bytes);
  if (size < 0) result(size);
  for (char* key = bytes; key < bytes + size; key += strlen(key) + 1)
    if (strncmp(key, "user.", 5) == 0) say(" %s", key);
}
