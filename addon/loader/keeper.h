// The process that holds the eBPF programs beside rsc. When rsc is killed, the kernel closes its descriptors
// before it ends its tracees or lets go of them (kernel/exit.c: exit_files, then exit_notify): without
// anybody else who holds them, the programs would be gone in between, and calls run unclaimed.
#pragma once
#include "channel.h"
#include <vector>

namespace loader {

struct Kept {
  int tracer; // a pidfd of rsc
  int groups; // the map of the processes whose calls are looked at
  std::vector<int> links;
};

// Goes on in a child, and ends the process that calls it. The child says "done" to rsc when it holds all that
// is kept and nothing else. It ends when rsc tells it to, or has died and so have the processes that end with
// it. Throws Failure.
[[noreturn]] void Keep(const Channel& channel, const Kept& kept);

} // namespace loader
