// Threads that wait for both sides in a storm of signals: no byte and no edge is lost, no handler runs where
// it is blocked.
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

enum { count = 6, rounds = 1500 };

static int fifos[count], pipes[count][2], set;
static long sent[2 * count], got[2 * count];
static volatile int done, misplaced;
static __thread volatile int mayHandle = 1;

static void handle(int number) {
  (void)number;
  if (!mayHandle) misplaced++;
}

static void rest(long microseconds) {
  struct timespec time = {0, microseconds * 1000};
  nanosleep(&time, NULL);
}

static int reader_of(int place) {
  return place < count ? fifos[place] : pipes[place - count][0];
}

static void empty(int place) {
  char bytes[64];
  ssize_t size;
  while ((size = read(reader_of(place), bytes, sizeof bytes)) > 0)
    __sync_fetch_and_add(&got[place], size);
}

static void arm(int place, int operation) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET | EPOLLONESHOT, .data.u32 = (unsigned)place};
  must(epoll_ctl(set, operation, reader_of(place), &event));
}

// All threads share one epoll. Every other one has signals blocked, but for the wait.
static void* wait_in_epoll(void* argument) {
  sigset_t none, alarm;
  sigemptyset(&none);
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  int blocks = (long)argument & 1;
  if (blocks) pthread_sigmask(SIG_BLOCK, &alarm, NULL);
  while (!done) {
    struct epoll_event events[3];
    mayHandle = 1;
    int ready = epoll_pwait(set, events, 3, 200, blocks ? &none : &alarm);
    mayHandle = !blocks;
    if (ready < 0 && errno != EINTR) must(ready);
    for (int i = 0; i < ready; i++) {
      empty((int)events[i].data.u32);
      arm((int)events[i].data.u32, EPOLL_CTL_MOD);
    }
  }
  return NULL;
}

static int wait_by(int way, int fifo, int end, const sigset_t* mask) {
  struct pollfd polled[2] = {{fifo, POLLIN, 0}, {end, POLLIN, 0}};
  struct timespec time = {0, 200000000};
  fd_set readable;
  FD_ZERO(&readable);
  FD_SET(fifo, &readable);
  FD_SET(end, &readable);
  if (way == 0) return ppoll(polled, 2, &time, mask);
  if (way == 1) return pselect(FD_SETSIZE, &readable, NULL, NULL, &time, mask);
  return poll(polled, 2, 200);
}

// Each thread has descriptors of its own.
static void* wait_for_own(void* argument) {
  int place = (int)(long)argument;
  sigset_t none, alarm;
  sigemptyset(&none);
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  if (place & 1) pthread_sigmask(SIG_BLOCK, &alarm, NULL);
  for (int way = 0; !done; way = (way + 1) % 3) {
    mayHandle = 1;
    int ready = wait_by(way, fifos[place], pipes[place][0], &none);
    mayHandle = !(place & 1);
    if (ready < 0 && errno != EINTR) must(ready);
    empty(place);
    empty(place + count);
  }
  return NULL;
}

static int has_all(void) {
  int all = 1;
  for (int place = 0; place < 2 * count; place++)
    all &= __sync_fetch_and_add(&got[place], 0) == sent[place];
  return all;
}

static void storm(const char* title, void* (*wait)(void*)) {
  pthread_t threads[count];
  unsigned chance = 1;
  done = 0;
  for (long i = 0; i < count; i++)
    pthread_create(&threads[i], NULL, wait, (void*)i);
  for (int round = 0; round < rounds; round++) {
    chance = chance * 1103515245 + 12345;
    int place = (int)(chance >> 16) % (2 * count);
    must(write(place < count ? fifos[place] : pipes[place - count][1], "z", 1));
    sent[place]++;
    if (round % 3 == 0) pthread_kill(threads[(chance >> 20) % count], SIGALRM);
    if (round % 7 == 0) rest(500);
  }
  for (int i = 0; i < 200 && !has_all(); i++)
    rest(50000);
  done = 1;
  for (int i = 0; i < count; i++)
    pthread_join(threads[i], NULL);
  printf("%s: all %d, misplaced %d\n", title, has_all(), misplaced);
}

int main(void) {
  begin();
  set = (int)must(epoll_create1(0));
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  must(sigaction(SIGALRM, &action, NULL));
  for (int i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "fifo-%d", i);
    must(mkfifo(name, 0600));
    fifos[i] = (int)must(open(name, O_RDWR | O_NONBLOCK));
    must(pipe2(pipes[i], O_NONBLOCK));
  }
  storm("poll and select", wait_for_own);
  for (int place = 0; place < 2 * count; place++)
    arm(place, EPOLL_CTL_ADD);
  storm("epoll", wait_in_epoll);
  return 0;
}
