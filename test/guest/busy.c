// busy FOLDER: does what programs do, in several threads and in children, until SIGTERM, and checks every
// answer. FOLDER/where says on which side its calls are: it holds `here` or `there`. Prints a line when it is
// under way, one for each wrong answer, and at the end what it has seen.
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/time.h>

extern char** environ;

static const char* folder;
static atomic_int stopping, wrong;
static atomic_long here, there, ticks;

static void expect(int holds, const char* what) {
  if (holds) return;
  printf("wrong: %s (%s)\n", what, strerrorname_np(errno));
  wrong++;
}

static void path_of(char* path, size_t size, const char* name) {
  snprintf(path, size, "%s/%s", folder, name);
}

// Opens, reads and closes: each time on one side, whole.
static void* reader(void* unused) {
  char path[256], text[64];
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
  path_of(path, sizeof path, "where");
  while (!stopping) {
    int fd = open(path, O_RDONLY);
    expect(fd >= 0, "open where");
    if (fd < 0) continue;
    ssize_t count = read(fd, text, sizeof text);
    if (count == 5 && memcmp(text, "here\n", 5) == 0)
      here++;
    else if (count == 6 && memcmp(text, "there\n", 6) == 0)
      there++;
    else
      expect(0, "what where holds");
    expect(close(fd) == 0, "close where");
  }
  return unused;
}

// Keeps a file open through everything that happens, and knows its offset and what it has written.
static void* keeper(void* name) {
  char path[256];
  path_of(path, sizeof path, name);
  while (!stopping) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    expect(fd >= 0, "open of a file to keep");
    for (long round = 0; fd >= 0 && round < 200 && !stopping; round++) {
      long back = -1;
      expect(write(fd, &round, sizeof round) == sizeof round, "write");
      expect(lseek(fd, 0, SEEK_CUR) == (round + 1) * (long)sizeof round, "the offset");
      expect(pread(fd, &back, sizeof back, round / 2 * (long)sizeof back) == sizeof back, "pread");
      expect(back == round / 2, "what pread brings");
    }
    if (fd >= 0) expect(close(fd) == 0, "close of a file that was kept");
  }
  return NULL;
}

static int ping[2], pong[2];

static void* echo(void* unused) {
  char byte;
  while (read(ping[0], &byte, 1) == 1)
    expect(write(pong[1], &byte, 1) == 1, "write to a pipe");
  return unused;
}

// Waits in calls that do not know of the tracer, and must not fail for it.
static void* waiter(void* unused) {
  // It may be sent here while posix_spawn(3) blocks it elsewhere: then it is not ignored, and ends
  // epoll_wait.
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &child, NULL);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  expect(epoll_ctl(epoll, EPOLL_CTL_ADD, pong[0], &event) == 0, "epoll_ctl");
  for (char byte = 0; !stopping; byte++) {
    expect(epoll_wait(epoll, &event, 1, 5) == 0, "epoll_wait that times out");
    expect(write(ping[1], &byte, 1) == 1, "write to a pipe");
    expect(epoll_wait(epoll, &event, 1, -1) == 1, "epoll_wait");
    char back;
    expect(read(pong[0], &back, 1) == 1 && back == byte, "read from a pipe");
    struct pollfd nothing = {.fd = pong[0], .events = POLLIN};
    expect(poll(&nothing, 1, 3) == 0, "poll that times out");
    struct timespec nap = {0, 2000000};
    expect(nanosleep(&nap, NULL) == 0, "nanosleep");
  }
  close(ping[1]);
  close(epoll);
  return unused;
}

static void run_child(char* const argv[], int status) {
  pid_t child;
  int error = posix_spawn(&child, argv[0], NULL, NULL, argv, environ);
  int ended = -1;
  expect(error == 0, "posix_spawn");
  if (error == 0)
    expect(waitpid(child, &ended, 0) == child && WIFEXITED(ended) && WEXITSTATUS(ended) == status, argv[0]);
}

static void* parent(void* unused) {
  char script[300];
  snprintf(script, sizeof script, "read -r word < %s/where; case $word in here|there) exit 3;; esac", folder);
  char* shell[] = {"/bin/sh", "-c", script, NULL};
  char* nothing[] = {"/bin/true", NULL};
  while (!stopping) {
    run_child(nothing, 0);
    run_child(shell, 3);
  }
  return unused;
}

static void tick(int signal) {
  (void)signal;
  ticks++;
}

// Not the first thread, whose mask is looked at: the kernel changes it while a thread waits for signals.
static void* stopper(void* signals) {
  int met;
  sigwait(signals, &met);
  stopping = 1;
  return NULL;
}

int main(int argc, char** argv) {
  begin();
  if (argc < 2) return 2;
  folder = argv[1];
  sigset_t term, both;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  both = term;
  sigaddset(&both, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &both, NULL);
  sigaction(SIGALRM, &(struct sigaction){.sa_handler = tick, .sa_flags = SA_RESTART}, NULL);
  must(pipe2(ping, O_CLOEXEC));
  must(pipe2(pong, O_CLOEXEC));
  pthread_t threads[7];
  pthread_create(&threads[0], NULL, reader, NULL);
  pthread_create(&threads[1], NULL, keeper, "kept-a");
  pthread_create(&threads[2], NULL, keeper, "kept-b");
  pthread_create(&threads[3], NULL, echo, NULL);
  pthread_create(&threads[4], NULL, waiter, NULL);
  pthread_create(&threads[5], NULL, parent, NULL);
  pthread_create(&threads[6], NULL, stopper, &term);
  struct itimerval often = {{0, 7000}, {0, 7000}};
  must(setitimer(ITIMER_REAL, &often, NULL));
  printf("under way\n");
  for (int i = 0; i < 7; i++)
    pthread_join(threads[i], NULL);
  printf("wrong answers: %d\n", wrong);
  printf("seen here: %d, seen there: %d, signals: %d\n", here > 0, there > 0, ticks > 0);
  return wrong > 0;
}
