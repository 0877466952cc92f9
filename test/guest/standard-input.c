// Standard streams that are remote files: redirected by the program itself and by a shell that it starts.
#include "guest.h"

int main(void) {
  begin();
  char line[64];
  put("lines", "one\ntwo\nthree\n");
  show(close(0));
  show(open("lines", O_RDONLY));
  while (fgets(line, sizeof line, stdin) != NULL)
    printf("line %s", line);
  must(lseek(0, 4, SEEK_SET));
  pid_t child = fork();
  if (child == 0) {
    execl("/usr/bin/cat", "cat", NULL);
    _exit(98);
  }
  reap("cat", child);

  int saved = dup(1);
  must(dup2((int)must(open("written", O_WRONLY | O_CREAT | O_TRUNC, 0644)), 1));
  printf("into the file\n");
  child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "read first < lines; echo $first; echo to standard error >&2", NULL);
    _exit(98);
  }
  reap("sh", child);
  must(dup2(saved, 1));
  cat("written");
  return 0;
}
