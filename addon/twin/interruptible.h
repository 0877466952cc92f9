// A system call that another thread can interrupt exactly: a wish to interrupt that comes before the call, at
// whatever instruction, is never lost, and a call that has completed returns its result.
//
// The way of musl's cancellation points (src/thread/x86_64/syscall_cp.s, src/thread/pthread_cancel.c): the
// flag is tested within a window of instructions that ends at the system call; a signal that finds the thread
// in this window moves it to the way out. After the call the program counter is beyond the window, and the
// result stands.
#pragma once

#include <csignal>
#include <cstdint>

extern "C" {

// Executes system call `number` with six arguments; returns its raw result (-4095..-1: a negated errno), or
// -EINTR without having executed it if `*cancelled` is not 0 or becomes so before the call is entered.
long rsc_interruptible_syscall(const volatile int* cancelled, long number, const uint64_t args[6]);
}

namespace rsc {

// Installs the handler of `signal` for this process, without SA_RESTART. To interrupt a thread: set its flag
// first, then send it `signal`. The signal may be late; it is sure to be handled before the thread's next
// return from the kernel. Where the kernel itself sends the signal (a timer, O_ASYNC), the handler sets
// `flag` in the sender's place. Returns 0 or an errno.
int install_interrupt(int signal, volatile int* flag = nullptr);

} // namespace rsc
