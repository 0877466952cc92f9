// Reads and writes that are larger than one frame, in one call.
#include "guest.h"
#include <sys/uio.h>

enum { size = 5 << 20 };

int main(void) {
  begin();
  char* bytes = malloc(size);
  char* back = malloc(size);
  for (size_t i = 0; i < size; i++)
    bytes[i] = (char)(i * 7 + i / 4093);
  int fd = (int)must(open("large", O_RDWR | O_CREAT | O_TRUNC, 0644));
  show(write(fd, bytes, size));
  show(lseek(fd, 0, SEEK_CUR));
  show(pread(fd, back, size, 0));
  printf("same: %d\n", memcmp(bytes, back, size) == 0);
  show(lseek(fd, 1000, SEEK_SET));
  show(read(fd, back, size));
  printf("same: %d\n", memcmp(bytes + 1000, back, size - 1000) == 0);
  struct iovec halves[] = {{bytes + size / 2, size / 2}, {bytes, size / 2}};
  show(pwritev(fd, halves, 2, 0));
  show(preadv(fd, halves, 2, 0));
  volatile size_t more_than_there_is = 0x7fffffff;
  show(read(fd, back, more_than_there_is));
  show(unlink("large"));
  return 0;
}
