// poll, ppoll, select and pselect6 on local pipes and remote FIFOs at once, under masks, with signals and
// threads.
#include "waiting.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static int fifo, ends[2];

static void show_polled(const char* title, struct pollfd* polled, int count) {
  printf("%s:", title);
  for (int i = 0; i < count; i++)
    printf(" %x", (unsigned short)polled[i].revents);
  printf("\n");
}

static void either_side(void) {
  struct pollfd both[] = {
      {fifo, POLLIN, 0x7f}, {ends[0], POLLIN, 0x7f}, {-1, POLLIN, 0x7f}, {999, POLLIN, 0}};
  for (int local = 0; local < 2; local++) {
    int* fed = local ? &ends[1] : &fifo;
    pthread_t thread = feeding(fed);
    show(poll(both, 3, -1));
    show_polled("fed", both, 3);
    pthread_join(thread, NULL);
    drain(local ? ends[0] : fifo);

    thread = feeding(fed);
    show(poll(both, 3, 20000));
    show_polled("fed in time", both, 3);
    pthread_join(thread, NULL);
    drain(local ? ends[0] : fifo);

    struct timespec time = {20, 5};
    thread = feeding(fed);
    show(syscall(SYS_ppoll, both, 2, &time, NULL, 0));
    printf("time left: %d\n", time.tv_sec < 20 && time.tv_sec >= 10);
    pthread_join(thread, NULL);
    drain(local ? ends[0] : fifo);

    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(fifo, &in);
    FD_SET(ends[0], &in);
    struct timeval left = {20, 5};
    thread = feeding(fed);
    show(select((fifo > ends[0] ? fifo : ends[0]) + 1, &in, &out, NULL, &left));
    printf("fifo %d, pipe %d, time left: %d\n", FD_ISSET(fifo, &in), FD_ISSET(ends[0], &in),
           left.tv_sec < 20 && left.tv_sec >= 10);
    pthread_join(thread, NULL);
    drain(local ? ends[0] : fifo);
  }
  show(poll(both, 4, -1));
  show_polled("not open", both, 4);
  must(write(fifo, "x", 1));
  must(write(ends[1], "x", 1));
  show(poll(both, 3, -1));
  show_polled("both", both, 3);
  drain(fifo);
  drain(ends[0]);
}

static void in_vain(void) {
  struct pollfd both[] = {{fifo, POLLIN, 0x7f}, {ends[0], POLLIN, 0x7f}};
  long long begun = now();
  show(poll(both, 2, 80));
  printf("waited: %d\n", now() - begun >= 80);
  show_polled("in vain", both, 2);
  struct timespec time = {0, 70 * 1000000};
  show(syscall(SYS_ppoll, both, 2, &time, NULL, 0));
  printf("time left: %ld.%ld\n", (long)time.tv_sec, time.tv_nsec);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fifo, &set);
  FD_SET(ends[0], &set);
  struct timeval left = {0, 70000};
  show(select(FD_SETSIZE, &set, NULL, NULL, &left));
  printf("fifo %d, pipe %d, time left %ld.%ld\n", FD_ISSET(fifo, &set), FD_ISSET(ends[0], &set),
         (long)left.tv_sec, (long)left.tv_usec);
  show(poll(both, 2, 1));
  show(poll(both, 2, 0));
}

static void hang_up(void) {
  int pipes[2], reader = (int)must(open("other", O_RDONLY | O_NONBLOCK));
  int writer = (int)must(open("other", O_WRONLY));
  must(pipe(pipes));
  struct pollfd both[] = {{reader, POLLIN, 0}, {pipes[0], POLLIN, 0}};
  pid_t child = fork();
  if (child == 0) {
    close(pipes[1]);
    rest(60);
    _exit(0);
  }
  must(close(writer));
  show(poll(both, 2, -1));
  show_polled("the writer has gone", both, 2);
  both[0].fd = fifo;
  must(close(pipes[1]));
  show(poll(both, 2, -1));
  reap("the writer", child);
  show_polled("the pipe has ended", both, 2);
  must(close(pipes[0]));
  must(close(reader));
}

static void signals(void) {
  struct pollfd both[] = {{fifo, POLLIN, 0x7f}, {ends[0], POLLIN, 0x7f}};
  on(SIGALRM, count, 0);
  every(100);
  show(poll(both, 2, -1));
  show_polled("interrupted", both, 2);
  on(SIGALRM, count, SA_RESTART);
  show(poll(both, 2, 60000));
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fifo, &set);
  FD_SET(ends[0], &set);
  struct timeval time = {50, 0};
  show(syscall(SYS_select, FD_SETSIZE, &set, NULL, NULL, &time));
  printf("still set: %d %d, time left %d\n", FD_ISSET(fifo, &set), FD_ISSET(ends[0], &set),
         time.tv_sec < 50 && time.tv_sec >= 30);
  struct timespec wait = {50, 0};
  show(syscall(SYS_ppoll, both, 2, &wait, NULL, 0));
  printf("time left %d\n", wait.tv_sec < 50 && wait.tv_sec >= 30);

  on(SIGALRM, SIG_IGN, 0);
  every(40);
  long long begun = now();
  show(poll(both, 2, 300));
  long long waited = now() - begun;
  printf("waited as long as it should: %d\n", waited >= 300 && waited < 3000);
  time = (struct timeval){0, 300000};
  begun = now();
  show(select(FD_SETSIZE, &set, NULL, NULL, &time));
  waited = now() - begun;
  printf("waited as long as it should: %d\n", waited >= 300 && waited < 3000);
  pthread_t thread = feeding(&fifo);
  show(poll(both, 2, -1));
  pthread_join(thread, NULL);
  drain(fifo);
  every(0);

  pid_t child = fork();
  if (child == 0) {
    show(poll(both, 2, 400));
    _exit(0);
  }
  rest(100);
  kill(child, SIGSTOP);
  waitpid(child, NULL, WUNTRACED);
  kill(child, SIGCONT);
  reap("stopped and continued", child);
  child = fork();
  if (child == 0) {
    show(poll(both, 2, -1));
    _exit(0);
  }
  rest(100);
  kill(child, SIGSTOP);
  waitpid(child, NULL, WUNTRACED);
  must(write(fifo, "x", 1));
  rest(30);
  kill(child, SIGCONT);
  reap("fed while it was stopped", child);
  drain(fifo);

  on(SIGALRM, SIG_DFL, 0);
  child = fork();
  if (child == 0) {
    every(100);
    poll(both, 2, -1);
    _exit(0);
  }
  reap("without a handler", child);
}

static void show_mask(void) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  printf("blocked: %d %d, handled %d\n", sigismember(&mask, SIGUSR1), sigismember(&mask, SIGUSR2), handled);
}

// With SIGUSR1 blocked but for the wait, and the other way around.
static void masks(int watched) {
  struct pollfd both[] = {{fifo, POLLIN, 0x7f}, {ends[0], POLLIN, 0x7f}};
  sigset_t none, usr1, before;
  sigemptyset(&none);
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  on(SIGUSR1, count, SA_RESTART);
  pthread_t thread;
  fd_set set;

  must(sigprocmask(SIG_SETMASK, &usr1, &before));
  kill(getpid(), SIGUSR1);
  show_mask();
  show(ppoll(both, watched, NULL, &none));
  show_mask();
  thread = kicking(&fifo);
  struct timespec time = {20, 0};
  show(syscall(SYS_ppoll, both, watched, &time, &none, 8));
  show_mask();
  printf("time left %d\n", time.tv_sec < 20 && time.tv_sec >= 10);
  show(ppoll(both, watched, NULL, &none));
  show_mask();
  show_polled("fed", both, watched);
  pthread_join(thread, NULL);
  // What is ready goes before a signal that has been blocked until the wait.
  kill(getpid(), SIGUSR1);
  show(ppoll(both, watched, NULL, &none));
  show_mask();
  drain(fifo);
  FD_ZERO(&set);
  FD_SET(fifo, &set);
  if (watched > 1) FD_SET(ends[0], &set);
  show(pselect(FD_SETSIZE, &set, NULL, NULL, NULL, &none));
  show_mask();
  thread = kicking(&fifo);
  show(pselect(FD_SETSIZE, &set, NULL, NULL, &time, &none));
  show_mask();
  show(pselect(FD_SETSIZE, &set, NULL, NULL, &time, &none));
  printf("fifo %d\n", FD_ISSET(fifo, &set));
  pthread_join(thread, NULL);
  drain(fifo);

  must(sigprocmask(SIG_SETMASK, &none, NULL));
  handled = 0;
  thread = kicking(&fifo);
  show(ppoll(both, watched, &time, &usr1));
  pthread_join(thread, NULL);
  show_mask();
  show_polled("blocked meanwhile", both, watched);
  drain(fifo);
  struct timespec shortly = {0, 50 * 1000000};
  show(ppoll(both, watched, &shortly, &usr1));
  show(syscall(SYS_ppoll, both, watched, &shortly, &usr1, 4));
  show(syscall(SYS_ppoll, both, watched, &shortly, 8L, 8));
  must(sigprocmask(SIG_SETMASK, &before, NULL));
}

static int channels[8][2], fifos[8];

static void* wait_for_one(void* argument) {
  long index = (long)argument;
  long sum = 0;
  for (int round = 0; round < 40; round++) {
    struct pollfd both[] = {{fifos[index], POLLIN, 0}, {channels[index][0], POLLIN, 0}};
    if (poll(both, 2, 20000) < 1) return (void*)-1L;
    for (int i = 0; i < 2; i++) {
      char byte = 0;
      if (both[i].revents == 0) continue;
      if (read(both[i].fd, &byte, 1) != 1) return (void*)-2L;
      sum += byte;
    }
    // An answer for each byte would make the threads take turns; here each goes at its own pace.
  }
  return (void*)sum;
}

// Eight threads wait at once, each for a pipe and a FIFO of its own, which two others fill.
static void* fill(void* argument) {
  long remote = (long)argument;
  for (int round = 0; round < 20; round++)
    for (int i = 0; i < 8; i++) {
      char byte = (char)(i + 1);
      if (write(remote ? fifos[i] : channels[i][1], &byte, 1) != 1) return (void*)1;
      if ((round + i) % 5 == 0) rest(1);
    }
  return NULL;
}

static void many(void) {
  pthread_t waiters[8], fillers[2];
  for (long i = 0; i < 8; i++) {
    char name[16];
    snprintf(name, sizeof name, "fifo-%ld", i);
    must(mkfifo(name, 0600));
    fifos[i] = (int)must(open(name, O_RDWR));
    must(pipe(channels[i]));
    must(fcntl(channels[i][0], F_SETFL, O_NONBLOCK));
    pthread_create(&waiters[i], NULL, wait_for_one, (void*)i);
  }
  for (long i = 0; i < 2; i++)
    pthread_create(&fillers[i], NULL, fill, (void*)i);
  for (int i = 0; i < 2; i++) {
    void* failed;
    pthread_join(fillers[i], &failed);
    if (failed) printf("a filler failed\n");
  }
  // A thread that found both ready in one round has rounds left: it is fed until it has made them all.
  for (long i = 0; i < 8; i++) {
    void* sum;
    while (pthread_tryjoin_np(waiters[i], &sum) != 0) {
      must(write(channels[i][1], "", 1));
      rest(1);
    }
    printf("thread %ld: %ld\n", i, (long)sum);
  }
}

int main(void) {
  begin();
  must(mkfifo("other", 0600));
  fifo = (int)must(open("fifo", O_RDWR));
  must(pipe(ends));
  either_side();
  in_vain();
  hang_up();
  signals();
  masks(1);
  masks(2);
  many();
  return 0;
}
