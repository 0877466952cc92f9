// ioctl on a file, a directory and a pipe: what they answer, and that a file is not a terminal.
#include "guest.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <termios.h>

int main(void) {
  begin();
  struct termios terminal;
  struct winsize size;
  int waiting = -1, flag = 1, ends[2], flags = 0;
  put("file", "0123456789");
  int fd = (int)must(open("file", O_RDONLY)), directory = (int)must(open(".", O_RDONLY));
  must(lseek(fd, 4, SEEK_SET));
  show(ioctl(fd, FIONREAD, &waiting));
  printf("%d bytes\n", waiting);
  show(ioctl(fd, TCGETS, &terminal));
  show(ioctl(fd, TIOCGWINSZ, &size));
  show(isatty(fd));
  show(ioctl(directory, TCGETS, &terminal));
  show(ioctl(fd, FIONBIO, &flag));
  show(fcntl(fd, F_GETFL) & O_NONBLOCK);
  show(ioctl(fd, FIOCLEX));
  show(fcntl(fd, F_GETFD));
  show(ioctl(fd, FIONCLEX));
  show(fcntl(fd, F_GETFD));
  show(ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 || errno == ENOTTY);
  show(ioctl(fd, 0x4242, 0));
  show(ioctl(fd, FIONREAD, (int*)16));
  show(ioctl(99, FIONREAD, &waiting));
  must(pipe(ends));
  must(write(ends[1], "abc", 3));
  show(ioctl(ends[0], FIONREAD, &waiting));
  printf("%d bytes\n", waiting);
  return 0;
}
