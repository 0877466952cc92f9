// vforked FOLDER: its child of vfork(2), which holds it up, waits for a line; then both say what FOLDER/where
// holds, and it once more for each line.
#include "guest.h"

static void tell(const char* who, const char* path) {
  char text[64];
  int fd = open(path, O_RDONLY);
  ssize_t count = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  close(fd);
  if (count < 0) count = 0;
  text[count] = 0;
  dprintf(1, "%s: %s", who, count ? text : "nothing\n");
}

int main(int argc, char** argv) {
  char path[256], byte;
  if (argc < 2) return 2;
  snprintf(path, sizeof path, "%s/where", argv[1]);
  dprintf(1, "about to vfork\n");
  pid_t child = vfork();
  if (child == 0) {
    while (read(0, &byte, 1) == 1 && byte != '\n') {
    }
    tell("child", path);
    _exit(0);
  }
  tell("parent", path);
  while (read(0, &byte, 1) == 1)
    if (byte == '\n') tell("parent", path);
  return 0;
}
