// The listener of a seccomp filter, without which the kernel answers ENOSYS to the calls that it catches.
#pragma once

namespace keeper {

// Returns when nobody is under the filter any more: an exit status.
int HoldListener(int listener);

} // namespace keeper
