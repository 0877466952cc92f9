#include "entry.h"
#include "object.h"
#include <bpf/bpf.h>
#include <cstdlib>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

extern "C" const char rsc_entry_object[], rsc_entry_object_end[];

namespace loader {
namespace {

enum Preemption : uint32_t { kUnknown, kOff, kOn }; // bpf/preemption.h

// What a program there sees of it.
Preemption Look() {
  const Object object("rsc_entry", rsc_entry_object, rsc_entry_object_end);
  int loaded = bpf_object__load(object.get());
  // The types name the variable that counts, and the symbols of the kernel do not have it
  // (CONFIG_KALLSYMS_ALL).
  if (loaded == -ENOENT) return kUnknown;
  if (loaded < 0) throw Failure{"loading an eBPF program at the entry of calls", -loaded};
  bpf_link* link = bpf_program__attach(object.program());
  if (link == nullptr) throw Failure{"attaching an eBPF program at the entry of calls", errno};
  syscall(SYS_getppid);
  const uint32_t key = 0;
  uint32_t found = 0;
  int map = bpf_object__find_map_fd_by_name(object.get(), "entry");
  int result = bpf_map_lookup_elem(map, &key, &found);
  bpf_link__destroy(link);
  if (result < 0) throw Failure{"reading what an eBPF program has found", -result};
  return static_cast<Preemption>(found);
}

// Kernels before 7.0 turn preemption off for all programs at tracepoints.
bool IsYoung() {
  utsname system;
  return uname(&system) != 0 || atoi(system.release) >= 7;
}

} // namespace

bool EntryIsPreemptible() {
  const Preemption seen = Look();
  return seen == kUnknown ? IsYoung() : seen == kOn;
}

} // namespace loader
