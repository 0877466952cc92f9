// Makes the calls that it is told, in memory that it is given: what they are, and what is seen of them, is
// told by the test (test/e2e/claims/effect-calls.ts).
//
//   static-effects IMAGE CALL...
//
// IMAGE is what stands at BASE, in hexadecimal. A call is NUMBER[,ARGUMENT...], and an argument a number,
// rN+M for the result of the Nth call and M, or mA for the 64 bits that stand at the address A. `child` in
// the place of a call makes a child that only waits, with all signals blocked; its result is the process.
#include "guest.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { MOST = 32, RESULTS = 0xf000, SIZE = 0x10000 };
#define BASE ((char*)0x10000000)

struct argument {
  char kind; // As it is written; 0 of a number.
  long value;
  long more; // What is added to a result.
};

struct step {
  const char* word;
  long number;
  struct argument arguments[6];
};

static struct step steps[MOST];

static struct argument argument_of(const char* word) {
  char* end = NULL;
  if (*word != 'r' && *word != 'm') return (struct argument){0, strtol(word, NULL, 0), 0};
  long value = strtol(word + 1, &end, 0);
  return (struct argument){*word, value, strtol(end, NULL, 0)};
}

static void read_step(struct step* step, char* words) {
  step->word = strsep(&words, ",");
  step->number = strtol(step->word, NULL, 0);
  for (int i = 0; i < 6 && words != NULL; i++)
    step->arguments[i] = argument_of(strsep(&words, ","));
}

static void fill(const char* hex) {
  must(mmap(BASE, SIZE, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0));
  for (size_t i = 0; hex[2 * i] != 0; i++) {
    char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
    BASE[i] = (char)strtol(pair, NULL, 16);
  }
}

static long value_of(struct argument argument, const long* results) {
  if (argument.kind == 'r') return results[argument.value] + argument.more;
  return argument.kind == 'm' ? *(long*)argument.value : argument.value;
}

static pid_t child_that_waits(void) {
  sigset_t all, before;
  sigfillset(&all);
  must(sigprocmask(SIG_SETMASK, &all, &before));
  pid_t child = (pid_t)must(fork());
  while (child == 0)
    pause();
  must(sigprocmask(SIG_SETMASK, &before, NULL));
  return child;
}

static long make(const struct step* step, const long* results) {
  long of[6];
  if (strcmp(step->word, "child") == 0) return child_that_waits();
  for (int i = 0; i < 6; i++)
    of[i] = value_of(step->arguments[i], results);
  errno = 0;
  long result = syscall(step->number, of[0], of[1], of[2], of[3], of[4], of[5]);
  return result == -1 && errno != 0 ? -errno : result;
}

int main(int argc, char** argv) {
  long* results = (long*)(BASE + RESULTS);
  pid_t self = getpid();
  must(close_range(3, ~0U, 0));
  fill(argv[1]);
  if (argc - 2 > MOST) return 98;
  for (int i = 0; i < argc - 2; i++)
    read_step(&steps[i], argv[i + 2]);
  for (int i = 0; i < argc - 2; i++) {
    long result = make(&steps[i], results);
    // What a call has made is of no use but to be seen.
    if (syscall(SYS_getpid) != self) _exit(0);
    results[i] = result;
  }
  return 0;
}
