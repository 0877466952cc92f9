// getdents64 and what is built on it: whole listings, small buffers, seeking, removal while reading.
#include "guest.h"
#include <dirent.h>
#include <sys/syscall.h>

static int by_name(const struct dirent** a, const struct dirent** b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char* path) {
  struct dirent** entries;
  int count = scandir(path, &entries, NULL, by_name);
  printf("%s has %d entries:", path, count);
  for (int i = 0; i < count; i++) {
    if (count < 20) printf(" %s/%d", entries[i]->d_name, entries[i]->d_type);
    free(entries[i]);
  }
  printf("\n");
  if (count >= 0) free(entries);
}

int main(void) {
  begin();
  char name[64], buffer[256];
  show(mkdir("room", 0755));
  show(mkdir("room", 0755));
  show(mkdir("room/inner", 0700));
  put("room/file", "x");
  show(symlink("file", "room/link"));
  show(mkfifo("room/pipe", 0600) == 0 || errno == EOPNOTSUPP);
  show(unlink("room/pipe") == 0 || errno == ENOENT);
  list("room");
  show(mkdir("many", 0755));
  for (int i = 0; i < 1500; i++) {
    snprintf(name, sizeof name, "many/a-rather-long-file-name-number-%d", i);
    must(close((int)must(open(name, O_WRONLY | O_CREAT, 0644))));
  }
  list("many");

  DIR* stream = opendir("many");
  long place = 0;
  int seen = 0;
  char after_place[256] = "";
  for (struct dirent* entry; (entry = readdir(stream)) != NULL; seen++) {
    if (seen == 701) strcpy(after_place, entry->d_name);
    if (seen == 700) place = telldir(stream);
  }
  seekdir(stream, place);
  printf("seen %d; back at the same entry: %d\n", seen, strcmp(readdir(stream)->d_name, after_place) == 0);
  rewinddir(stream);
  for (struct dirent* entry; (entry = readdir(stream)) != NULL;)
    if (entry->d_name[0] != '.') must(unlinkat(dirfd(stream), entry->d_name, 0));
  closedir(stream);
  list("many");
  show(rmdir("many"));
  show(rmdir("room"));

  int fd = (int)must(open("room", O_RDONLY | O_DIRECTORY));
  show(syscall(SYS_getdents64, fd, buffer, 8));
  show(syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0);
  show(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  show(read(fd, buffer, sizeof buffer));
  show(rmdir("room/inner"));
  show(rmdir("room/inner"));
  show(open("room/file", O_RDONLY | O_DIRECTORY));
  show(syscall(SYS_getdents64, open("room/file", O_RDONLY), buffer, sizeof buffer));
  return 0;
}
