// The reader's end of a BPF_MAP_TYPE_RINGBUF.
#pragma once
#include <cstddef>
#include <cstdint>

namespace rsc {

class ClaimRing {
public:
  ~ClaimRing();
  // 0 or an errno.
  int Map(int map);
  // Copies records of `size` bytes each, up to `room` of them. Returns how many.
  size_t Read(void* to, size_t size, size_t room);

private:
  volatile uint64_t* consumed_ = nullptr; // a page of its own
  const uint8_t* produced_ = nullptr;     // a page, and the ring twice
};

} // namespace rsc
