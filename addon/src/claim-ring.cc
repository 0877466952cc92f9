#include "claim-ring.h"
#include <cerrno>
#include <cstring>
#include <linux/bpf.h>
#include <sys/mman.h>

namespace rsc {
namespace {

constexpr size_t page = 4096;
constexpr size_t ringSize = 64 * 1024; // as in bpf/events.h

} // namespace

ClaimRing::~ClaimRing() {
  if (consumed_ != nullptr) munmap(const_cast<uint64_t*>(consumed_), page);
  if (produced_ != nullptr) munmap(const_cast<uint8_t*>(produced_), page + 2 * ringSize);
}

int ClaimRing::Map(int map) {
  void* consumed = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
  if (consumed == MAP_FAILED) return errno;
  consumed_ = static_cast<uint64_t*>(consumed);
  void* produced = mmap(nullptr, page + 2 * ringSize, PROT_READ, MAP_SHARED, map, page);
  if (produced == MAP_FAILED) return errno;
  produced_ = static_cast<const uint8_t*>(produced);
  return 0;
}

size_t ClaimRing::Read(void* to, size_t size, size_t room) {
  uint64_t at = *consumed_;
  const uint64_t end = __atomic_load_n(reinterpret_cast<const uint64_t*>(produced_), __ATOMIC_ACQUIRE);
  size_t count = 0;
  while (count < room && at < end) {
    const uint8_t* record = produced_ + page + at % ringSize;
    uint32_t header = __atomic_load_n(reinterpret_cast<const uint32_t*>(record), __ATOMIC_ACQUIRE);
    if (header & BPF_RINGBUF_BUSY_BIT) break;
    uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    memcpy(static_cast<uint8_t*>(to) + count * size, record + BPF_RINGBUF_HDR_SZ, size);
    count++;
    at += (BPF_RINGBUF_HDR_SZ + length + 7) / 8 * 8;
  }
  __atomic_store_n(consumed_, at, __ATOMIC_RELEASE);
  return count;
}

} // namespace rsc
