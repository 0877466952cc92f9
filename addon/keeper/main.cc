// rsc-keeper listener FD
// rsc-keeper programs SOCKET TRACER GROUPS MARKS LINK...
//
// Holds beside rsc what its tracees must not be without. When rsc is killed, the kernel closes its
// descriptors before it ends its tracees or lets go of them (kernel/exit.c: exit_files, then exit_notify). It
// is a program of its own because the kernel, where memory is short, kills all processes that share rsc's
// (mm/oom_kill.c).
#include "listener.h"
#include "programs.h"
#include <csignal>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
  // It ends with what it is there for, and by nothing that is sent to all processes of a terminal or a user.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  if (argc == 3 && strcmp(argv[1], "listener") == 0) return keeper::HoldListener(atoi(argv[2]));
  if (argc < 6 || strcmp(argv[1], "programs") != 0) return 2;
  keeper::Programs programs{atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), {}};
  for (char** link = argv + 6; *link != nullptr; link++)
    programs.links.push_back(atoi(*link));
  return keeper::HoldPrograms(programs);
}
