// The program that claims calls, and its maps.
#pragma once
#include "channel.h"
#include "object.h"

namespace loader {

class ClaimPrograms {
public:
  ClaimPrograms();
  void Load();
  // The descriptor of a map.
  int Map(const char* name) const;
  // Attaches it, and sends the maps, the program and the link. The descriptor of the link.
  int HandOver(const Channel& channel) const;

private:
  Object object_;
  bpf_program* program_ = nullptr; // the one of its forms that is taken
};

} // namespace loader
