// Operations of `property` on descriptors.
#pragma once
#include "property.h"
#include <dirent.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>

// A descriptor of this machine. Of nothing but itself: an operation that strays to it can do no harm.
static void op_local(void) {
  keep(place(), memfd_create("local", 0));
}

static void op_close(void) {
  int* slot = place();
  result(close(*slot));
  *slot = -1;
}

static void op_read(void) {
  int fd = descriptor();
  sum(bytes, result(read(fd, bytes, (size_t)length())));
  offset_of(fd);
}

static void op_pread(void) {
  int fd = descriptor();
  long size = length();
  sum(bytes, result(pread(fd, bytes, (size_t)size, number())));
  offset_of(fd);
}

static void op_write(void) {
  int fd = descriptor();
  long size = length();
  fill(size, number());
  result(write(fd, bytes, (size_t)size));
  offset_of(fd);
}

static void op_pwrite(void) {
  int fd = descriptor();
  long size = length();
  fill(size, number());
  result(pwrite(fd, bytes, (size_t)size, number()));
  offset_of(fd);
}

// Three pieces, of which the middle one has another length.
static int pieces(struct iovec* vector) {
  long first = number(), second = number();
  vector[0] = (struct iovec){bytes, (size_t)first};
  vector[1] = (struct iovec){bytes + first, (size_t)second};
  vector[2] = (struct iovec){bytes + first + second, (size_t)first};
  return 3;
}

static void op_readv(void) {
  struct iovec vector[3];
  int fd = descriptor();
  int count = pieces(vector);
  sum(bytes, result(readv(fd, vector, count)));
  offset_of(fd);
}

static void op_writev(void) {
  struct iovec vector[3];
  int fd = descriptor();
  int count = pieces(vector);
  fill(sizeof bytes / 16, number());
  result(writev(fd, vector, count));
  offset_of(fd);
}

static void op_preadv(void) {
  struct iovec vector[3];
  int fd = descriptor();
  int count = pieces(vector);
  sum(bytes, result(preadv(fd, vector, count, number())));
  offset_of(fd);
}

static void op_pwritev(void) {
  struct iovec vector[3];
  int fd = descriptor();
  int count = pieces(vector);
  fill(sizeof bytes / 16, 1);
  result(pwritev(fd, vector, count, number()));
  offset_of(fd);
}

static void op_lseek(void) {
  int fd = descriptor();
  long offset = number();
  result(lseek(fd, offset, (int)number()));
}

static void op_dup(void) {
  int fd = descriptor();
  keep(place(), dup(fd));
}

// To a number that is given, or that another slot holds.
static void op_dup2(void) {
  int fd = descriptor();
  int* slot = place();
  keep(slot, dup2(fd, (int)number()));
}

static void op_dup3(void) {
  int fd = descriptor();
  int* slot = place();
  int to = (int)number();
  keep(slot, dup3(fd, to, (int)number()));
}

static void op_dupfd(void) {
  int fd = descriptor();
  int* slot = place();
  int command = (int)number();
  keep(slot, fcntl(fd, command, (int)number()));
}

static void op_fcntl(void) {
  int fd = descriptor();
  int command = (int)number();
  result(fcntl(fd, command, number()));
}

static void op_lock(void) {
  int fd = descriptor();
  int command = (int)number();
  struct flock lock = {.l_type = (short)number(), .l_whence = (short)number(), .l_start = number()};
  lock.l_len = number();
  long done = result(fcntl(fd, command, &lock));
  if (done == 0 && (command == F_GETLK || command == F_OFD_GETLK))
    say(" type %d whence %d start %ld length %ld", lock.l_type, lock.l_whence, (long)lock.l_start,
        (long)lock.l_len);
}

static void op_flock(void) {
  int fd = descriptor();
  result(flock(fd, (int)number() | LOCK_NB));
}

static void op_ftruncate(void) {
  int fd = descriptor();
  result(ftruncate(fd, number()));
}

static void op_fallocate(void) {
  int fd = descriptor();
  int mode = (int)number();
  long from = number();
  result(fallocate(fd, mode, from, number()));
}

// An offset below 0: the descriptor's own.
static off64_t* offset(off64_t* value) {
  *value = number();
  return *value < 0 ? NULL : value;
}

static void op_copy(void) {
  off64_t from, to;
  int in = descriptor();
  off64_t* at_in = offset(&from);
  int out = descriptor();
  off64_t* at_out = offset(&to);
  result(copy_file_range(in, at_in, out, at_out, (size_t)number(), 0));
  say(" offsets %ld %ld", at_in ? from : -1, at_out ? to : -1);
  offset_of(in);
  offset_of(out);
}

static void op_sendfile(void) {
  off64_t from;
  int out = descriptor(), in = descriptor();
  off64_t* at = offset(&from);
  result(sendfile(out, in, at, (size_t)number()));
  say(" offset %ld", at ? from : -1);
  offset_of(in);
  offset_of(out);
}

static void op_fchmod(void) {
  int fd = descriptor();
  result(fchmod(fd, (mode_t)number()));
}

static void op_fchdir(void) {
  result(fchdir(descriptor()));
}

static int by_text(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

// The rest of a directory, read in pieces of `size` bytes. Sorted: the order is the file system's own.
static void op_list(void) {
  int fd = descriptor();
  long size = number(), got;
  char* found[256];
  int count = 0;
  while ((got = syscall(SYS_getdents64, fd, bytes, size)) > 0) {
    for (long at = 0; at < got && count < 256;) {
      struct dirent64* entry = (struct dirent64*)(bytes + at);
      must(asprintf(&found[count++], "%s:%d", entry->d_name, entry->d_type));
      at += entry->d_reclen;
    }
  }
  result(got);
  qsort(found, (size_t)count, sizeof *found, by_text);
  for (int i = 0; i < count; i++) {
    say(" %s", found[i]);
    free(found[i]);
  }
}

static void op_fsetxattr(void) {
  int fd = descriptor();
  char* key = name();
  char* value = name();
  result(fsetxattr(fd, key, value, strlen(value), (int)number()));
}
