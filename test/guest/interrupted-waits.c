// Calls that wait for somebody else, each ended by a signal whose handler does not restart them.
#include "guest.h"
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>

static void ring(int number) {
  (void)number;
}

/** Signals go on until the call has come back: the first may have come before it began. */
static void every(int milliseconds) {
  struct itimerval timer = {{0, milliseconds * 1000}, {0, milliseconds * 1000}};
  must(setitimer(ITIMER_REAL, &timer, NULL));
}

static void show_interrupted(const char* name, long result) {
  int error = errno;
  every(0);
  errno = error;
  show_result(name, result);
}

#define interrupted(call) (every(20), show_interrupted(#call, (errno = 0, (long)(call))))

static char bytes[65536];
static struct iovec part = {bytes, 4096};

int main(void) {
  begin();
  struct sigaction action = {.sa_handler = ring};
  must(sigaction(SIGALRM, &action, NULL));
  put("file", "text");
  must(mkfifo("alone", 0600));
  must(mkfifo("a-fifo", 0600));
  interrupted(syscall(SYS_open, "alone", O_RDONLY));
  interrupted(syscall(SYS_openat, AT_FDCWD, "alone", O_WRONLY));
  interrupted(syscall(SYS_creat, "alone", 0600));

  int fifo = (int)must(open("a-fifo", O_RDWR)), file = (int)must(open("file", O_RDWR));
  interrupted(read(fifo, bytes, 1));
  interrupted(readv(fifo, &part, 1));
  must(fcntl(fifo, F_SETFL, O_NONBLOCK));
  while (write(fifo, bytes, 4096) > 0)
    continue;
  must(fcntl(fifo, F_SETFL, 0));
  interrupted(write(fifo, bytes, 4096));
  interrupted(writev(fifo, &part, 1));

  int ready[2], held[2];
  char go;
  must(pipe(ready));
  must(pipe(held));
  pid_t child = fork();
  if (child == 0) {
    close(held[1]);
    struct flock lock = {.l_type = F_WRLCK};
    int own = (int)must(open("file", O_RDWR));
    must(fcntl(own, F_SETLK, &lock));
    must(flock(own, LOCK_EX));
    must(write(ready[1], "!", 1));
    // Until the parent has tried all.
    must(read(held[0], &go, 1));
    _exit(0);
  }
  must(read(ready[0], &go, 1));
  struct flock lock = {.l_type = F_WRLCK};
  interrupted(fcntl(file, F_SETLKW, &lock));
  interrupted(fcntl(file, F_OFD_SETLKW, &lock));
  interrupted(flock(file, LOCK_EX));
  must(close(held[1]));
  reap("child", child);
  unlink("alone");
  unlink("a-fifo");
  return 0;
}
