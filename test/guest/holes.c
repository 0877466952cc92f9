// Reads and writes whose memory is missing in part, or cannot be written: counts, offsets, and no byte lost.
#include "guest.h"
#include <dirent.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { page = 4096, large = 3 << 20 };

/** Memory of which only the first `usable` bytes, whole pages, can be touched. */
static char* memory(size_t usable, int rest) {
  char* area = mmap(NULL, usable + 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) exit(98);
  if (rest == PROT_NONE)
    must(munmap(area + usable, 16 * page));
  else
    must(mprotect(area + usable, 16 * page, rest));
  return area;
}

static void place(int fd) {
  printf("offset %ld\n", (long)lseek(fd, 0, SEEK_CUR));
}

static void files(int fd, int rest) {
  char* area = memory(2 * page, rest);
  must(lseek(fd, 0, SEEK_SET));
  show(read(fd, area + page, 3 * page));
  place(fd);
  show(read(fd, area + 2 * page, page));
  place(fd);
  show(read(fd, area + 2 * page - 10, page));
  place(fd);
  show(pread(fd, area + 2 * page - 10, page, 5));
  struct iovec parts[] = {{area, 100}, {area + 2 * page - 50, page}, {area, 100}};
  show(readv(fd, parts, 3));
  place(fd);
  parts[0].iov_base = area + 2 * page;
  show(readv(fd, parts, 3));
  place(fd);
  if (rest != PROT_NONE) return;
  show(write(fd, area + page, 3 * page));
  place(fd);
  show(write(fd, area + 2 * page, 10));
  show(write(fd, area + 2 * page - 7, 10));
  show(pwrite(fd, area + 2 * page - 7, 10, 3));
  parts[0].iov_base = area;
  show(writev(fd, parts, 3));
  place(fd);
}

static void large_ones(int fd) {
  char* area = memory(large - page, PROT_NONE);
  memset(area, 'L', large - page);
  must(lseek(fd, 0, SEEK_SET));
  show(write(fd, area, large));
  place(fd);
  must(lseek(fd, 0, SEEK_SET));
  show(write(fd, area + page, large));
  must(pwrite(fd, "THE END", 7, large - page));
  must(lseek(fd, 0, SEEK_SET));
  show(read(fd, area, large));
  place(fd);
  char* edge = memory(1 << 20, PROT_NONE);
  must(lseek(fd, 0, SEEK_SET));
  show(read(fd, edge, large));
  place(fd);
  must(lseek(fd, 0, SEEK_SET));
  show(read(fd, edge + page, large));
  place(fd);
}

/** The FIFO is the server's: this process has both ends. */
static void fifos(void) {
  char text[64] = {0}, *area = memory(page, PROT_NONE);
  must(mkfifo("pipe", 0600));
  int in = (int)must(open("pipe", O_RDONLY | O_NONBLOCK)), out = (int)must(open("pipe", O_WRONLY));
  must(write(out, "not one is lost", 15));
  show(read(in, area + page, 15));
  show(read(in, area + page - 5, 15));
  show(read(in, text, 7));
  struct iovec parts[] = {{text + 7, 3}, {text + 10, 50}};
  show(readv(in, parts, 2));
  printf("\"%s\"\n", text);
  show(read(in, text, 1));
  memset(area, 'p', page);
  show(write(out, area + page - 100, 200));
  must(write(out, "in the middle", 13));
  struct iovec halves[] = {{text, 4}, {area + page - 4, 20}};
  show(readv(in, halves, 2));
  show(read(in, area + page - 5, 13));
  show(read(in, text, 13));
  printf("\"%.13s\"\n", text);
  show(write(out, area + page, 200));
  show(write(out, area, page + 100));
  show(read(in, area, page));
  show(read(in, text, 60));
}

static void listings(void) {
  char name[32], *area = memory(page, PROT_NONE), *rest = malloc(64 * page);
  must(mkdir("many", 0755));
  for (int i = 0; i < 500; i++) {
    snprintf(name, sizeof name, "many/entry-%03d", i);
    must(close((int)must(open(name, O_CREAT | O_WRONLY, 0644))));
  }
  int fd = (int)must(open("many", O_RDONLY | O_DIRECTORY)), entries = 0;
  show(syscall(SYS_getdents64, fd, area + page, page));
  long got = syscall(SYS_getdents64, fd, area, 16 * page);
  printf("some: %d\n", got > 0 && got <= page);
  for (char* at = area; at < area + got; at += ((struct dirent64*)at)->d_reclen)
    entries++;
  while ((got = must(syscall(SYS_getdents64, fd, rest, 64 * page))) > 0)
    for (char* at = rest; at < rest + got; at += ((struct dirent64*)at)->d_reclen)
      entries++;
  printf("%d entries\n", entries);
}

int main(void) {
  begin();
  static char bytes[8 * page];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)('a' + i % 23);
  int fd = (int)must(open("file", O_RDWR | O_CREAT | O_TRUNC, 0644));
  must(write(fd, bytes, sizeof bytes));
  files(fd, PROT_READ);
  files(fd, PROT_NONE);
  large_ones((int)must(open("large", O_RDWR | O_CREAT | O_TRUNC, 0644)));
  fifos();
  listings();
  return 0;
}
