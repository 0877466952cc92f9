// Maps of eBPF programs, from outside (bpf(2)).
#pragma once
#include <cstdint>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rsc {

inline long MapCall(int command, int map, const void* key, const void* value, uint64_t flags = 0) {
  bpf_attr attributes = {};
  attributes.map_fd = static_cast<uint32_t>(map);
  attributes.key = reinterpret_cast<uint64_t>(key);
  attributes.value = reinterpret_cast<uint64_t>(value);
  attributes.flags = flags;
  return syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

} // namespace rsc
