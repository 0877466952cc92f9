// counted FOLDER: for each line that it is told, four threads each look at FOLDER/where 500 times, and then
// read a file of this machine 20 000 times. Says how often threads have given up a processor of their own
// accord while they looked, which they do at stops and nowhere else; how many looks were wrong; and how many
// nanoseconds a read took in the quickest stretch of 200, which is too short for others of the machine to
// have had a part in each. FOLDER/where holds `here` or `there`.
#include "bench.h"
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

enum { threads = 4, looks = 500, stretches = 100, reads = 200 };

static pthread_barrier_t begun, ended;
static char path[4096];
static int fd;
static atomic_long stops, wrong, quickest;

static long given_up(void) {
  struct rusage usage;
  must(getrusage(RUSAGE_THREAD, &usage));
  return usage.ru_nvcsw;
}

static long nanoseconds(void) {
  struct timespec time;
  must(clock_gettime(CLOCK_MONOTONIC, &time));
  return time.tv_sec * 1000000000 + time.tv_nsec;
}

static long stretch(void) {
  char page[4096];
  long before = nanoseconds();
  for (int i = 0; i < reads; i++)
    if (pread(fd, page, sizeof page, 0) != sizeof page) wrong++;
  return nanoseconds() - before;
}

static void keep_least(long one) {
  long least = quickest;
  while (one < least && !atomic_compare_exchange_weak(&quickest, &least, one))
    ;
}

static void* work(void* nothing) {
  for (;;) {
    struct stat facts;
    pthread_barrier_wait(&begun);
    long before = given_up();
    for (int i = 0; i < looks; i++)
      if (stat(path, &facts) != 0 || (facts.st_size != 5 && facts.st_size != 6)) wrong++;
    stops += given_up() - before;
    for (int i = 0; i < stretches; i++)
      keep_least(stretch());
    pthread_barrier_wait(&ended);
  }
  return nothing;
}

int main(int argc, char** argv) {
  pthread_t thread;
  begin();
  if (argc < 2) return 2;
  snprintf(path, sizeof path, "%s/where", argv[1]);
  fd = (int)must(open("/bin/sh", O_RDONLY));
  must(pthread_barrier_init(&begun, NULL, threads + 1) ? -1 : 0);
  must(pthread_barrier_init(&ended, NULL, threads + 1) ? -1 : 0);
  for (int i = 0; i < threads; i++)
    must(pthread_create(&thread, NULL, work, NULL) ? -1 : 0);
  printf("under way\n");
  for (char line[64]; fgets(line, sizeof line, stdin);) {
    stops = wrong = 0;
    quickest = LONG_MAX;
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&ended);
    printf("%ld %ld %ld\n", stops, wrong, quickest / reads);
  }
  return 0;
}
