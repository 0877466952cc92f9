// Hands the programs to the keeper, which holds them beside rsc.
#pragma once
#include "channel.h"
#include <vector>

namespace loader {

struct Kept {
  int tracer; // a pidfd of rsc
  int groups; // the map
  int marks;  // the map
  std::vector<int> links;
};

// Starts `keeper`, a file, which then speaks to rsc on the channel. As a child of the loader: rsc's tracer
// waits for children of its own. Throws Failure.
void StartKeeper(const std::string& keeper, const Channel& channel, const Kept& kept);

} // namespace loader
