#include "listener.h"
#include "alone.h"
#include <cerrno>
#include <poll.h>

namespace keeper {

int HoldListener(int listener) {
  if (LiveAlone({listener}) != 0) return 1;
  pollfd unused{listener, 0, 0}; // POLLHUP comes unasked
  while (poll(&unused, 1, -1) < 0 && errno == EINTR) {
  }
  return 0;
}

} // namespace keeper
