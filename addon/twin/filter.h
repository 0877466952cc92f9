// The system call filter (seccomp(2)): what a session may do is what its server has listed.
#pragma once

#include <vector>

namespace twin {

// Installs the filter for this thread and all that it starts: the numbers in `allow`, and those that the
// executor needs itself. Any other answers ENOSYS; a call of another architecture kills. Ends by `refuse`
// when the kernel does not take it. Needs no_new_privs.
void install_filter(const std::vector<unsigned>& allow);

} // namespace twin
