// Offsets beyond 4 GiB, sparse files, the longest paths and names, names that are no UTF-8, many entries,
// many descriptors.
#include "guest.h"
#include <dirent.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/uio.h>

static int home;

static void far_offsets(void) {
  const off_t far = (off_t)5 << 30;
  char text[8] = {0};
  struct stat facts;
  int fd = (int)must(open("sparse", O_RDWR | O_CREAT | O_TRUNC, 0644));
  show(pwrite(fd, "far", 3, far));
  show(lseek(fd, -1, SEEK_END));
  show(read(fd, text, 8));
  show(lseek(fd, far + 1, SEEK_SET));
  show(write(fd, "AR!", 3));
  show(pread(fd, text, 8, far));
  printf("\"%s\"\n", text);
  struct iovec part = {text, 2};
  show(preadv(fd, &part, 1, far + 2));
  show(pwritev(fd, &part, 1, far + 100));
  must(fstat(fd, &facts));
  printf("%ld bytes, sparse: %d\n", (long)facts.st_size, facts.st_blocks < 1000);
  show(lseek(fd, 0, SEEK_DATA) <= far);
  show(lseek(fd, 0, SEEK_HOLE));
  show(lseek(fd, far + 50, SEEK_HOLE) >= far);
  show(lseek(fd, far + 200, SEEK_DATA));
  show(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, far, 4096));
  show(fallocate(fd, 0, far, 0));
  show(fallocate(fd, 0, -1, 5));
  show(posix_fadvise(fd, far, 100, POSIX_FADV_DONTNEED));
  show(sync_file_range(fd, far, 4096, SYNC_FILE_RANGE_WRITE));
  show(readahead(fd, far, 4096));
  show(ftruncate(fd, far + 1));
  show(ftruncate(fd, LLONG_MAX));
  show(ftruncate(fd, 100));
  show(pwrite(fd, "x", 1, LLONG_MAX));
  show(pread(fd, text, 1, LLONG_MAX));
}

/** A path of `length` bytes to the file that is there: "./././file". */
static char* long_path(size_t length, const char* name) {
  char* path = calloc(1, length + 2);
  size_t front = length - strlen(name);
  for (size_t i = 0; i < front; i++)
    path[i] = front % 2 == 0 ? "./"[i % 2] : i == 0 ? '.' : "/."[(i - 1) % 2];
  if (front % 2 == 1) path[front - 1] = '/';
  strcpy(path + front, name);
  return path;
}

static void long_paths(void) {
  struct stat facts;
  char name[NAME_MAX + 2];
  put("file", "x");
  printf("4095: %d\n", stat(long_path(4095, "file"), &facts));
  show(stat(long_path(4096, "file"), &facts));
  show(stat(long_path(4097, "file"), &facts));
  printf("open, 4095: %d\n", open(long_path(4095, "file"), O_RDONLY) >= 0);
  show(open(long_path(4096, "file"), O_RDONLY));
  printf("rename: %d\n", rename(long_path(4095, "file"), long_path(4094, "moved")));
  printf("symlink: %d\n", symlink(long_path(4095, "moved"), "long-link"));
  show(symlink(long_path(4096, "moved"), "longer-link"));
  show(stat("long-link", &facts));
  char target[5000];
  show(readlink("long-link", target, sizeof target));
  memset(name, 'n', sizeof name);
  name[NAME_MAX + 1] = 0;
  show(mkdir(name, 0755));
  name[NAME_MAX] = 0;
  show(mkdir(name, 0755));
  // Deeper than a path can be: one step at a time.
  for (int depth = 0; depth < 20; depth++) {
    must(mkdir(name, 0755) == 0 || errno == EEXIST ? 0 : -1);
    must(chdir(name));
  }
  char deep[8192];
  show(getcwd(deep, sizeof deep) != NULL || errno == ENAMETOOLONG);
  put("deepest", "down here");
  cat("deepest");
  show(unlink("deepest"));
  for (int depth = 0; depth < 20; depth++) {
    must(chdir(".."));
    must(rmdir(name));
  }
  show(fchdir(home));
}

static void odd_names(void) {
  const char* names[] = {"\xff\xfe", "caf\xe9", "\xc3\xa9", "new\nline", "tab\t",
                         " ",        "-",       "...",      "\x01\x7f",  "%s"};
  struct dirent** list;
  must(mkdir("odd", 0755));
  must(chdir("odd"));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    put(names[i], names[i]);
    must(symlink(names[i], strcat(strcpy((char[64]){0}, names[i]), ".link")));
  }
  int count = scandir(".", &list, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    char target[64];
    ssize_t length = readlink(list[i]->d_name, target, sizeof target);
    for (const char* at = list[i]->d_name; *at; at++)
      printf("%02x", (unsigned char)*at);
    printf(" leads to %zd bytes\n", length);
  }
  show(chdir("caf\xe9"));
  must(mkdir("d\xe9", 0755));
  must(chdir("d\xe9"));
  show(getcwd((char[PATH_MAX]){0}, PATH_MAX) != NULL);
  put("in", "in");
  cat("../d\xe9/in");
  must(unlink("in"));
  must(chdir(".."));
  must(rmdir("d\xe9"));
  // What the tree that is left is compared by has only names that are text.
  for (int i = 0; i < count; i++)
    if (list[i]->d_name[strspn(list[i]->d_name, ".")] != 0 || strlen(list[i]->d_name) > 2)
      must(unlink(list[i]->d_name));
  must(fchdir(home));
}

static void many_entries(void) {
  char name[64];
  must(mkdir("many", 0755));
  int directory = (int)must(open("many", O_RDONLY | O_DIRECTORY)), entries = 0, sum = 0;
  for (int i = 0; i < 1200; i++) {
    snprintf(name, sizeof name, "an-entry-with-a-longer-name-%d", i);
    must(mknodat(directory, name, S_IFREG | 0600, 0));
  }
  DIR* stream = opendir("many");
  for (struct dirent* entry; (entry = readdir(stream)) != NULL; entries++)
    sum += atoi(strrchr(entry->d_name, '-') ? strrchr(entry->d_name, '-') + 1 : "0");
  printf("%d entries, sum %d\n", entries, sum);
  rewinddir(stream);
  long place = 0;
  for (int i = 0; i < 900; i++) {
    if (i == 700) place = telldir(stream);
    readdir(stream);
  }
  seekdir(stream, place);
  for (entries = 0; readdir(stream) != NULL;)
    entries++;
  printf("%d from the 700th on\n", entries);
  closedir(stream);
}

static void many_descriptors(void) {
  put("file", "x");
  struct rlimit limit = {64, 64};
  must(setrlimit(RLIMIT_NOFILE, &limit));
  int last = -1, fd;
  while ((fd = open("file", O_RDONLY)) >= 0)
    last = fd;
  printf("the last is %d: %s\n", last, strerrorname_np(errno));
  show(dup(3));
  show(open("/dev/null", O_RDONLY));
  show(fcntl(3, F_DUPFD, 64));
  show(dup2(3, 64));
  show(open("made", O_CREAT | O_WRONLY, 0644));
  show(access("made", F_OK));
  show(close(30));
  show(open("file", O_RDONLY));
}

int main(void) {
  begin();
  home = (int)must(open(".", O_RDONLY | O_DIRECTORY));
  far_offsets();
  long_paths();
  odd_names();
  many_entries();
  many_descriptors();
  return 0;
}
