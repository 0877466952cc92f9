// inotify on remote paths: events, masks, copies, waiting in read, poll and epoll, signals, threads that wait
// before.
#include "waiting.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>

static void show_events(const char* title, int fd) {
  char bytes[4096] __attribute__((aligned(8)));
  errno = 0;
  ssize_t count = read(fd, bytes, sizeof bytes);
  printf("%s: %s", title, count < 0 ? strerrorname_np(errno) : "");
  for (char* at = bytes; at < bytes + count;) {
    struct inotify_event* event = (struct inotify_event*)at;
    printf(" %d:%x:%s", event->wd, event->mask, event->len ? event->name : "");
    if (event->mask & (IN_MOVED_FROM | IN_MOVED_TO)) printf("(%d)", event->cookie != 0);
    at += sizeof *event + event->len;
  }
  printf("\n");
}

static void append(const char* path) {
  int fd = (int)must(open(path, O_WRONLY | O_APPEND));
  must(write(fd, "more\n", 5));
  must(close(fd));
}

static void* append_later(void* path) {
  rest(60);
  append(path);
  return NULL;
}

static pthread_t appending(const char* path) {
  pthread_t thread;
  pthread_create(&thread, NULL, append_later, (void*)path);
  return thread;
}

static void events(void) {
  int watcher = (int)must(inotify_init());
  show(inotify_add_watch(watcher, "watched", IN_ALL_EVENTS));
  show(inotify_add_watch(watcher, "folder", IN_CREATE | IN_DELETE | IN_MOVE));
  append("watched");
  int pending;
  must(ioctl(watcher, FIONREAD, &pending));
  printf("pending %d\n", pending);
  show_events("appended", watcher);
  put("folder/one", "text");
  must(rename("folder/one", "folder/two"));
  must(unlink("folder/two"));
  show_events("in the folder", watcher);
  show(inotify_add_watch(watcher, "watched", IN_MODIFY));
  append("watched");
  show_events("modified", watcher);
  show(inotify_rm_watch(watcher, 1));
  show(inotify_rm_watch(watcher, 1));
  show_events("removed", watcher);
  show(inotify_add_watch(watcher, "nowhere", IN_MODIFY));
  show(inotify_add_watch(watcher, "watched", IN_MODIFY | IN_ONLYDIR));
  show(inotify_add_watch(watcher, "watched", 0));
  show(inotify_add_watch(99, "watched", IN_MODIFY));
  int file = (int)must(open("watched", O_RDONLY)), ends[2];
  must(pipe(ends));
  show(inotify_add_watch(file, "watched", IN_MODIFY));
  show(inotify_add_watch(ends[0], "watched", IN_MODIFY));
  show(inotify_rm_watch(ends[0], 1));
  show(inotify_rm_watch(99, 1));
  must(close(ends[0]));
  must(close(ends[1]));
  must(close(file));
  char small[8];
  put("folder/three", "");
  show(read(watcher, small, sizeof small));
  show_events("what was too much", watcher);
  must(close(watcher));
  show(inotify_rm_watch(watcher, 2));
}

static void copies(void) {
  int watcher = (int)must(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), early = (int)must(dup(watcher));
  show_events("nothing yet", watcher);
  must(inotify_add_watch(watcher, "watched", IN_MODIFY));
  show_events("nothing", watcher);
  int late = (int)must(dup(watcher));
  append("watched");
  show_events("a copy from before", early);
  append("watched");
  must(close(watcher));
  show_events("a copy from after", late);
  append("watched");
  pid_t child = fork();
  if (child == 0) {
    show_events("in a child", early);
    _exit(0);
  }
  reap("the child", child);
  show_events("taken by the child", late);
  printf("flags %x %x\n", fcntl(late, F_GETFL), fcntl(late, F_GETFD));
  must(fcntl(late, F_SETFL, 0));
  pthread_t thread = appending("watched");
  show_events("waited for", early);
  pthread_join(thread, NULL);
  must(close(early));
  must(close(late));
}

static void waiting(void) {
  int watcher = (int)must(inotify_init1(IN_NONBLOCK)), ends[2], set = (int)must(epoll_create1(0));
  must(pipe(ends));
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 5};
  // Before anything is watched: as programs do that watch later.
  must(epoll_ctl(set, EPOLL_CTL_ADD, watcher, &event));
  event.data.u32 = 6;
  must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  must(inotify_add_watch(watcher, "watched", IN_MODIFY));
  struct pollfd both[] = {{watcher, POLLIN, 0}, {ends[0], POLLIN, 0}};
  pthread_t thread = appending("watched");
  show(poll(both, 2, -1));
  printf("%x %x\n", (unsigned short)both[0].revents, (unsigned short)both[1].revents);
  pthread_join(thread, NULL);
  show(epoll_wait(set, &event, 1, -1));
  printf("%x %u\n", event.events, event.data.u32);
  show_events("polled", watcher);
  show(epoll_wait(set, &event, 1, 50));
  thread = appending("watched");
  show(epoll_wait(set, &event, 1, -1));
  printf("%x %u\n", event.events, event.data.u32);
  pthread_join(thread, NULL);
  show_events("waited for", watcher);
  event.data.u32 = 7;
  show(epoll_ctl(set, EPOLL_CTL_MOD, watcher, &event));
  append("watched");
  show(epoll_wait(set, &event, 1, -1));
  printf("%x %u\n", event.events, event.data.u32);
  show(epoll_ctl(set, EPOLL_CTL_DEL, watcher, NULL));
  show(epoll_wait(set, &event, 1, 20));
  must(close(set));
  must(close(watcher));
}

static void signals(void) {
  int watcher = (int)must(inotify_init1(0));
  must(inotify_add_watch(watcher, "watched", IN_MODIFY));
  struct sigaction action = {.sa_handler = count};
  must(sigaction(SIGALRM, &action, NULL));
  struct itimerval often = {{0, 60000}, {0, 60000}}, never = {{0, 0}, {0, 0}};
  must(setitimer(ITIMER_REAL, &often, NULL));
  show_events("interrupted", watcher);
  action.sa_flags = SA_RESTART;
  must(sigaction(SIGALRM, &action, NULL));
  pid_t child = fork();
  if (child == 0) {
    rest(200);
    append("watched");
    _exit(0);
  }
  show_events("restarted", watcher);
  must(setitimer(ITIMER_REAL, &never, NULL));
  reap("the child", child);
  must(close(watcher));
}

static int shared;

static void* read_it(void* argument) {
  (void)argument;
  show_events("in a thread that read before", shared);
  return NULL;
}

static void* poll_it(void* argument) {
  struct pollfd polled = {shared, POLLIN, 0};
  (void)argument;
  return (void*)(long)(poll(&polled, 1, 20000) * 100 + polled.revents);
}

static void* epoll_it(void* argument) {
  struct epoll_event event = {0};
  return (void*)(long)(epoll_wait((int)(long)argument, &event, 1, 20000) * 100 + (int)event.data.u32);
}

// Threads that wait already when the first path is watched.
static void before(void) {
  pthread_t threads[2];
  void* results[2];
  int set = (int)must(epoll_create1(0));
  shared = (int)must(inotify_init1(0));
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 8};
  must(epoll_ctl(set, EPOLL_CTL_ADD, shared, &event));
  pthread_create(&threads[0], NULL, poll_it, NULL);
  pthread_create(&threads[1], NULL, epoll_it, (void*)(long)set);
  rest(60);
  must(inotify_add_watch(shared, "watched", IN_MODIFY));
  append("watched");
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], &results[i]);
  printf("poll %ld, epoll %ld\n", (long)results[0], (long)results[1]);
  must(close(shared));
  shared = (int)must(inotify_init1(0));
  pthread_create(&threads[0], NULL, read_it, NULL);
  rest(60);
  must(inotify_add_watch(shared, "watched", IN_MODIFY));
  append("watched");
  pthread_join(threads[0], NULL);
  must(close(shared));
  must(close(set));
}

// What rsc refuses: one instance for both sides, and one that another process has a copy of.
static void refused(void) {
  int local = (int)must(inotify_init()), remote = (int)must(inotify_init()),
      copied = (int)must(inotify_init());
  must(inotify_add_watch(local, "/proc/self", IN_CREATE));
  show(inotify_add_watch(local, "watched", IN_MODIFY));
  must(inotify_add_watch(remote, "watched", IN_MODIFY));
  show(inotify_add_watch(remote, "/proc/self", IN_CREATE));
  pid_t child = fork();
  if (child == 0) {
    show(inotify_add_watch(copied, "watched", IN_MODIFY));
    _exit(0);
  }
  reap("the child", child);
  must(inotify_add_watch(copied, "watched", IN_MODIFY));
}

int main(int argc, char** argv) {
  (void)argv;
  begin();
  put("watched", "text\n");
  must(mkdir("folder", 0700));
  if (argc > 1) {
    refused();
    return 0;
  }
  events();
  copies();
  waiting();
  signals();
  before();
  return 0;
}
