// The eBPF programs that claim calls, without which calls run unclaimed.
#pragma once
#include <vector>

namespace keeper {

struct Programs {
  int socket; // to rsc
  int tracer; // a pidfd of rsc
  int groups; // the map of the processes whose calls are looked at
  int marks;  // the map of the claims that are open
  std::vector<int> links;
};

// Says "done" to rsc when it holds them and nothing else. Returns when rsc says that it is done with them, or
// has died and so have the processes that end with it: an exit status.
int HoldPrograms(const Programs& programs);

} // namespace keeper
