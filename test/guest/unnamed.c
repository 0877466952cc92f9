// O_TMPFILE, and files that are unlinked while open.
#include "guest.h"

int main(void) {
  begin();
  char text[32] = {0};
  struct stat facts;
  int fd = (int)show(open(".", O_TMPFILE | O_RDWR, 0600));
  show(write(fd, "without a name", 14));
  show(fstat(fd, &facts));
  printf("%ld links, %ld bytes\n", (long)facts.st_nlink, (long)facts.st_size);
  show(open("nowhere", O_TMPFILE | O_RDWR, 0600));
  show(open(".", O_TMPFILE | O_RDONLY, 0600));

  put("doomed", "still here");
  fd = (int)show(open("doomed", O_RDWR));
  show(unlink("doomed"));
  show(access("doomed", F_OK));
  show(read(fd, text, sizeof text));
  printf("\"%s\"\n", text);
  show(write(fd, "!", 1));
  show(fstat(fd, &facts));
  printf("%ld links, %ld bytes\n", (long)facts.st_nlink, (long)facts.st_size);
  put("named", "here to stay");
  // The same number of descriptors opened and closed many times over: none may be left behind.
  for (int i = 0; i < 3000; i++)
    must(close((int)must(open("named", O_RDONLY))));
  show(open("named", O_RDONLY));
  return 0;
}
