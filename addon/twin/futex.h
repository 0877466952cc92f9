// Waiting for one word of memory (futex(2)), within this process.
#pragma once

#include <atomic>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twin {

// Returns when woken, when `*word` is not `expected`, after `timeout_ms` unless that is negative, or for no
// reason.
template <typename T> void futex_wait(std::atomic<T>* word, int expected, long timeout_ms = -1) {
  static_assert(sizeof(*word) == sizeof(int), "a futex has 32 bits");
  timespec timeout{timeout_ms / 1000, timeout_ms % 1000 * 1000000};
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_ms < 0 ? nullptr : &timeout);
}

template <typename T> void futex_wake(std::atomic<T>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1);
}

} // namespace twin
