// POSIX locks between two processes, open file description locks, and flock.
#include "guest.h"
#include <sys/file.h>

static struct flock range(short type, off_t start, off_t length) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static int set(int fd, int command, short type, off_t start, off_t length) {
  struct flock lock = range(type, start, length);
  return fcntl(fd, command, &lock);
}

// Prints what stands in the way of a lock; the owner's number differs from run to run, its presence does not.
static void print_conflict(int fd, int command, short type, off_t start, off_t length) {
  struct flock lock = range(type, start, length);
  show(fcntl(fd, command, &lock));
  printf("type %d, start %ld, length %ld, owner %s\n", lock.l_type, (long)lock.l_start, (long)lock.l_len,
         lock.l_type == F_UNLCK ? "nobody"
         : lock.l_pid == -1     ? "a description"
                                : "a process");
}

static void between_processes(void) {
  int go[2], fd = (int)must(open("locked", O_RDWR));
  char byte = 0;
  must(pipe(go));
  show(set(fd, F_SETLK, F_WRLCK, 10, 5));
  pid_t child = fork();
  if (child == 0) {
    show(set(fd, F_SETLK, F_WRLCK, 12, 1));
    show(set(fd, F_SETLK, F_RDLCK, 0, 10));
    print_conflict(fd, F_GETLK, F_RDLCK, 0, 0);
    must(write(go[1], "x", 1));
    _exit(set(fd, F_SETLKW, F_WRLCK, 10, 5) == 0 ? 0 : 1);
  }
  must(read(go[0], &byte, 1));
  show(set(fd, F_SETLK, F_UNLCK, 0, 0));
  reap("waiter", child);
  print_conflict(fd, F_GETLK, F_WRLCK, 0, 0);
  // Any close of the file drops the process's locks (fcntl(2), "Record locks").
  show(set(fd, F_SETLK, F_WRLCK, 0, 1));
  must(close((int)must(open("locked", O_RDONLY))));
  child = fork();
  if (child == 0) {
    print_conflict(fd, F_GETLK, F_WRLCK, 0, 0);
    _exit(0);
  }
  reap("asker", child);
  show(set(fd, F_SETLK, 9, 0, 1));
  must(close(fd));
}

static void between_descriptions(void) {
  int one = (int)must(open("locked", O_RDWR)), two = (int)must(open("locked", O_RDWR)), again = dup(one);
  show(set(one, F_OFD_SETLK, F_WRLCK, 0, 4));
  show(set(two, F_OFD_SETLK, F_WRLCK, 0, 4));
  show(set(again, F_OFD_SETLK, F_WRLCK, 2, 4));
  print_conflict(two, F_OFD_GETLK, F_WRLCK, 0, 0);
  show(close(one));
  show(set(two, F_OFD_SETLK, F_RDLCK, 0, 4));
  show(close(again));
  show(set(two, F_OFD_SETLK, F_RDLCK, 0, 4));
  must(close(two));
}

static void whole_files(void) {
  int one = (int)must(open("locked", O_RDWR)), two = (int)must(open("locked", O_RDWR));
  show(flock(one, LOCK_EX));
  show(flock(two, LOCK_EX | LOCK_NB));
  show(flock(one, LOCK_SH));
  show(flock(two, LOCK_SH | LOCK_NB));
  show(flock(one, LOCK_UN));
  show(flock(two, LOCK_EX | LOCK_NB));
  show(flock(two, 77));
  pid_t child = fork();
  if (child == 0) {
    must(close(two));
    _exit(flock(one, LOCK_EX) == 0 ? 0 : 1);
  }
  show(close(two));
  reap("flock waiter", child);
  must(close(one));
}

int main(void) {
  begin();
  put("locked", "0123456789abcdefghij");
  between_processes();
  between_descriptions();
  whole_files();
  return 0;
}
