// counted FOLDER: for each line that it is told, four threads each look at FOLDER/where 500 times, and then
// read a file of this machine 20 000 times. Says how often threads have given up a processor of their own
// accord while they looked, which they do at stops and nowhere else; how many looks were wrong; and how many
// nanoseconds of processor time a read took. FOLDER/where holds `here` or `there`.
#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

enum { threads = 4, looks = 500, reads = 20000 };

static pthread_barrier_t begun, ended;
static char path[4096];
static int fd;
static atomic_long stops, wrong, nanoseconds;

static long given_up(void) {
  struct rusage usage;
  must(getrusage(RUSAGE_THREAD, &usage));
  return usage.ru_nvcsw;
}

static long processor_time(void) {
  struct timespec time;
  must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time));
  return time.tv_sec * 1000000000 + time.tv_nsec;
}

static void* work(void* nothing) {
  for (;;) {
    struct stat facts;
    char page[4096];
    pthread_barrier_wait(&begun);
    long before = given_up();
    for (int i = 0; i < looks; i++)
      if (stat(path, &facts) != 0 || (facts.st_size != 5 && facts.st_size != 6)) wrong++;
    stops += given_up() - before;
    before = processor_time();
    for (int i = 0; i < reads; i++)
      if (pread(fd, page, sizeof page, 0) != sizeof page) wrong++;
    nanoseconds += processor_time() - before;
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
    stops = wrong = nanoseconds = 0;
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&ended);
    printf("%ld %ld %ld\n", stops, wrong, nanoseconds / (threads * reads));
  }
  return 0;
}
