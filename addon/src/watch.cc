// Interrupts the tracer's thread when a tracee has stopped or ended while it waits for something else.
#include "../twin/futex.h"
#include "kernel.h"
#include "listener.h"
#include <sys/wait.h>
#include <thread>

namespace rsc {
namespace {

// A futex: 1 while the tracer's thread wants to be interrupted.
std::atomic<int> wanted = 0;

// Any thread of a process sees the tracees of its other threads, and WNOWAIT leaves them their news. __WCLONE
// without __WALL keeps the process's ordinary children out (kernel/exit.c: eligible_child).
void Watch(pid_t process, pid_t tracer) {
  for (;;) {
    while (wanted.load() == 0)
      twin::futex_wait(&wanted, 0);
    siginfo_t news;
    int result = waitid(P_ALL, 0, &news, WEXITED | WSTOPPED | WNOWAIT | __WCLONE);
    if (result != 0 && errno == EINTR) continue;
    wanted.store(0);
    if (result != 0) continue; // there are no tracees
    Interrupt(process, tracer);
  }
}

} // namespace

void WatchTracees() {
  if (wanted.load(std::memory_order_relaxed) != 0) return;
  wanted.store(1);
  twin::futex_wake(&wanted);
}

void StartWatchingTracees(pid_t process, pid_t tracer) {
  std::thread(Watch, process, tracer).detach();
}

} // namespace rsc
