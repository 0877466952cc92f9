// While one thread or process waits in a read, others go on, and signal handlers run.
#include "guest.h"
#include <pthread.h>
#include <signal.h>

static int fd;
static pthread_barrier_t ready;

static void* wait_for_text(void* argument) {
  static char text[16];
  (void)argument;
  pthread_barrier_wait(&ready);
  return read(fd, text, sizeof text) > 0 ? text : "nothing";
}

static void say(int number) {
  printf("handler of signal %d\n", number);
}

static void go_on(const char* who) {
  struct stat facts;
  int good = 0;
  for (int i = 0; i < 200; i++)
    good += stat("fifo", &facts) == 0;
  printf("%s went on: %d\n", who, good);
}

int main(void) {
  begin();
  pthread_t thread;
  void* text;
  fd = (int)must(open("fifo", O_RDWR));
  signal(SIGUSR1, say);
  pthread_barrier_init(&ready, NULL, 2);
  pthread_create(&thread, NULL, wait_for_text, NULL);
  pthread_barrier_wait(&ready);
  go_on("the other thread");
  raise(SIGUSR1);
  go_on("after the handler, the other thread");
  show(write(fd, "go", 2));
  pthread_join(thread, &text);
  printf("the waiting thread read \"%s\"\n", (char*)text);

  int started[2];
  char byte;
  must(pipe(started));
  pid_t child = fork();
  if (child == 0) {
    must(write(started[1], "s", 1));
    must(read(fd, &byte, 1));
    _exit(byte);
  }
  must(read(started[0], &byte, 1));
  go_on("the parent");
  show(write(fd, "*", 1));
  reap("the waiting child", child);

  // A thread that waits does not keep the process from ending.
  pthread_create(&thread, NULL, wait_for_text, NULL);
  pthread_barrier_wait(&ready);
  go_on("the last time");
  return 5;
}
