// The listener of the tracees' seccomp filter, by which the kernel tells of calls (seccomp_unotify(2)).
#pragma once
#include <sys/types.h>

namespace rsc {

// Takes over the listener that `process` has at the number `fd`. Returns 0, or the errno of `step`.
int Listen(pid_t process, int fd, const char*& step);

// From now until the next stop of a tracee, the tracer's thread is interrupted by that stop: for waits that
// are not waitid(2). Cheap while it holds already.
void WatchTracees();
void StartWatchingTracees(pid_t process, pid_t tracer);

} // namespace rsc
