// What is as large as it can be: a gibibyte and more in one call and in many, offsets beyond 4 GiB, holes, a
// hundred thousand entries, ten thousand descriptors. When it is done it waits for its input to end, so that
// somebody can look at what it cost.
#include "guest.h"
#include <dirent.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define GIB (1L << 30)

enum { window = 1 << 20 };

/** Addresses as far as `length` says, all of the same little memory. */
static char* far_memory(size_t length) {
  int memory = (int)must(memfd_create("window", 0));
  must(ftruncate(memory, window));
  char* area = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (area == MAP_FAILED) exit(98);
  for (size_t at = 0; at < length; at += window)
    if (mmap(area + at, window, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, 0) == MAP_FAILED)
      exit(97);
  must(close(memory));
  return area;
}

static void gibibytes(void) {
  char* area = far_memory(3 * GIB);
  int fd = (int)must(open("large", O_RDWR | O_CREAT | O_TRUNC, 0644));
  must(ftruncate(fd, 3 * GIB));
  show(pread(fd, area, 3 * GIB, 0));
  show(lseek(fd, -7, SEEK_END));
  show(read(fd, area, GIB));
  must(lseek(fd, 0, SEEK_SET));
  struct iovec parts[] = {{area, GIB}, {area + GIB, GIB}, {area, GIB}};
  show(preadv(fd, parts, 3, GIB / 2));
  long total = 0, count, calls = 0;
  while ((count = read(fd, area, 8 << 20)) > 0 && ++calls < 33)
    total += count;
  printf("%ld bytes in %ld calls\n", total, calls);
  must(ftruncate(fd, 0));
  memset(area, 'w', window);
  must(lseek(fd, 0, SEEK_SET));
  show(write(fd, area, GIB));
  show(lseek(fd, 0, SEEK_CUR));
  show(lseek(fd, 0, SEEK_END));
  char last[2] = {0};
  show(pread(fd, last, 1, GIB - 1));
  printf("\"%s\"\n", last);
  show(ftruncate(fd, 0));
  show(close(fd));
  must(munmap(area, 3 * GIB));
  must(unlink("large"));
}

/** Where data and holes begin, all the way through the file. */
static void walk(int fd) {
  for (off_t at = 0, data; (data = lseek(fd, at, SEEK_DATA)) >= 0;) {
    at = lseek(fd, data, SEEK_HOLE);
    printf("data from %ld to %ld\n", (long)data, (long)at);
  }
  printf("then %s\n", strerrorname_np(errno));
}

static void holes(void) {
  static char block[1 << 16];
  memset(block, 'd', sizeof block);
  int fd = (int)must(open("holes", O_RDWR | O_CREAT | O_TRUNC, 0644));
  for (long at = 0; at < 8; at++)
    must(pwrite(fd, block, sizeof block, at * GIB));
  must(ftruncate(fd, 9 * GIB));
  walk(fd);
  show(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * GIB, sizeof block));
  walk(fd);
  show(lseek(fd, 9 * GIB, SEEK_DATA));
  show(lseek(fd, 9 * GIB, SEEK_HOLE));
  show(lseek(fd, -1, SEEK_DATA));
  int copy = (int)must(open("copy", O_RDWR | O_CREAT | O_TRUNC, 0644));
  off_t from = GIB - 4096, to = 5 * GIB;
  show(copy_file_range(fd, &from, copy, &to, 3 << 16, 0));
  printf("from %ld to %ld\n", (long)from, (long)to);
  char text[8] = {0};
  show(pread(copy, text, 7, 5 * GIB + 4093));
  printf("%d%d%d%s\n", text[0], text[1], text[2], text + 3);
  from = 9 * GIB - 10;
  show(copy_file_range(fd, &from, copy, NULL, 100, 0));
  show(copy_file_range(fd, &from, copy, NULL, 100, 0));
  show(lseek(copy, 0, SEEK_END));
  int memory = (int)must(memfd_create("x", 0));
  from = 7 * GIB - 100;
  show(sendfile(memory, fd, &from, 200));
  show(pread(memory, text, 7, 97));
  printf("%d%d%d%s\n", text[0], text[1], text[2], text + 3);
  show(close(copy));
  show(close(fd));
  must(unlink("holes"));
  must(unlink("copy"));
}

static long listed(int fd, size_t room, long* sum) {
  static char entries[1 << 16];
  long count = 0, got;
  *sum = 0;
  must(lseek(fd, 0, SEEK_SET));
  while ((got = must(syscall(SYS_getdents64, fd, entries, room))) > 0)
    for (char* at = entries; at < entries + got; at += ((struct dirent64*)at)->d_reclen, count++)
      *sum += atol(((struct dirent64*)at)->d_name);
  return count;
}

/** A directory that somebody else has filled. */
static void entries(const char* directory) {
  long sum, count = 0, place = 0;
  int fd = (int)must(open(directory, O_RDONLY | O_DIRECTORY));
  count = listed(fd, 1 << 16, &sum);
  printf("%ld entries, sum %ld\n", count, sum);
  count = listed(fd, 1000, &sum);
  printf("%ld entries, sum %ld\n", count, sum);
  show(syscall(SYS_getdents64, fd, (char[32]){0}, 20));
  must(lseek(fd, 0, SEEK_SET));
  show(syscall(SYS_getdents64, fd, (char[32]){0}, 20));
  DIR* stream = fdopendir(fd);
  must(lseek(fd, 0, SEEK_SET));
  for (count = 0; count < 60000; count++) {
    if (count == 40000) place = telldir(stream);
    if (readdir(stream) == NULL) break;
  }
  seekdir(stream, place);
  for (count = 0; readdir(stream) != NULL;)
    count++;
  printf("%ld from the 40000th on\n", count);
  closedir(stream);
}

static void descriptors(void) {
  struct rlimit limit;
  int fd = -1, opened = 0;
  must(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max < 10500 ? limit.rlim_max : 10500;
  must(setrlimit(RLIMIT_NOFILE, &limit));
  put("file", "0123456789");
  for (; opened < 10000 && (fd = open("file", O_RDONLY)) >= 0; opened++) {
  }
  printf("%d opened, the last is %d\n", opened, fd);
  char text[4] = {0};
  show(pread(fd, text, 3, 4));
  printf("\"%s\"\n", text);
  pid_t child = fork();
  if (child == 0) _exit(pread(fd, text, 3, 5) == 3 && close(fd - 1) == 0 ? 0 : 1);
  reap("child", child);
  show(fstat(fd - 1, &(struct stat){0}));
  while ((fd = open("file", O_RDONLY | O_CREAT, 0644)) >= 0)
    opened++;
  printf("%s at %d\n", strerrorname_np(errno), opened);
  show(open("made", O_CREAT | O_WRONLY, 0644));
  show(access("made", F_OK));
  show(dup(3));
  show((int)syscall(SYS_close_range, 100, ~0u, 0));
  show(open("file", O_RDONLY));
  limit.rlim_cur = 50;
  must(setrlimit(RLIMIT_NOFILE, &limit));
  show(open("file", O_RDONLY));
  show(pread(99, text, 3, 0));
}

int main(void) {
  begin();
  gibibytes();
  holes();
  entries("crowd");
  descriptors();
  printf("done\n");
  must(fflush(stdout));
  return read(0, (char[1]){0}, 1) == 0 ? 0 : 1;
}
