// looks FOLDER: looks at FOLDER/where in four threads without end, each of which also opens and reads a file
// that is always of this machine; two of them block all signals. Which side answers is told by the size:
// `here` or `there`, and a line end.
// For each line that it is told it says what the next look brings, and how many answers were wrong so far.
// looks FOLDER ERRNO: that error is not wrong, and counted apart.
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

static char path[4096];
static atomic_int wrong, allowed;
static const char* error = "";

static const char* look(void) {
  struct stat facts;
  if (stat(path, &facts) != 0) return strerrorname_np(errno);
  return facts.st_size == 5 ? "here" : facts.st_size == 6 ? "there" : "neither";
}

static void* work(void* blocked) {
  char byte;
  if (blocked != NULL) must(pthread_sigmask(SIG_BLOCK, blocked, NULL) ? -1 : 0);
  for (;;) {
    const char* said = look();
    if (strcmp(said, error) == 0)
      allowed++;
    else if (strstr(said, "here") == NULL) // "there" has it too
      wrong++;
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, &byte, 1) != 1 || close(fd) != 0) wrong++;
    usleep(300); // leaves the processors to others
  }
  return NULL;
}

int main(int argc, char** argv) {
  begin();
  if (argc < 2) return 2;
  snprintf(path, sizeof path, "%s/where", argv[1]);
  if (argc > 2) error = argv[2];
  pthread_t thread;
  sigset_t all;
  sigfillset(&all);
  for (int i = 0; i < 4; i++)
    must(pthread_create(&thread, NULL, work, i % 2 ? &all : NULL) ? -1 : 0);
  printf("under way\n");
  for (char line[64]; fgets(line, sizeof line, stdin);) {
    printf("%s, wrong answers: %d", look(), wrong);
    if (argc > 2) printf(", %s: %d", error, allowed);
    printf("\n");
  }
  return wrong > 0;
}
