// Extended attributes of the user.* family.
#include "guest.h"
#include <sys/xattr.h>

int main(void) {
  begin();
  char value[64] = {0}, names[128] = {0};
  put("file", "x");
  must(symlink("file", "soft"));
  int fd = (int)must(open("file", O_RDONLY));
  show(getxattr("file", "user.colour", value, sizeof value));
  show(setxattr("file", "user.colour", "green", 5, 0));
  show(setxattr("file", "user.colour", "red", 3, XATTR_CREATE));
  show(setxattr("file", "user.shape", "round", 5, XATTR_REPLACE));
  show(fsetxattr(fd, "user.size", "big", 3, XATTR_CREATE));
  show(getxattr("soft", "user.colour", value, sizeof value));
  printf("value %s\n", value);
  show(fgetxattr(fd, "user.size", NULL, 0));
  show(fgetxattr(fd, "user.size", value, 1));
  show(lgetxattr("soft", "user.colour", value, sizeof value));
  long count = show(listxattr("file", names, sizeof names));
  for (char* name = names; name < names + count; name += strlen(name) + 1)
    printf("name %s\n", name);
  show(flistxattr(fd, names, 3));
  show(removexattr("file", "user.colour"));
  show(removexattr("file", "user.colour"));
  show(getxattr("nowhere", "user.colour", value, sizeof value));
  return 0;
}
