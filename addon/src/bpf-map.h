// eBPF programs and their maps, from outside (bpf(2)).
#pragma once
#include <cerrno>
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

// Returns 0 or an errno.
inline int ProgramInfo(int program, bpf_prog_info& info) {
  bpf_attr attributes = {};
  attributes.info.bpf_fd = static_cast<uint32_t>(program);
  attributes.info.info_len = sizeof info;
  attributes.info.info = reinterpret_cast<uint64_t>(&info);
  return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof attributes) == 0 ? 0 : errno;
}

} // namespace rsc
