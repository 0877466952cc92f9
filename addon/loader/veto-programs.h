// The programs that refuse what claimed calls would do: one for each function of the kernel that does it.
#pragma once
#include "channel.h"
#include "claim-programs.h"
#include <vector>

namespace loader {

// Loads and attaches them, and sends their links. The descriptors of those.
std::vector<int> LoadVetoes(const std::vector<std::string>& functions, const ClaimPrograms& claims,
                            const Channel& channel);

} // namespace loader
