// fork, vfork and exec: children inherit descriptors, working directory and umask, and change only their own.
#include "guest.h"
#include <signal.h>
#include <spawn.h>

extern char** environ;

static void vfork_exec(const char* program, char* const argv[]) {
  pid_t child = vfork();
  if (child == 0) {
    execv(program, argv);
    _exit(errno == ENOENT ? 66 : 67);
  }
  reap(program, child);
}

static void forked_tree(void) {
  for (int i = 0; i < 3; i++) {
    pid_t child = fork();
    if (child == 0) {
      char name[32];
      snprintf(name, sizeof name, "child-%d", i);
      must(mkdir(name, 0755));
      must(chdir(name));
      pid_t grandchild = fork();
      if (grandchild == 0) {
        put("grandchild", name);
        _exit(i);
      }
      reap("grandchild", grandchild);
      cat("grandchild");
      _exit(10 + i);
    }
    reap("child", child);
  }
  show(access("grandchild", F_OK));
  cat("child-2/grandchild");
}

int main(int argc, char** argv) {
  begin();
  if (argc > 1 && strcmp(argv[1], "exec") == 0) {
    must(dup2((int)must(open("story", O_RDONLY)), 0));
    execl("/usr/bin/cat", "cat", "-n", NULL);
  }
  put("story", "once upon a time\n");
  forked_tree();
  vfork_exec("/usr/bin/cat", (char*[]){"cat", "story", NULL});
  vfork_exec("/proc/self/exe", (char*[]){"forks", "exec", NULL});
  vfork_exec("/usr/bin/no-such-program", (char*[]){"none", NULL});
  vfork_exec("/etc", (char*[]){"none", NULL});

  pid_t child;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "story", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "spawned", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  show(posix_spawn(&child, "/usr/bin/tr", &actions, NULL, (char*[]){"tr", "a-z", "A-Z", NULL}, environ));
  reap("spawned", child);
  cat("spawned");

  child = fork();
  if (child == 0) {
    must(chdir("child-0"));
    umask(077);
    execl("/usr/bin/touch", "touch", "private", NULL);
  }
  reap("toucher", child);
  struct stat facts;
  show(stat("child-0/private", &facts));
  printf("mode %o\n", facts.st_mode & 07777);
  child = fork();
  if (child == 0) raise(SIGKILL);
  reap("killed", child);
  return 0;
}
