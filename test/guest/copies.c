// sendfile and copy_file_range: file to file, with and without offsets, over more than one
// page.
#include "guest.h"
#include <sys/sendfile.h>

int main(void) {
  begin();
  static char bytes[300000], back[300000];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)(i * 31 + i / 251);
  int from = (int)must(open("from", O_RDWR | O_CREAT | O_TRUNC, 0644));
  int to = (int)must(open("to", O_RDWR | O_CREAT | O_TRUNC, 0644));
  must(write(from, bytes, sizeof bytes));

  off_t offset = 0;
  show(copy_file_range(from, &offset, to, NULL, 300000, 0));
  show(offset);
  show(pread(to, back, sizeof back, 0));
  printf("same: %d\n", memcmp(bytes, back, sizeof bytes) == 0);
  loff_t in = 1000, out = 5;
  show(copy_file_range(from, &in, to, &out, 100, 0));
  printf("in %ld, out %ld\n", (long)in, (long)out);
  show(copy_file_range(from, NULL, to, NULL, 10, 0));
  show(copy_file_range(from, NULL, to, NULL, 10, 1));

  offset = 299990;
  must(ftruncate(to, 0));
  must(lseek(to, 0, SEEK_SET));
  show(sendfile(to, from, &offset, 100));
  show(offset);
  must(lseek(from, 0, SEEK_SET));
  show(sendfile(to, from, NULL, 200000));
  show(lseek(from, 0, SEEK_CUR));
  show(lseek(to, 0, SEEK_END));
  show(sendfile(to, 99, NULL, 1));
  show(sendfile(99, from, NULL, 1));
  show(copy_file_range(99, NULL, to, NULL, 1, 0));
  return 0;
}
