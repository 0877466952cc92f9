// O_TMPFILE and its later name, O_PATH, O_DIRECT, O_NONBLOCK on a FIFO, paths in /proc/self/fd.
#include "guest.h"
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static char path[64];

static const char* by_number(int fd) {
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return path;
}

static void named_later(void) {
  struct stat facts;
  int fd = (int)show(open(".", O_TMPFILE | O_RDWR, 0640));
  must(write(fd, "named later", 11));
  show(linkat(AT_FDCWD, by_number(fd), AT_FDCWD, "by-path", AT_SYMLINK_FOLLOW));
  cat("by-path");
  show(fstat(fd, &facts));
  printf("%ld links, mode %o\n", (long)facts.st_nlink, facts.st_mode & 07777);
  show(linkat(AT_FDCWD, by_number(fd), AT_FDCWD, "by-path", AT_SYMLINK_FOLLOW));
  show(linkat(AT_FDCWD, by_number(fd), AT_FDCWD, "second", AT_SYMLINK_FOLLOW));
  show(linkat(AT_FDCWD, by_number(fd), AT_FDCWD, "no-such/second", AT_SYMLINK_FOLLOW));
  fd = (int)show(open(".", O_TMPFILE | O_WRONLY | O_EXCL, 0600));
  show(linkat(AT_FDCWD, by_number(fd), AT_FDCWD, "never", AT_SYMLINK_FOLLOW));
  fd = (int)must(open("by-path", O_RDONLY));
  show(linkat(AT_FDCWD, by_number(fd), AT_FDCWD, "third", AT_SYMLINK_FOLLOW));
  show(unlink("third"));
}

static void reopened(void) {
  char text[16] = {0};
  put("again", "0123456789");
  int fd = (int)must(open("again", O_RDONLY));
  must(lseek(fd, 4, SEEK_SET));
  int other = (int)show(open(by_number(fd), O_RDWR));
  show(read(other, text, 3));
  printf("\"%s\"\n", text);
  show(lseek(fd, 0, SEEK_CUR));
  show(truncate(by_number(fd), 5));
  show(chmod(by_number(fd), 0604));
  show(access(by_number(fd), W_OK));
  struct stat facts;
  show(stat(by_number(fd), &facts));
  printf("%ld bytes, mode %o\n", (long)facts.st_size, facts.st_mode & 07777);
}

static void paths_only(void) {
  char text[16];
  struct stat facts;
  put("target", "text");
  must(mkdir("room", 0755));
  put("room/inside", "inside");
  must(symlink("target", "soft"));
  int fd = (int)show(open("target", O_PATH));
  show(read(fd, text, 1));
  show(write(fd, text, 1));
  show(fchmod(fd, 0600));
  show(fstat(fd, &facts));
  show(lseek(fd, 0, SEEK_SET));
  show(ftruncate(fd, 0));
  show(fsync(fd));
  show(fgetxattr(fd, "user.x", text, 4));
  show(fcntl(fd, F_GETFL) & O_PATH);
  show((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
  show(fcntl(fd, F_GETFD));
  show(dup(fd) > fd);
  int again = (int)show(open(by_number(fd), O_RDONLY));
  show(read(again, text, 4));
  int link = (int)show(open("soft", O_PATH | O_NOFOLLOW));
  show(fstat(link, &facts));
  printf("a link: %d\n", S_ISLNK(facts.st_mode));
  show(readlinkat(link, "", text, sizeof text));
  int room = (int)show(open("room", O_PATH | O_DIRECTORY));
  show(openat(room, "inside", O_RDONLY) >= 0);
  show(fstatat(room, "inside", &facts, 0));
  show(syscall(SYS_getdents64, room, text, sizeof text));
  show(open("target", O_PATH | O_CREAT | O_EXCL, 0600) >= 0);
  show(linkat(fd, "", AT_FDCWD, "linked", AT_EMPTY_PATH));
  show(faccessat(room, "", R_OK, AT_EMPTY_PATH));
  show(fchownat(fd, "", getuid(), -1, AT_EMPTY_PATH));
}

static void direct(void) {
  char* block = NULL;
  if (posix_memalign((void**)&block, 4096, 8192) != 0) exit(98);
  memset(block, 'd', 8192);
  int fd = (int)show(open("direct", O_RDWR | O_CREAT | O_DIRECT, 0644));
  if (fd < 0) return;
  show(write(fd, block, 8192));
  show(pread(fd, block, 4096, 4096));
  show((fcntl(fd, F_GETFL) & O_DIRECT) != 0);
  printf("%c%c\n", block[0], block[4095]);
}

static void fifos(void) {
  char text[8] = {0};
  must(mkfifo("pipe", 0600));
  show(open("pipe", O_WRONLY | O_NONBLOCK));
  int in = (int)show(open("pipe", O_RDONLY | O_NONBLOCK));
  show(read(in, text, 4));
  int out = (int)show(open("pipe", O_WRONLY | O_NONBLOCK));
  show(read(in, text, 4));
  show(write(out, "abcdef", 6));
  show(read(in, text, 4));
  printf("\"%s\"\n", text);
  static char bytes[65536];
  show(write(out, bytes, sizeof bytes));
  show(write(out, bytes, 4096));
  show(write(out, bytes, 5000));
  show(lseek(in, 0, SEEK_CUR));
  show(pread(in, text, 1, 0));
  show(ftruncate(out, 0));
  show(fcntl(in, F_GETPIPE_SZ));
  show(close(out));
  long total = 0, count;
  while ((count = read(in, bytes, sizeof bytes)) > 0)
    total += count;
  printf("%ld bytes, then %ld\n", total, count);
  // With a reader left the writer could have come and gone before the next one opens.
  must(close(in));
  pid_t child = fork();
  if (child == 0) {
    out = (int)must(open("pipe", O_WRONLY));
    must(write(out, "child", 5));
    _exit(0);
  }
  int waiting = (int)must(open("pipe", O_RDONLY));
  show(read(waiting, text, 8));
  printf("\"%.5s\"\n", text);
  reap("writer", child);
  unlink("pipe");
}

int main(void) {
  begin();
  named_later();
  reopened();
  paths_only();
  direct();
  fifos();
  return 0;
}
