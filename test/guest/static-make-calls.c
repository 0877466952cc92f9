// Makes calls as it is told, and prints the result of each, a negated errno or what it returned. Static, so
// that it makes few of its own.
//
//   static-make-calls NUMBER[,ARGUMENT...]...
//
// An argument is a number, s:TEXT for a string, x:HEX for bytes, z:COUNT for so many bytes of zeros. `fork`
// in the place of a number makes the rest in a child, `thread` in a thread, whose results alone are printed;
// `turn` waits for a byte of the standard input.
#include "guest.h"
#include <pthread.h>
#include <sys/syscall.h>

struct rest {
  int count;
  char** calls;
};

static long bytes(const char* hex) {
  char* made = calloc(1, strlen(hex) / 2 + 1);
  for (size_t i = 0; hex[2 * i] != 0; i++) {
    char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
    made[i] = (char)strtol(pair, NULL, 16);
  }
  return (long)made;
}

static long argument(char* word) {
  if (strncmp(word, "s:", 2) == 0) return (long)(word + 2);
  if (strncmp(word, "x:", 2) == 0) return bytes(word + 2);
  if (strncmp(word, "z:", 2) == 0) return (long)calloc(1, strtoul(word + 2, NULL, 0));
  return strtol(word, NULL, 0);
}

static void make(struct rest rest);

static void* make_in_thread(void* rest) {
  make(*(struct rest*)rest);
  return NULL;
}

static void make_beside(const char* what, struct rest rest) {
  pthread_t thread;
  if (strcmp(what, "fork") == 0) {
    pid_t child = (pid_t)must(fork());
    if (child == 0) make(rest);
    if (child != 0) must(waitpid(child, NULL, 0));
  } else {
    must(pthread_create(&thread, NULL, make_in_thread, &rest));
    must(pthread_join(thread, NULL));
  }
}

static void make(struct rest rest) {
  long results[64];
  int count = 0;
  for (; rest.count > 0; rest.count--, rest.calls++) {
    char byte;
    if (strcmp(*rest.calls, "fork") == 0 || strcmp(*rest.calls, "thread") == 0) {
      make_beside(*rest.calls, (struct rest){rest.count - 1, rest.calls + 1});
      return;
    }
    if (strcmp(*rest.calls, "turn") == 0) {
      must(write(STDOUT_FILENO, "turn\n", 5));
      must(read(STDIN_FILENO, &byte, 1));
      continue;
    }
    long arguments[6] = {0};
    char* words = strdup(*rest.calls);
    long number = strtol(strsep(&words, ","), NULL, 0);
    for (int i = 0; i < 6 && words != NULL; i++)
      arguments[i] = argument(strsep(&words, ","));
    long result =
        syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    results[count++] = result == -1 && errno != 0 ? -errno : result;
    errno = 0;
  }
  for (int i = 0; i < count; i++)
    printf("%ld\n", results[i]);
  fflush(stdout);
}

int main(int argc, char** argv) {
  make((struct rest){argc - 1, argv + 1});
  return 0;
}
