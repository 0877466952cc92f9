// The programs that claim calls, and their maps.
#pragma once
#include "channel.h"
#include "object.h"
#include <vector>

namespace loader {

class ClaimPrograms {
public:
  ClaimPrograms();
  void Load();
  // Whether tasks can be preempted in tracing programs: another one then misses what comes to its CPU
  // meanwhile.
  bool arePreemptible() const { return arePreemptible_; }
  // The descriptor of a map.
  int Map(const char* name) const;
  // Attaches them, and sends the maps, the programs and their links. The descriptors of the links.
  std::vector<int> HandOver(const Channel& channel) const;

private:
  Object object_;
  bool arePreemptible_ = false;
  std::vector<bpf_program*> programs_; // in the order in which they look at a call
};

} // namespace loader
