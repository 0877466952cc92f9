// Sixteen threads on sixteen files, and all of them on one.
#include "guest.h"
#include <pthread.h>

enum { threads = 16, rounds = 20 };

static int shared;

static void* work(void* argument) {
  long number = (long)argument;
  char name[32], text[64], back[64];
  snprintf(name, sizeof name, "thread-%02ld", number);
  int fd = (int)must(open(name, O_RDWR | O_CREAT | O_TRUNC, 0644));
  for (int round = 0; round < rounds; round++) {
    struct stat facts;
    int length = snprintf(text, sizeof text, "thread %02ld, round %02d\n", number, round);
    must(write(fd, text, (size_t)length));
    must(pread(fd, back, (size_t)length, (off_t)round * length));
    if (memcmp(text, back, (size_t)length) != 0) return "read something else";
    must(fstat(fd, &facts));
    if (facts.st_size != (off_t)(round + 1) * length) return "wrong size";
    must(pwrite(shared, text, (size_t)length, (number * rounds + round) * length));
  }
  must(close(fd));
  return NULL;
}

int main(void) {
  begin();
  pthread_t thread[threads];
  shared = (int)must(open("shared", O_RDWR | O_CREAT | O_TRUNC, 0644));
  for (long i = 0; i < threads; i++)
    pthread_create(&thread[i], NULL, work, (void*)i);
  for (int i = 0; i < threads; i++) {
    void* problem;
    pthread_join(thread[i], &problem);
    printf("thread %d: %s\n", i, problem == NULL ? "well" : (char*)problem);
  }
  show(lseek(shared, 0, SEEK_END));
  return 0;
}
