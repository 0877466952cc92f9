// What could not be done, and what libbpf says about it.
#pragma once
#include <string>

namespace loader {

struct Failure {
  std::string step;
  int error; // an errno
};

// Keeps what libbpf tells in the place of printing it.
void CollectLog();

// What it has told, the last of it.
std::string Log();

} // namespace loader
