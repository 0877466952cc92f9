// poll, ppoll, select and pselect6 on FIFOs and files: what is ready, who is waited for, and what signals do.
#include "waiting.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static int fifo, other, file;

static void show_polled(const char* title, struct pollfd* polled, int count) {
  printf("%s:", title);
  for (int i = 0; i < count; i++)
    printf(" %x/%x", (unsigned short)polled[i].events, (unsigned short)polled[i].revents);
  printf("\n");
}

static void what_is_ready(void) {
  struct pollfd polled[] = {{fifo, POLLIN | POLLOUT, -1}, {other, POLLIN, -1},         {-1, POLLIN, -1},
                            {file, POLLIN | POLLOUT, -1}, {999, POLLIN | POLLPRI, -1}, {file, 0, -1}};
  show(poll(polled, 6, -1));
  show_polled("ready at once", polled, 6);
  show(poll(polled + 1, 2, 0));
  show_polled("nothing is ready", polled + 1, 2);
  long long begun = now();
  show(poll(polled + 1, 1, 60));
  printf("waited: %d\n", now() - begun >= 60);
  must(write(other, "x", 1));
  show(poll(polled, 3, -1));
  show_polled("with a byte", polled, 3);
  drain(other);
  show(syscall(SYS_poll, polled, 1u << 30, 0));
  show(syscall(SYS_poll, 8L, 1, 0));
}

static void hang_up(void) {
  int ends[2], reader = (int)must(open("third", O_RDONLY | O_NONBLOCK));
  int writer = (int)must(open("third", O_WRONLY));
  must(write(writer, "last", 4));
  must(close(writer));
  struct pollfd polled[] = {{reader, POLLIN, 0}, {reader, 0, 0}};
  show(poll(polled, 2, -1));
  show_polled("hung up, with bytes", polled, 2);
  drain(reader);
  show(poll(polled, 2, -1));
  show_polled("hung up", polled, 2);
  writer = (int)must(open("third", O_WRONLY));
  must(close(reader));
  struct pollfd broken = {writer, POLLOUT, 0};
  show(poll(&broken, 1, -1));
  show_polled("nobody reads", &broken, 1);
  must(close(writer));
  // Beside a local descriptor: whatever is ready ends the wait.
  must(pipe(ends));
  struct pollfd both[] = {{ends[0], POLLIN, -1}, {file, POLLIN, -1}, {ends[1], POLLOUT, -1}};
  show(poll(both, 3, -1));
  show_polled("a pipe and a file", both, 3);
  must(write(ends[1], "x", 1));
  both[1].fd = fifo;
  show(poll(both, 2, -1));
  show_polled("a pipe and a FIFO", both, 2);
  drain(ends[0]);
  show(poll(both, 2, 0));
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  FD_SET(file, &set);
  struct timeval time = {50, 0};
  show(select(ends[1] + 1, &set, NULL, NULL, &time));
  printf("pipe %d, file %d, time left %d\n", FD_ISSET(ends[0], &set), FD_ISSET(file, &set),
         time.tv_sec < 50 && time.tv_sec >= 30);
  must(close(ends[0]));
  must(close(ends[1]));
}

// Bytes for which there was no memory can still be read.
static void unread(void) {
  char* page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(munmap(page + 4096, 4096));
  must(write(fifo, "bytes", 5));
  show(read(fifo, page + 4096, 5));
  struct pollfd polled = {fifo, POLLIN, 0};
  show(poll(&polled, 1, -1));
  show_polled("unread", &polled, 1);
  fd_set in, out;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_SET(fifo, &in);
  FD_SET(fifo, &out);
  show(select(fifo + 1, &in, &out, NULL, NULL));
  drain(fifo);
  show(poll(&polled, 1, 0));
}

static void waiting(void) {
  struct pollfd polled[] = {{fifo, POLLIN, 0}, {other, POLLIN, 0}};
  pthread_t thread = feeding(&other);
  show(poll(polled, 2, -1));
  show_polled("fed by a thread", polled, 2);
  pthread_join(thread, NULL);
  drain(other);

  struct timespec time = {20, 0};
  thread = feeding(&fifo);
  show(ppoll(polled, 2, &time, NULL));
  pthread_join(thread, NULL);
  drain(fifo);
  struct timespec raw = {20, 5};
  thread = feeding(&fifo);
  show(syscall(SYS_ppoll, polled, 2, &raw, NULL, 0));
  printf("time left: %d\n", raw.tv_sec < 20 && raw.tv_sec >= 10);
  pthread_join(thread, NULL);
  drain(fifo);
  raw = (struct timespec){0, 30 * 1000000};
  show(syscall(SYS_ppoll, polled, 2, &raw, NULL, 0));
  printf("time left: %ld.%ld\n", (long)raw.tv_sec, raw.tv_nsec);
  raw = (struct timespec){0, -1};
  show(syscall(SYS_ppoll, polled, 2, &raw, NULL, 0));

  pid_t child = fork();
  if (child == 0) {
    feed(&fifo);
    _exit(0);
  }
  show(poll(polled, 1, -1));
  reap("the writer", child);
  drain(fifo);

  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  time = (struct timespec){0, 20 * 1000000};
  show(ppoll(polled, 1, &time, &mask));
}

static void sets(void) {
  int high = (int)must(fcntl(fifo, F_DUPFD, 700));
  fd_set in, out, except;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&except);
  FD_SET(high, &in);
  FD_SET(other, &in);
  FD_SET(high, &out);
  FD_SET(file, &except);
  show(select(high + 1, &in, &out, &except, NULL));
  printf("in %d %d, out %d, except %d\n", FD_ISSET(high, &in), FD_ISSET(other, &in), FD_ISSET(high, &out),
         FD_ISSET(file, &except));
  FD_SET(high, &in);
  FD_SET(other, &in);
  pthread_t thread = feeding(&fifo);
  struct timeval time = {20, 1500000};
  show(syscall(SYS_select, high + 1, &in, NULL, NULL, &time));
  printf("in %d %d, time left %d\n", FD_ISSET(high, &in), FD_ISSET(other, &in),
         time.tv_sec < 22 && time.tv_sec >= 10);
  pthread_join(thread, NULL);
  drain(fifo);
  time = (struct timeval){0, 30000};
  show(select(FD_SETSIZE, &in, NULL, NULL, &time));
  printf("in %d, time left %ld.%ld\n", FD_ISSET(high, &in), (long)time.tv_sec, (long)time.tv_usec);
  FD_SET(high, &in);
  FD_SET(900, &in);
  show(select(FD_SETSIZE, &in, NULL, NULL, &time));
  FD_CLR(900, &in);
  FD_SET(1020, &in);
  time = (struct timeval){0, 1000};
  show(select(FD_SETSIZE, &in, NULL, NULL, &time));
  FD_SET(high, &in);
  show(select(-1, &in, NULL, NULL, NULL));
  time = (struct timeval){-1, 0};
  show(select(high + 1, &in, NULL, NULL, &time));
  must(close(high));
  FD_ZERO(&in);
  FD_SET(fifo, &in);
  struct timespec wait = {0, 10 * 1000000};
  show(pselect(fifo + 1, &in, NULL, NULL, &wait, NULL));
}

static void feed_at_third(int number) {
  (void)number;
  if (++handled == 3) must(write(other, "fed", 3));
}

static void on_alarm(void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  must(sigaction(SIGALRM, &action, NULL));
  handled = 0;
}

static void signals(void) {
  struct pollfd polled = {fifo, POLLIN, 0x7f};
  on_alarm(count, 0);
  every(100);
  show(poll(&polled, 1, -1));
  show_polled("interrupted", &polled, 1);
  on_alarm(count, SA_RESTART);
  show(poll(&polled, 1, 60000));
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fifo, &set);
  struct timeval time = {50, 0};
  show(syscall(SYS_select, fifo + 1, &set, NULL, NULL, &time));
  printf("still set: %d, time left %d\n", FD_ISSET(fifo, &set), time.tv_sec < 50 && time.tv_sec >= 30);
  struct timespec wait = {50, 0};
  show(syscall(SYS_ppoll, &polled, 1, &wait, NULL, 0));
  printf("time left %d\n", wait.tv_sec < 50 && wait.tv_sec >= 30);

  // Handlers come and go until there is something to read.
  on_alarm(feed_at_third, 0);
  polled.fd = other;
  int interruptions = 0;
  while (poll(&polled, 1, -1) < 0)
    interruptions++;
  printf("handled %d, interrupted: %d\n", handled >= 3, interruptions > 0);
  drain(other);

  // Signals that are ignored end no wait, and do not make it longer.
  on_alarm(SIG_IGN, 0);
  every(40);
  long long begun = now();
  show(poll(&polled, 1, 300));
  long long waited = now() - begun;
  printf("waited as long as it should: %d\n", waited >= 300 && waited < 3000);
  time = (struct timeval){0, 300000};
  FD_ZERO(&set);
  FD_SET(fifo, &set);
  begun = now();
  show(select(fifo + 1, &set, NULL, NULL, &time));
  waited = now() - begun;
  printf("waited as long as it should: %d\n", waited >= 300 && waited < 3000);
  every(0);

  pid_t child = fork();
  if (child == 0) {
    polled.fd = fifo;
    show(poll(&polled, 1, 400));
    _exit(0);
  }
  struct timespec pause = {0, 100 * 1000000};
  nanosleep(&pause, NULL);
  kill(child, SIGSTOP);
  waitpid(child, NULL, WUNTRACED);
  kill(child, SIGCONT);
  reap("stopped and continued", child);

  on_alarm(SIG_DFL, 0);
  child = fork();
  if (child == 0) {
    every(100);
    poll(&polled, 1, -1);
    _exit(0);
  }
  reap("without a handler", child);
}

// What rsc refuses: a wait for more descriptors of both sides than it can lend memory for.
static void refused(void) {
  enum { many = 1100 };
  static struct pollfd both[many];
  int ends[2];
  must(pipe(ends));
  struct rlimit limit;
  must(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  must(setrlimit(RLIMIT_NOFILE, &limit));
  for (int i = 0; i < many; i++)
    both[i] = (struct pollfd){i % 2 ? ends[0] : fifo, POLLIN, 0x7f};
  show(poll(both, many, 0));
  show_polled("refused", both, 2);
}

int main(int argc, char** argv) {
  begin();
  if (argc > 1 && strcmp(argv[1], "refused") == 0) {
    fifo = (int)must(open("fifo", O_RDWR));
    refused();
    return 0;
  }
  must(mkfifo("second", 0600));
  must(mkfifo("third", 0600));
  fifo = (int)must(open("fifo", O_RDWR));
  other = (int)must(open("second", O_RDWR));
  put("file", "text");
  file = (int)must(open("file", O_RDWR));
  what_is_ready();
  hang_up();
  unread();
  waiting();
  sets();
  signals();
  return 0;
}
