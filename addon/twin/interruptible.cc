#include "interruptible.h"

#include <cerrno>
#include <ucontext.h>

extern "C" {
extern const char rsc_interruptible_begin[];
extern const char rsc_interruptible_end[];
extern const char rsc_interruptible_cancel[];
}

static volatile int* flag_to_set = nullptr;

static void on_interrupt(int, siginfo_t*, void* context) {
  if (flag_to_set != nullptr) *flag_to_set = 1;
  auto* machine = &static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  auto& counter = machine->gregs[REG_RIP];
#elif defined(__aarch64__)
  auto& counter = machine->pc;
#else
#error "rsc knows x86_64 and aarch64"
#endif
  auto at = static_cast<uintptr_t>(counter);
  // At the system call instruction itself the call has not begun, or the kernel is about to restart it
  // (ERESTARTNOINTR, arch/x86/kernel/signal.c): either way it has done nothing yet.
  if (at >= reinterpret_cast<uintptr_t>(rsc_interruptible_begin) &&
      at < reinterpret_cast<uintptr_t>(rsc_interruptible_end))
    counter = reinterpret_cast<uintptr_t>(rsc_interruptible_cancel);
}

int rsc::install_interrupt(int signal, volatile int* flag) {
  flag_to_set = flag;
  struct sigaction action = {};
  action.sa_sigaction = on_interrupt;
  action.sa_flags = SA_SIGINFO; // no SA_RESTART: the call has to end with EINTR (signal(7))
  sigfillset(&action.sa_mask);
  return sigaction(signal, &action, nullptr) < 0 ? errno : 0;
}
