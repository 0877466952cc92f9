// The command line: rsc-twin --socket FD --control FD --root DIR [--read-only] --allow N,N,...
#pragma once

#include <string>
#include <vector>

namespace twin {

struct Options {
  int socket = -1;
  int control = -1;
  std::string root;
  bool read_only = false;
  std::vector<unsigned> allow;
};

// Ends the process with status 2 and a line on stderr when the command line is not usable: a mistake of the
// caller's.
Options parse_options(int argc, char** argv);

} // namespace twin
