// Traps, alternate stacks, signals that are waited for or read, and jobs that are stopped, all while calls
// are on the server.
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <time.h>

static volatile sig_atomic_t traps, wrong, on_stack;
static char* stack;
static size_t stack_bytes;

static void look(void) {
  struct stat facts;
  if (stat("notes.txt", &facts) != 0 || facts.st_size == 0) wrong++;
}

static void handle_trap(int number) {
  (void)number;
  traps++;
  look();
}

static void handle_on_stack(int number) {
  char here;
  (void)number;
  if (&here >= stack && &here < stack + stack_bytes) on_stack++;
  look();
}

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  must(sigaction(signal, &action, NULL));
}

static sigset_t block(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  must(sigprocmask(SIG_BLOCK, &set, NULL));
  return set;
}

static void* keep_looking(void* ended) {
  while (!*(volatile int*)ended)
    look();
  return NULL;
}

// SIGTRAP is what ptrace stops look like: one that is the program's own must reach it.
static void trap(void) {
  handle(SIGTRAP, handle_trap, SA_RESTART);
  must(raise(SIGTRAP));
  for (int i = 0; i < 20; i++) {
    look();
    __asm__ volatile("int3");
  }
  sigset_t set = block(SIGTRAP);
  must(raise(SIGTRAP));
  look();
  printf("traps before: %d\n", traps);
  must(sigprocmask(SIG_UNBLOCK, &set, NULL));
  printf("traps: %d, wrong: %d\n", traps, wrong);
}

static void use_stack(void) {
  stack_bytes = 1 << 16;
  stack = malloc(stack_bytes);
  stack_t alternate = {.ss_sp = stack, .ss_size = stack_bytes};
  must(sigaltstack(&alternate, NULL));
  handle(SIGUSR1, handle_on_stack, SA_ONSTACK);
  int fd = (int)must(open("fifo", O_RDWR));
  char text[8];
  pid_t self = getpid(), child = fork();
  if (child == 0) {
    // Until the read has ended with it: one that comes before the read begins is followed by others.
    for (struct timespec pause = {0, 50000000};; nanosleep(&pause, NULL))
      kill(self, SIGUSR1);
  }
  show(read(fd, text, sizeof text));
  must(kill(child, SIGKILL));
  reap("sender", child);
  printf("on the alternate stack: %d, wrong: %d\n", on_stack > 0, wrong);
  must(close(fd));
  handle(SIGUSR1, SIG_DFL, 0);
}

// What comes between two looks is neither lost nor doubled.
static void wait_for(void) {
  sigset_t set = block(SIGRTMIN);
  struct timespec second = {10, 0}, none = {0, 0};
  siginfo_t told;
  int taken, sum = 0;
  for (int i = 0; i < 50; i++) {
    look();
    must(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
  }
  for (int i = 0; i < 25; i++) {
    must(sigwaitinfo(&set, &told));
    sum += told.si_value.sival_int;
    look();
  }
  must(sigwait(&set, &taken));
  printf("taken: %d of %d, is SIGRTMIN: %d\n", sum, 24 * 25 / 2, taken == SIGRTMIN);
  int fd = (int)must(signalfd(-1, &set, SFD_CLOEXEC));
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  struct signalfd_siginfo read_of[32];
  show(poll(&wait, 1, 10000));
  printf("read: %zd\n", must(read(fd, read_of, sizeof read_of)) / (ssize_t)sizeof read_of[0]);
  printf("the last: %d\n", read_of[23].ssi_int);
  show(sigtimedwait(&set, &told, &none));
  must(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7}));
  show(sigtimedwait(&set, &told, &second) == SIGRTMIN);
  printf("wrong: %d\n", wrong);
  must(close(fd));
}

static void stop_a_job(void) {
  pid_t child = fork();
  if (child == 0)
    for (;;)
      look();
  for (int i = 0; i < 10; i++) {
    int status;
    must(kill(child, SIGSTOP));
    must(waitpid(child, &status, WUNTRACED));
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP) wrong++;
    look();
    must(kill(child, SIGCONT));
    must(waitpid(child, &status, WCONTINUED));
    if (!WIFCONTINUED(status)) wrong++;
  }
  must(kill(child, SIGTERM));
  reap("job", child);
  printf("wrong: %d\n", wrong);
}

static void tick(int number) {
  (void)number;
}

// A timer of each kind, every millisecond, beside threads that are in calls.
static void tick_beside_threads(void) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
  struct itimerspec every = {{0, 1000000}, {0, 1000000}};
  pthread_t threads[3];
  timer_t timer;
  volatile int ended = 0;
  handle(SIGALRM, tick, SA_RESTART);
  must(timer_create(CLOCK_MONOTONIC, &event, &timer));
  must(timer_settime(timer, 0, &every, NULL));
  for (int i = 0; i < 3; i++)
    must(pthread_create(&threads[i], NULL, keep_looking, (void*)(uintptr_t)&ended) ? -1 : 0);
  for (int i = 0; i < 300; i++)
    look();
  ended = 1;
  for (int i = 0; i < 3; i++)
    must(pthread_join(threads[i], NULL) ? -1 : 0);
  must(timer_delete(timer));
  printf("wrong: %d\n", wrong);
}

int main(void) {
  begin();
  trap();
  use_stack();
  wait_for();
  stop_a_job();
  tick_beside_threads();
  return 0;
}
