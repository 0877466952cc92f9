// What a session can name: its root directory, no process of the server's, no IPC object, few capabilities.
#pragma once

#include "options.h"

namespace twin {

// Shuts this process, which must have one thread, into the root of `options`. Returns in a child process that
// is the first of a process namespace; the calling process stays behind, waits for it and ends as it ends.
// umask is kept as inherited. On failure it ends by `refuse`. The system call filter comes after this
// (filter.h).
void enter_sandbox(const Options& options);

} // namespace twin
