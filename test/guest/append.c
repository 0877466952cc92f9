// O_APPEND: every write lands at the end, from two processes at once too; F_SETFL switches it.
#include "guest.h"

static void append_lines(int fd, char letter) {
  char line[33];
  memset(line, letter, 31);
  line[31] = '\n';
  for (int i = 0; i < 50; i++)
    if (write(fd, line, 32) != 32) _exit(1);
}

int main(void) {
  begin();
  put("log", "first\n");
  int fd = (int)must(open("log", O_WRONLY | O_APPEND));
  show(lseek(fd, 0, SEEK_CUR));
  show(write(fd, "second\n", 7));
  show(lseek(fd, 0, SEEK_SET));
  show(write(fd, "third\n", 6));
  show(lseek(fd, 0, SEEK_CUR));
  show(pwrite(fd, "fourth\n", 7, 0));
  cat("log");
  show(fcntl(fd, F_GETFL) & O_APPEND);
  show(fcntl(fd, F_SETFL, 0));
  show(lseek(fd, 0, SEEK_SET));
  show(write(fd, "FIRST", 5));
  cat("log");
  show(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
  show(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK | O_ACCMODE));

  int both = (int)must(open("both", O_RDWR | O_CREAT | O_APPEND | O_TRUNC, 0644));
  pid_t child = fork();
  if (child == 0) {
    append_lines((int)must(open("both", O_WRONLY | O_APPEND)), 'c');
    _exit(0);
  }
  append_lines(both, 'p');
  reap("appender", child);
  char line[32];
  int parents = 0, children = 0, torn = 0;
  must(lseek(both, 0, SEEK_SET));
  while (read(both, line, 32) == 32) {
    char other = line[0] == 'p' ? 'c' : 'p';
    parents += line[0] == 'p';
    children += line[0] == 'c';
    torn += line[31] != '\n' || memchr(line, other, 31) != NULL;
  }
  printf("%d lines of the parent, %d of the child, %d torn\n", parents, children, torn);
  unlink("both");
  return 0;
}
