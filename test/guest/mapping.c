// Private mappings of a remote file: reading, copy on write, an offset, the rest of the last page, wrong
// requests.
#include "guest.h"
#include <sys/mman.h>

enum { page = 4096 };

int main(void) {
  begin();
  static char bytes[3 * page + 100];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)('a' + i / page);
  int fd = (int)must(open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0644));
  must(write(fd, bytes, sizeof bytes));

  char* map = mmap(NULL, sizeof bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  printf("mapped: %d, same bytes: %d\n", map != MAP_FAILED, memcmp(map, bytes, sizeof bytes) == 0);
  printf("beyond the end, in the last page: %d %d\n", map[sizeof bytes], map[4 * page - 1]);
  show(munmap(map, sizeof bytes));

  map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 2 * page);
  printf("from the third page: %c%c%c\n", map[0], map[page - 1], map[page]);
  map[0] = 'W';
  map[page] = 'W';
  show(close(fd));
  printf("after close: %c%c\n", map[0], map[1]);
  pid_t child = fork();
  if (child == 0) {
    map[0] = 'C';
    printf("the child's own copy: %c%c\n", map[0], map[page]);
    _exit(0);
  }
  reap("child", child);
  printf("the parent's: %c%c\n", map[0], map[page]);
  show(munmap(map, 2 * page));

  char letter = 0;
  fd = (int)must(open("mapped", O_RDONLY));
  show(pread(fd, &letter, 1, 2 * page));
  printf("the file has %c\n", letter);
  map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  printf("writable from a read-only descriptor: %d\n", map != MAP_FAILED && (map[0] = 'x'));
  show((long)mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 100));
  show((long)mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_PRIVATE, 99, 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_PRIVATE, open("mapped", O_WRONLY), 0));

  char* area = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(area, '-', 4 * page);
  map = mmap(area + page, page, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, page);
  printf("fixed, between its neighbours: %d %c%c%c\n", map == area + page, area[page - 1], area[page],
         area[2 * page]);
  return 0;
}
