#include "alone.h"
#include <algorithm>
#include <cerrno>
#include <sys/syscall.h>
#include <unistd.h>

namespace keeper {

int LiveAlone(std::vector<int> kept) {
  setsid();
  if (chdir("/") != 0) return errno;
  std::sort(kept.begin(), kept.end());
  unsigned from = 0;
  for (int descriptor : kept) {
    const auto number = static_cast<unsigned>(descriptor);
    if (number > from && syscall(SYS_close_range, from, number - 1, 0) != 0) return errno;
    from = number + 1;
  }
  return syscall(SYS_close_range, from, ~0u, 0) == 0 ? 0 : errno;
}

} // namespace keeper
