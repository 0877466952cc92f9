// lseek in all its ways, holes, reads and writes beyond the end, truncation, pread and pwrite.
#include "guest.h"

int main(void) {
  begin();
  char text[16] = {0};
  int fd = (int)must(open("holes", O_RDWR | O_CREAT | O_TRUNC, 0644));
  show(write(fd, "begin", 5));
  show(lseek(fd, 1 << 20, SEEK_SET));
  show(write(fd, "middle", 6));
  show(lseek(fd, 4096, SEEK_CUR));
  show(lseek(fd, -3, SEEK_END));
  show(read(fd, text, sizeof text));
  printf("read \"%s\"\n", text);
  show(lseek(fd, 0, SEEK_DATA));
  show(lseek(fd, 0, SEEK_HOLE));
  show(lseek(fd, 65536, SEEK_DATA));
  show(lseek(fd, 1 << 22, SEEK_DATA));
  show(lseek(fd, -1, SEEK_SET));
  show(lseek(fd, 0, 99));
  show(lseek(fd, 0x7fffffffffff, SEEK_SET));
  show(read(fd, text, 1));
  show(pwrite(fd, "PUT", 3, 1));
  show(pread(fd, text, 5, 0));
  printf("pread \"%.5s\"\n", text);
  show(pread(fd, text, 5, -1));
  show(pread(fd, text, 5, 1 << 22));
  show(ftruncate(fd, 3));
  show(lseek(fd, 0, SEEK_END));
  show(truncate("holes", 10));
  show(truncate("holes", -1));
  show(ftruncate(fd, 1 << 20));
  show(lseek(fd, 0, SEEK_END));
  show(ftruncate(open("holes", O_RDONLY), 0));
  show(pread(fd, text, 5, 0));
  printf("pread \"%s\"\n", text);
  int sink[2];
  must(pipe(sink));
  show(lseek(sink[0], 0, SEEK_CUR));
  return 0;
}
