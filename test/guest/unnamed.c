// O_TMPFILE, files that are unlinked while open, and names given to them later.
#include "guest.h"

int main(void) {
  begin();
  char text[32] = {0}, path[64];
  struct stat facts;
  int fd = (int)show(open(".", O_TMPFILE | O_RDWR, 0600));
  show(write(fd, "without a name", 14));
  show(fstat(fd, &facts));
  printf("%ld links, %ld bytes\n", (long)facts.st_nlink, (long)facts.st_size);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  show(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  cat("named");
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
  // The same number of descriptors opened and closed many times over: none may be left behind.
  for (int i = 0; i < 3000; i++)
    must(close((int)must(open("named", O_RDONLY))));
  show(open("named", O_RDONLY));
  return 0;
}
