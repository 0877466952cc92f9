// A static program: no interpreter, no shared library, the same remote files.
#include "guest.h"

int main(void) {
  begin();
  char text[64] = {0};
  put("from-static", "written by a static program\n");
  int fd = (int)show(open("from-static", O_RDONLY));
  show(read(fd, text, sizeof text));
  printf("%s", text);
  show(rename("from-static", "renamed"));
  show(access("from-static", F_OK));
  pid_t child = fork();
  if (child == 0) {
    show(unlink("renamed"));
    _exit(3);
  }
  reap("child", child);
  show(access("renamed", F_OK));
  return 0;
}
