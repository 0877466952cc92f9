#include "arena.h"
#include "failure.h"

#include <sys/mman.h>

namespace twin {

constexpr size_t kSmallest = 64 << 10; // a multiple of every page size that Linux has on x86_64 and arm64

uint8_t* Arena::grow(size_t size) {
  size_t wanted = kSmallest;
  while (wanted < size)
    wanted *= 2;
  release();
  void* base = mmap(nullptr, wanted + kSmallest, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED || mprotect(base, wanted, PROT_READ | PROT_WRITE) < 0)
    fail(kExecutorFailed, "cannot lay out call: no memory for its segments of %zu bytes", size);
  base_ = static_cast<uint8_t*>(base);
  size_ = wanted;
  return base_;
}

void Arena::release() {
  if (size_ > 0) munmap(base_, size_ + kSmallest);
  base_ = nullptr;
  size_ = 0;
}

} // namespace twin
