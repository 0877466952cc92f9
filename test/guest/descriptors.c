// dup, dup2, dup3, F_DUPFD, close-on-exec across exec, close_range, and offsets shared over fork.
#include "guest.h"
#include <linux/close_range.h>

static void print_open_descriptors(void) {
  for (int fd = 3; fd < 24; fd++)
    if (fcntl(fd, F_GETFD) != -1)
      printf("descriptor %d is open, offset %ld\n", fd, (long)lseek(fd, 0, SEEK_CUR));
}

static void numbers(void) {
  char text[8] = {0};
  int fd = (int)show(open("letters", O_RDONLY));
  show(dup(fd));
  show(dup2(fd, 10));
  show(dup2(fd, fd));
  show(dup3(fd, 11, O_CLOEXEC));
  show(dup3(fd, fd, 0));
  show(dup2(99, 12));
  show(fcntl(fd, F_DUPFD, 10));
  show(fcntl(fd, F_DUPFD_CLOEXEC, 15));
  show(fcntl(10, F_GETFD));
  show(fcntl(11, F_GETFD));
  show(fcntl(11, F_SETFD, 0));
  show(fcntl(11, F_GETFD));
  show(fcntl(15, F_GETFD));
  show(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
  show(read(fd, text, 3));
  show(read(10, text + 3, 3));
  printf("one offset for all duplicates: %s\n", text);
  show(close(fd));
  show(read(fd, text, 1));
  show(close(fd));
  show(lseek(12, 0, SEEK_CUR));
  show(open("letters", O_RDONLY));
}

static void fork_shares_offsets(void) {
  char text[8] = {0};
  int fd = (int)must(open("letters", O_RDONLY));
  pid_t child = fork();
  if (child == 0) {
    show(read(fd, text, 4));
    show(close(10));
    _exit(0);
  }
  reap("reader", child);
  show(lseek(fd, 0, SEEK_CUR));
  show(lseek(10, 0, SEEK_CUR));
  show(close(fd));
}

static void exec_closes(void) {
  pid_t child = fork();
  if (child == 0) {
    show(fcntl(10, F_SETFD, FD_CLOEXEC));
    execl("/proc/self/exe", "descriptors", "after-exec", NULL);
    _exit(98);
  }
  reap("exec", child);
}

static void ranges(void) {
  show(close_range(12, 13, 0));
  show(close_range(14, ~0U, CLOSE_RANGE_CLOEXEC));
  show(fcntl(15, F_GETFD));
  show(close_range(5, 4, 0));
  show(close_range(3, ~0U, 0));
  print_open_descriptors();
  show(open("letters", O_RDONLY));
}

int main(int argc, char** argv) {
  begin();
  if (argc > 1) {
    print_open_descriptors();
    cat(argv[0][0] == 'd' ? "letters" : "nothing");
    return 0;
  }
  put("letters", "abcdefghijklmnopqrstuvwxyz");
  numbers();
  fork_shares_offsets();
  exec_closes();
  ranges();
  return 0;
}
