// epoll on local pipes and remote FIFOs at once: level and edge, ONESHOT, copies, forks, signals, masks,
// threads.
#include "waiting.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static int fifo, other, ends[2];

static int add(int set, int fd, unsigned events, unsigned data) {
  struct epoll_event event = {.events = events, .data.u64 = (unsigned long long)data << 32 | data};
  return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

static int change(int set, int fd, unsigned events, unsigned data) {
  struct epoll_event event = {.events = events, .data.u64 = (unsigned long long)data << 32 | data};
  return epoll_ctl(set, EPOLL_CTL_MOD, fd, &event);
}

static int by_data(const void* a, const void* b) {
  const struct epoll_event *one = a, *two = b;
  return (one->data.u64 > two->data.u64) - (one->data.u64 < two->data.u64);
}

// In the order of their data: which of two that are ready comes first depends on when they became so.
static void collect(const char* title, int set, int max, int timeout) {
  struct epoll_event events[8];
  memset(events, 0x55, sizeof events);
  errno = 0;
  int count = epoll_wait(set, events, max, timeout);
  printf("%s: %d%s", title, count, count < 0 ? strerrorname_np(errno) : "");
  if (count > 0) qsort(events, (size_t)count, sizeof *events, by_data);
  for (int i = 0; i < count; i++)
    printf(" %llx/%x", (unsigned long long)events[i].data.u64, events[i].events);
  printf("\n");
}

static void either_side(void) {
  int set = (int)must(epoll_create1(0));
  show(add(set, fifo, EPOLLIN, 1));
  collect("remote alone, in vain", set, 8, 0);
  long long begun = now();
  collect("remote alone, in vain", set, 8, 70);
  printf("waited: %d\n", now() - begun >= 70);
  pthread_t thread = feeding(&fifo);
  collect("remote alone", set, 8, -1);
  pthread_join(thread, NULL);
  collect("level", set, 8, -1);
  drain(fifo);
  collect("drained", set, 8, 0);
  show(add(set, ends[0], EPOLLIN, 2));
  for (int local = 0; local < 2; local++) {
    thread = feeding(local ? &ends[1] : &fifo);
    collect("fed", set, 8, -1);
    pthread_join(thread, NULL);
    thread = feeding(local ? &fifo : &ends[1]);
    pthread_join(thread, NULL);
    collect("both", set, 8, -1);
    collect("both", set, 8, 20000);
    drain(fifo);
    drain(ends[0]);
  }
  must(write(fifo, "x", 1));
  must(write(ends[1], "x", 1));
  // With room for one event, each has its turn.
  int seen = 0;
  for (int i = 0; i < 8; i++) {
    struct epoll_event event;
    must(epoll_wait(set, &event, 1, -1));
    seen |= (int)event.data.u32;
  }
  printf("seen in turns: %d\n", seen);
  drain(fifo);
  drain(ends[0]);
  begun = now();
  collect("in vain", set, 8, 80);
  printf("waited: %d\n", now() - begun >= 80);
  struct timespec time = {0, 30000000};
  struct epoll_event event;
  show(syscall(SYS_epoll_pwait2, set, &event, 1, &time, NULL, 0));
  thread = feeding(&fifo);
  time.tv_sec = 20;
  show(syscall(SYS_epoll_pwait2, set, &event, 1, &time, NULL, 0));
  printf("time is as it was: %ld.%ld\n", (long)time.tv_sec, time.tv_nsec);
  pthread_join(thread, NULL);
  drain(fifo);
  must(close(set));
}

static void edges(void) {
  int set = (int)must(epoll_create1(EPOLL_CLOEXEC));
  show(add(set, fifo, EPOLLIN | EPOLLET, 1));
  show(add(set, ends[0], EPOLLIN | EPOLLET, 2));
  must(write(fifo, "x", 1));
  must(write(ends[1], "x", 1));
  collect("edges", set, 8, -1);
  collect("no more edges", set, 8, 30);
  must(write(fifo, "y", 1));
  collect("another edge", set, 8, -1);
  must(write(fifo, "z", 1));
  must(write(ends[1], "z", 1));
  // With room for one event, none is lost to the other side's.
  int seen = 0;
  for (int i = 0; i < 2; i++) {
    struct epoll_event event = {0};
    must(epoll_wait(set, &event, 1, 5000));
    seen |= (int)event.data.u32;
  }
  printf("edges in turns: %d\n", seen);
  collect("no more of them", set, 8, 30);
  show(change(set, fifo, EPOLLIN | EPOLLET, 3));
  collect("armed again", set, 8, -1);
  collect("no more", set, 8, 20);
  drain(fifo);
  drain(ends[0]);
  show(change(set, fifo, EPOLLIN | EPOLLONESHOT, 4));
  pthread_t thread = feeding(&fifo);
  collect("once", set, 8, -1);
  pthread_join(thread, NULL);
  collect("not again", set, 8, 30);
  show(change(set, fifo, EPOLLIN | EPOLLONESHOT, 5));
  collect("once more", set, 8, -1);
  show(change(set, fifo, EPOLLOUT, 6));
  collect("for writing", set, 8, -1);
  drain(fifo);
  // Edges on one side while the other one ends the wait: none is lost.
  show(change(set, fifo, EPOLLIN | EPOLLET, 1));
  int lost = 0;
  for (int round = 0; round < 60; round++) {
    pid_t child = fork();
    if (child == 0) {
      if (round % 3 == 0) rest(1);
      must(write(round % 2 ? fifo : ends[1], "x", 1));
      must(write(round % 2 ? ends[1] : fifo, "x", 1));
      _exit(0);
    }
    for (seen = 0; seen != 3;) {
      struct epoll_event events[2];
      int count = epoll_wait(set, events, 2, 5000);
      if (count < 1) {
        lost++;
        break;
      }
      for (int i = 0; i < count; i++)
        seen |= (int)events[i].data.u32;
    }
    must(waitpid(child, NULL, 0));
    drain(fifo);
    drain(ends[0]);
  }
  printf("lost edges: %d\n", lost);
  must(close(set));
}

static void errors(void) {
  int set = (int)must(epoll_create(1)), file = (int)must(open("file", O_RDWR | O_CREAT, 0600));
  struct epoll_event event = {.events = EPOLLIN};
  show(add(set, fifo, EPOLLIN, 1));
  show(add(set, fifo, EPOLLIN, 1));
  show(add(set, file, EPOLLIN, 1));
  show(change(set, other, EPOLLIN, 1));
  show(epoll_ctl(set, EPOLL_CTL_DEL, other, NULL));
  show(epoll_ctl(set, EPOLL_CTL_DEL, fifo, NULL));
  show(epoll_ctl(set, EPOLL_CTL_DEL, fifo, NULL));
  show(epoll_ctl(set, 99, fifo, &event));
  show(epoll_ctl(set, EPOLL_CTL_ADD, fifo, (void*)8));
  show(epoll_ctl(99, EPOLL_CTL_ADD, fifo, &event));
  show(epoll_ctl(ends[0], EPOLL_CTL_ADD, fifo, &event));
  show(epoll_ctl(fifo, EPOLL_CTL_ADD, fifo, &event));
  show(epoll_ctl(fifo, EPOLL_CTL_ADD, ends[0], &event));
  show(epoll_ctl(file, EPOLL_CTL_ADD, fifo, &event));
  show(epoll_ctl(ends[0], EPOLL_CTL_ADD, file, &event));
  show(epoll_wait(set, &event, 0, 0));
  show(syscall(SYS_epoll_wait, set, &event, -1, 0));
  show(epoll_wait(fifo, &event, 1, 0));
  show(add(set, fifo, EPOLLIN, 9));
  must(write(fifo, "x", 1));
  show(syscall(SYS_epoll_wait, set, 8L, 1, 0));
  collect("still there", set, 1, 0);
  show(change(set, fifo, EPOLLIN | EPOLLET, 9));
  show(syscall(SYS_epoll_wait, set, 8L, 1, 0));
  collect("still there", set, 1, 0);
  drain(fifo);
  must(close(set));
  show(epoll_wait(set, &event, 1, 0));
  must(close(file));
}

static void copies(void) {
  int set = (int)must(epoll_create1(0)), early = (int)must(dup(set));
  must(add(set, fifo, EPOLLIN, 1));
  int late = (int)must(dup(set)), third = (int)must(fcntl(set, F_DUPFD_CLOEXEC, 100));
  must(write(fifo, "x", 1));
  collect("a copy from before", early, 8, -1);
  collect("a copy from after", late, 8, -1);
  must(close(set));
  collect("when the first is closed", third, 8, -1);
  must(dup2(third, set));
  collect("a copy at its place", set, 8, -1);
  pid_t child = fork();
  if (child == 0) {
    collect("in a child", early, 8, -1);
    must(add(early, other, EPOLLOUT, 7));
    _exit(0);
  }
  reap("the child", child);
  collect("what a child added", late, 8, -1);
  // Closing a descriptor removes it, once the last copy of it is closed.
  int copy = (int)must(dup(fifo));
  must(add(set, copy, EPOLLIN, 3));
  collect("twice", set, 8, -1);
  must(close(copy));
  collect("closed, but open elsewhere", set, 8, -1);
  int alone = (int)must(open("other", O_RDWR));
  must(add(set, alone, EPOLLIN, 4));
  must(write(alone, "x", 1));
  collect("one more", set, 8, -1);
  must(close(alone));
  collect("closed", set, 8, -1);
  drain(other);
  drain(fifo);
  must(close(set));
  must(close(early));
  must(close(late));
  must(close(third));

  // A program that is executed has the epoll, unless it closes on exec.
  set = (int)must(epoll_create1(0));
  must(add(set, fifo, EPOLLIN, 5));
  must(write(fifo, "x", 1));
  child = fork();
  if (child == 0) {
    char number[16];
    snprintf(number, sizeof number, "%d", set);
    execl("/proc/self/exe", "epolls", "executed", number, NULL);
    _exit(98);
  }
  reap("the program", child);
  drain(fifo);
  must(close(set));
}

static void in_others(void) {
  int set = (int)must(epoll_create1(0)), outer = (int)must(epoll_create1(0));
  must(add(set, fifo, EPOLLIN, 1));
  must(add(set, ends[0], EPOLLIN, 2));
  struct pollfd polled = {set, POLLIN, 0};
  show(poll(&polled, 1, 0));
  pthread_t thread = feeding(&fifo);
  show(poll(&polled, 1, -1));
  printf("%x\n", (unsigned short)polled.revents);
  pthread_join(thread, NULL);
  drain(fifo);
  thread = feeding(&ends[1]);
  show(poll(&polled, 1, -1));
  pthread_join(thread, NULL);
  fd_set readable;
  FD_ZERO(&readable);
  FD_SET(set, &readable);
  show(select(set + 1, &readable, NULL, NULL, NULL));
  drain(ends[0]);
  must(close(set));
  // Without anything remote an epoll can be in another.
  set = (int)must(epoll_create1(0));
  must(add(set, ends[0], EPOLLIN, 3));
  must(add(outer, set, EPOLLIN, 4));
  thread = feeding(&ends[1]);
  collect("an epoll in another", outer, 8, -1);
  pthread_join(thread, NULL);
  drain(ends[0]);
  must(close(set));
  must(close(outer));
}

static void signals(void) {
  int set = (int)must(epoll_create1(0));
  struct epoll_event event;
  must(add(set, fifo, EPOLLIN, 1));
  must(add(set, ends[0], EPOLLIN, 2));
  on(SIGALRM, count, SA_RESTART);
  every(100);
  show(epoll_wait(set, &event, 1, -1));
  every(0);
  on(SIGALRM, SIG_IGN, 0);
  every(40);
  long long begun = now();
  show(epoll_wait(set, &event, 1, 300));
  long long waited = now() - begun;
  printf("waited as long as it should: %d\n", waited >= 300 && waited < 3000);
  // The signal that comes as the time ends is none either.
  int interrupted = 0;
  every(3);
  for (int i = 0; i < 20; i++)
    if (epoll_wait(set, &event, 1, 6) != 0) interrupted++;
  printf("short waits that are interrupted: %d\n", interrupted);
  every(0);

  sigset_t none, usr1, before;
  sigemptyset(&none);
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  on(SIGUSR1, count, SA_RESTART);
  must(sigprocmask(SIG_SETMASK, &usr1, &before));
  kill(getpid(), SIGUSR1);
  printf("handled %d\n", handled);
  show(epoll_pwait(set, &event, 1, -1, &none));
  printf("handled %d\n", handled);
  pthread_t thread = kicking(&fifo);
  show(epoll_pwait(set, &event, 1, -1, &none));
  printf("handled %d\n", handled);
  show(epoll_pwait(set, &event, 1, -1, &none));
  pthread_join(thread, NULL);
  drain(fifo);
  must(sigprocmask(SIG_SETMASK, &none, NULL));
  thread = kicking(&ends[1]);
  show(epoll_pwait(set, &event, 1, 20000, &usr1));
  pthread_join(thread, NULL);
  printf("handled %d, event of %u\n", handled, event.data.u32);
  drain(ends[0]);
  must(sigprocmask(SIG_SETMASK, &before, NULL));

  pid_t child = fork();
  if (child == 0) {
    show(epoll_wait(set, &event, 1, 20000));
    _exit(0);
  }
  rest(100);
  kill(child, SIGSTOP);
  waitpid(child, NULL, WUNTRACED);
  kill(child, SIGCONT);
  reap("stopped and continued", child);
  must(close(set));
}

static int shared_set;

static void* wait_in_it(void* argument) {
  struct epoll_event event = {0};
  (void)argument;
  long count = epoll_wait(shared_set, &event, 1, 20000);
  return (void*)(count * 100 + (long)event.data.u32);
}

// Threads wait in an epoll that has nothing remote, or nothing at all, when something remote is added.
static void added_meanwhile(void) {
  pthread_t threads[4];
  void* result;
  shared_set = (int)must(epoll_create1(0));
  must(add(shared_set, ends[0], EPOLLIN, 2));
  pthread_create(&threads[0], NULL, wait_in_it, NULL);
  rest(60);
  must(add(shared_set, fifo, EPOLLIN, 1));
  must(write(fifo, "x", 1));
  pthread_join(threads[0], &result);
  printf("the thread got %ld\n", (long)result);
  drain(fifo);
  must(change(shared_set, fifo, EPOLLIN | EPOLLONESHOT, 1));
  for (int i = 0; i < 4; i++)
    pthread_create(&threads[i], NULL, wait_in_it, NULL);
  rest(60);
  for (int i = 0; i < 4; i++) {
    must(write(fifo, "x", 1));
    rest(20);
    must(change(shared_set, fifo, EPOLLIN | EPOLLONESHOT, 1));
    rest(20);
    drain(fifo);
  }
  long sum = 0;
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("four threads got %ld\n", sum);
  must(close(shared_set));
}

// What rsc refuses: epolls in epolls with something remote, and those of another process.
static void refused(void) {
  int inner = (int)must(epoll_create1(0)), outer = (int)must(epoll_create1(0)), early[2];
  must(add(inner, fifo, EPOLLIN, 1));
  show(add(outer, inner, EPOLLIN, 2));
  int nested = (int)must(epoll_create1(0));
  must(add(outer, nested, EPOLLIN, 3));
  show(add(nested, fifo, EPOLLIN, 1));
  int set = (int)must(epoll_create1(0));
  must(pipe(early));
  pid_t child = fork();
  if (child == 0) {
    struct epoll_event event;
    drain(early[0]);
    show(epoll_wait(set, &event, 1, -1));
    show(add(set, other, EPOLLIN, 1));
    _exit(0);
  }
  must(add(set, fifo, EPOLLIN, 1));
  must(write(early[1], "x", 1));
  reap("the child", child);
}

int main(int argc, char** argv) {
  begin();
  if (argc > 2) {
    collect("in the program", atoi(argv[2]), 8, -1);
    return 0;
  }
  must(mkfifo("other", 0600));
  fifo = (int)must(open("fifo", O_RDWR));
  other = (int)must(open("other", O_RDWR));
  must(pipe(ends));
  if (argc > 1) {
    refused();
    return 0;
  }
  either_side();
  edges();
  errors();
  copies();
  in_others();
  signals();
  added_meanwhile();
  return 0;
}
