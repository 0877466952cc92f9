// Programs of rsc's own, which stand beside the addon.
#pragma once
#include <csignal>
#include <string>
#include <sys/types.h>
#include <vector>

namespace rsc {

std::string PathBeside(const char* program);

// Starts one with nothing of rsc's environment, and with `descriptors` by the numbers that follow those of
// its standard streams. Returns 0 or an errno.
int StartBeside(const char* program, const std::vector<std::string>& arguments,
                const std::vector<int>& descriptors, const sigset_t& blocked, pid_t& started);

constexpr int firstGiven = 3;

} // namespace rsc
