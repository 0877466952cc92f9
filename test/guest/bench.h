// How the benchmark's programs measure: five runs, each printed as the nanoseconds of one unit.
#pragma once

#include "guest.h"
#include <time.h>

enum { runs = 5 };

static inline double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

// Prints `name` and, for each run, the time of one of the `units` that each of `count` calls of `work` does.
static inline void measure(const char* name, int count, int units, void (*work)(void*), void* argument) {
  printf("%s", name);
  for (int run = 0; run < runs; run++) {
    double start = now_ns();
    for (int i = 0; i < count; i++)
      work(argument);
    printf(" %.0f", (now_ns() - start) / count / units);
  }
  printf("\n");
}
