// Signals during a blocked read: EINTR without SA_RESTART, restarted with it, whole when data came first.
#include "guest.h"
#include <signal.h>
#include <sys/time.h>

static int fd;
static volatile sig_atomic_t handled;

static void count(int number) {
  (void)number;
  handled++;
}

static void feed_at_third(int number) {
  (void)number;
  if (++handled == 3 && write(fd, "fed", 3) != 3) _exit(97);
}

static void on_alarm(void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  must(sigaction(SIGALRM, &action, NULL));
  handled = 0;
}

// Repeated, so that a signal which comes before the read begins is followed by one that comes during it.
static void every(int milliseconds) {
  struct itimerval timer = {{0, milliseconds * 1000}, {0, milliseconds * 1000}};
  must(setitimer(ITIMER_REAL, &timer, NULL));
}

int main(void) {
  begin();
  char text[16] = {0};
  fd = (int)must(open("fifo", O_RDWR));

  on_alarm(count, 0);
  every(100);
  show(read(fd, text, sizeof text));
  printf("handled: %d\n", handled > 0);

  on_alarm(feed_at_third, SA_RESTART);
  show(read(fd, text, sizeof text));
  printf("read \"%s\", handled at least 3: %d\n", text, handled >= 3);

  on_alarm(SIG_IGN, 0);
  pid_t child = fork();
  if (child == 0) {
    must(write(fd, "from a child", 12));
    _exit(0);
  }
  show(read(fd, text, sizeof text));
  reap("writer", child);

  every(0);
  on_alarm(SIG_DFL, 0);
  child = fork();
  if (child == 0) {
    every(100);
    show(read(fd, text, sizeof text));
    _exit(0);
  }
  reap("reader without a handler", child);
  return 0;
}
