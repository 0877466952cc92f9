// Each request of ioctl(2) and each command of fcntl(2) that has a meaning for files: on a file, a directory,
// a FIFO, on a descriptor that is a path only, and on nothing.
#include "guest.h"
#include <limits.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

// Younger than the headers of this machine may be (include/uapi/linux/fcntl.h).
enum { dupfd_query = 1027, created_query = 1028 };

#define BAD ((void*)16)

struct request {
  const char* name;
  unsigned number;
};
#define R(name) {#name, name},

/** What a file that is no device does not know. */
static const struct request of_devices[] = {
    R(BLKROSET) R(BLKROGET) R(BLKRRPART) R(BLKGETSIZE) R(BLKFLSBUF) R(BLKRASET) R(BLKRAGET) R(BLKFRASET)
        R(BLKFRAGET) R(BLKSECTGET) R(BLKSSZGET) R(BLKBSZGET) R(BLKBSZSET) R(BLKDISCARD) R(BLKSECDISCARD)
            R(BLKZEROOUT) R(BLKIOMIN) R(BLKIOOPT) R(BLKALIGNOFF) R(BLKPBSZGET) R(BLKDISCARDZEROES)
                R(BLKROTATIONAL) R(TCGETS) R(TCSETS) R(TCSETSW) R(TCSETSF) R(TCGETA) R(TCSETA) R(TCSETAW)
                    R(TCSETAF) R(TCSBRK) R(TCSBRKP) R(TCXONC) R(TCFLSH) R(TIOCEXCL) R(TIOCNXCL) R(TIOCSTI)
                        R(TIOCGWINSZ) R(TIOCSWINSZ) R(TIOCMGET) R(TIOCMBIS) R(TIOCMBIC) R(TIOCMSET)
                            R(TIOCMIWAIT) R(TIOCGICOUNT) R(TIOCGSOFTCAR) R(TIOCSSOFTCAR) R(TIOCOUTQ)
                                R(TIOCCONS) R(TIOCGSERIAL) R(TIOCSSERIAL) R(TIOCGRS485) R(TIOCSRS485)
                                    R(TIOCSERGETLSR) R(TIOCPKT) R(TIOCSETD) R(TIOCGETD) R(TIOCSBRK)
                                        R(TIOCCBRK) R(TIOCGLCKTRMIOS) R(TIOCSLCKTRMIOS) R(TIOCVHANGUP)
                                            R(TIOCGPTPEER)};

/** What a file system may know. */
static const struct request of_files[] = {R(FIOCLEX) R(FIONCLEX) R(FIONBIO) R(FIONREAD) R(FIOQSIZE) R(
    FIGETBSZ) R(FS_IOC_GETFLAGS) R(FS_IOC_SETFLAGS) R(FS_IOC_GETVERSION) R(FS_IOC_SETVERSION)};

static void requests(const char* what, int fd) {
  char bytes[256] = {0};
  for (size_t i = 0; i < sizeof of_devices / sizeof *of_devices; i++) {
    long result = ioctl(fd, of_devices[i].number, bytes);
    printf("%s, %s: %s\n", of_devices[i].name, what, result == -1 ? strerrorname_np(errno) : "done");
  }
  for (size_t i = 0; i < sizeof of_files / sizeof *of_files; i++) {
    long result = ioctl(fd, of_files[i].number, BAD);
    printf("%s, %s: %s\n", of_files[i].name, what, result == -1 ? strerrorname_np(errno) : "done");
  }
}

static void commands(int fd) {
  struct flock lock = {.l_type = F_RDLCK}, odd = {.l_type = 99}, before = {.l_type = F_RDLCK, .l_start = -1};
  struct flock far = {.l_type = F_RDLCK, .l_start = LONG_MAX, .l_len = 10};
  unsigned long hint = 2, no_hint = 99;
  const int locking[] = {F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
  show(fcntl(fd, F_DUPFD, INT_MAX));
  show(fcntl(fd, F_DUPFD_CLOEXEC, -1));
  // Linux has it since 6.10; before, what stands for a remote descriptor is told something else than a file.
  if (fcntl(0, dupfd_query, 0) >= 0) show(fcntl(fd, dupfd_query, fd));
  show(fcntl(fd, created_query, 0));
  show(fcntl(fd, F_GETFD));
  show(fcntl(fd, F_SETFD, 99));
  show(fcntl(fd, F_SETFD, 0));
  show(fcntl(fd, F_GETFL) & O_ACCMODE);
  show(fcntl(fd, F_SETFL, O_APPEND));
  show(fcntl(fd, F_SETFL, 0));
  for (size_t i = 0; i < sizeof locking / sizeof *locking; i++) {
    show(fcntl(fd, locking[i], &lock));
    lock = (struct flock){.l_type = F_RDLCK};
    show(fcntl(fd, locking[i], &odd));
    show(fcntl(fd, locking[i], &before));
    show(fcntl(fd, locking[i], &far));
    show(fcntl(fd, locking[i], BAD));
  }
  lock.l_type = F_WRLCK;
  show(fcntl(fd, F_SETLK, &lock));
  lock.l_pid = 1;
  show(fcntl(fd, F_OFD_SETLK, &lock));
  show(fcntl(fd, F_GETPIPE_SZ));
  show(fcntl(fd, F_SETPIPE_SZ, 65536));
  show(fcntl(fd, F_SETPIPE_SZ, -1));
  show(fcntl(fd, F_GET_SEALS));
  show(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  show(fcntl(fd, F_GET_RW_HINT, &hint));
  show(fcntl(fd, F_SET_RW_HINT, &hint));
  show(fcntl(fd, F_SET_RW_HINT, &no_hint));
  show(fcntl(fd, F_SET_RW_HINT, BAD));
  show(fcntl(fd, F_GET_RW_HINT, BAD));
  show(fcntl(fd, F_GET_FILE_RW_HINT, &hint));
  show(fcntl(fd, F_SET_FILE_RW_HINT, &hint));
}

/** Two who wait for each other: the second one is refused. */
static void deadlock(void) {
  struct flock first = {.l_type = F_WRLCK, .l_start = 0, .l_len = 1},
               second = {.l_type = F_WRLCK, .l_start = 1, .l_len = 1};
  put("locked", "lock");
  int fd = (int)must(open("locked", O_RDWR)), ready[2];
  char go;
  must(fcntl(fd, F_SETLK, &first));
  must(pipe(ready));
  pid_t child = fork();
  if (child == 0) {
    must(fcntl(fd, F_SETLK, &second));
    show(fcntl(fd, F_SETLK, &first));
    must(write(ready[1], "!", 1));
    long result = fcntl(fd, F_SETLKW, &first);
    _exit(result == -1 ? errno : 0);
  }
  must(read(ready[0], &go, 1));
  long result = fcntl(fd, F_SETLKW, &second);
  int error = result == -1 ? errno : 0;
  first.l_type = second.l_type = F_UNLCK;
  must(fcntl(fd, F_SETLK, &first));
  must(fcntl(fd, F_SETLK, &second));
  int status = 0;
  must(waitpid(child, &status, 0));
  // Which of the two came second is nobody's business.
  printf("one of two: %s\n", strerrorname_np(error | WEXITSTATUS(status)));
}

int main(void) {
  begin();
  put("file", "some text");
  put("other", "other text");
  must(mkdir("directory", 0700));
  must(mkfifo("a-fifo", 0600));
  int fds[] = {(int)must(open("file", O_RDWR)), (int)must(open("directory", O_RDONLY)),
               (int)must(open("a-fifo", O_RDWR | O_NONBLOCK)), (int)must(open("file", O_PATH)), 99};
  const char* names[] = {"a file", "a directory", "a fifo", "a path", "nothing"};
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
    requests(names[i], fds[i]);
    printf("%s\n", names[i]);
    commands(fds[i]);
  }
  int block = 0;
  show(ioctl(99, FIBMAP, &block));
  show(ioctl(fds[2], FIBMAP, &block));
  show(ioctl(99, FICLONE, fds[0]));
  show(ioctl(fds[0], FICLONE, fds[2]));
  show(ioctl(fds[0], FICLONE, fds[1]));
  deadlock();
  unlink("a-fifo");
  return 0;
}
