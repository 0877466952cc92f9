// readv, writev, preadv and pwritev with many, empty and too many segments.
#include "guest.h"
#include <limits.h>
#include <sys/uio.h>

int main(void) {
  begin();
  char a[4] = {0}, b[4] = {0}, c[64] = {0};
  int fd = (int)must(open("segments", O_RDWR | O_CREAT | O_TRUNC, 0644));
  struct iovec out[] = {{"one,", 4}, {"", 0}, {"two,", 4}, {"three", 5}};
  show(writev(fd, out, 4));
  show(writev(fd, out, 0));
  show(pwritev(fd, out, 1, 20));
  show(lseek(fd, 0, SEEK_CUR));
  show(lseek(fd, 0, SEEK_SET));
  struct iovec in[] = {{a, 3}, {b, 0}, {b, 3}, {c, sizeof c}};
  show(readv(fd, in, 4));
  printf("a \"%s\", b \"%s\", c \"%s\" then \"%s\"\n", a, b, c, c + 14);
  show(readv(fd, in, 4));
  show(preadv(fd, in, 2, 4));
  show(preadv(fd, in, 2, -1));
  show(preadv2(fd, in, 2, 0, RWF_HIPRI));
  show(pwritev2(fd, out, 1, -1, RWF_APPEND));
  show(lseek(fd, 0, SEEK_END));
  // volatile: the compiler would warn of a count that the array does not have.
  volatile int negative = -1, too_many = IOV_MAX + 1;
  show(readv(fd, in, negative));
  show(readv(fd, in, too_many));
  static struct iovec many[IOV_MAX];
  static char bytes[IOV_MAX];
  for (int i = 0; i < IOV_MAX; i++)
    many[i] = (struct iovec){bytes + i, 1};
  memset(bytes, 'm', sizeof bytes);
  show(writev(fd, many, IOV_MAX));
  memset(bytes, 0, sizeof bytes);
  show(preadv(fd, many, IOV_MAX, 24));
  printf("first %c, last %c\n", bytes[0], bytes[IOV_MAX - 1]);
  show(writev(-1, out, 4));
  return 0;
}
