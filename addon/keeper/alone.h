// What a keeper has of others: what it keeps.
#pragma once
#include <vector>

namespace keeper {

// Leaves the user's terminal, process group and directory, and closes all but `kept`. Returns 0 or an errno.
int LiveAlone(std::vector<int> kept);

} // namespace keeper
