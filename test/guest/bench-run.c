// bench-run COMMAND...: runs a command, without its output, and prints the nanoseconds that it takes; a first
// run that warms the caches is not counted.
#include "bench.h"

static void run(void* command) {
  pid_t child = fork();
  if (child == 0) {
    must(dup2((int)must(open("/dev/null", O_WRONLY)), 1));
    execvp(*(char**)command, command);
    _exit(127);
  }
  int status = 0;
  must(waitpid(child, &status, 0));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "%s ended with wait status %d\n", *(char**)command, status);
    exit(99);
  }
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  setvbuf(stdout, NULL, _IONBF, 0);
  run(argv + 1);
  measure("run", 1, 1, run, argv + 1);
  return 0;
}
