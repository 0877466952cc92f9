// Many threads make the first remote thing of one epoll, and of one inotify instance, at the same time.
#include "guest.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

enum { count = 6 };

static pthread_barrier_t ready;
static int set, watcher, fifos[count];

static void* add(void* argument) {
  long place = (long)argument;
  char name[16];
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (unsigned)place};
  snprintf(name, sizeof name, "file-%ld", place);
  pthread_barrier_wait(&ready);
  must(epoll_ctl(set, EPOLL_CTL_ADD, fifos[place], &event));
  return (void*)must(inotify_add_watch(watcher, name, IN_MODIFY));
}

static void once(int round) {
  pthread_t threads[count];
  long watches = 0, seen = 0;
  set = (int)must(epoll_create1(0));
  watcher = (int)must(inotify_init1(IN_NONBLOCK));
  int copies[2] = {(int)must(dup(set)), (int)must(dup(watcher))};
  for (long i = 0; i < count; i++)
    pthread_create(&threads[i], NULL, add, (void*)i);
  for (int i = 0; i < count; i++) {
    void* watch;
    pthread_join(threads[i], &watch);
    watches |= 1L << (long)watch;
  }
  for (int i = 0; i < count; i++) {
    struct epoll_event event;
    must(write(fifos[i], "x", 1));
    must(epoll_wait(i % 2 ? set : copies[0], &event, 1, 20000));
    seen |= 1L << event.data.u32;
    must(read(fifos[i], &event, 1));
  }
  for (int i = 0; i < count; i++) {
    char name[16], bytes[64];
    snprintf(name, sizeof name, "file-%d", i);
    int file = (int)must(open(name, O_WRONLY));
    must(write(file, "more", 4));
    must(close(file));
    must(read(i % 2 ? watcher : copies[1], bytes, sizeof bytes));
  }
  if (round == 0 || watches != 0x7e || seen != 0x3f) printf("watches %lx, events %lx\n", watches, seen);
  must(close(set));
  must(close(watcher));
  must(close(copies[0]));
  must(close(copies[1]));
}

int main(void) {
  begin();
  for (int i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "fifo-%d", i);
    must(mkfifo(name, 0600));
    fifos[i] = (int)must(open(name, O_RDWR));
    snprintf(name, sizeof name, "file-%d", i);
    put(name, "text");
  }
  pthread_barrier_init(&ready, NULL, count);
  for (int round = 0; round < 20; round++)
    once(round);
  printf("done\n");
  return 0;
}
