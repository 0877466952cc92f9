#include "keeper.h"
#include "failure.h"
#include "../bpf/claims.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <malloc.h>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace loader {
namespace {

using Clock = std::chrono::steady_clock;

// How long after rsc its processes may take to end. What is in the way of that, a file system that does not
// answer or another process with the id of one that has ended, does not hold the programs for ever.
constexpr auto grace = std::chrono::seconds(5);

const claim_bucket* Map(int groups) {
  void* addr = mmap(nullptr, CLAIM_BUCKETS * sizeof(claim_bucket), PROT_READ, MAP_SHARED, groups, 0);
  if (addr == MAP_FAILED) throw Failure{"mmap of an eBPF map", errno};
  return static_cast<const claim_bucket*>(addr);
}

void CloseOthers(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned from = 0;
  for (int descriptor : kept) {
    auto number = static_cast<unsigned>(descriptor);
    if (number > from && syscall(SYS_close_range, from, number - 1, 0) != 0)
      throw Failure{"close_range", errno};
    from = number + 1;
  }
  if (syscall(SYS_close_range, from, ~0u, 0) != 0) throw Failure{"close_range", errno};
}

// Leaves all that it has of the user's: terminal, pipes, directory.
void LiveAlone() {
  prctl(PR_SET_NAME, "rsc-keeper");
  setsid();
  if (chdir("/") != 0) throw Failure{"chdir", errno};
}

// Waits until one of them has something, or the time is over.
void Await(pollfd* watched, nfds_t count, std::optional<Clock::time_point> deadline) {
  int left = -1;
  do {
    using std::chrono::milliseconds;
    if (deadline)
      left = std::max(0, static_cast<int>(std::chrono::ceil<milliseconds>(*deadline - Clock::now()).count()));
  } while (poll(watched, count, left) < 0 && errno == EINTR);
}

// Whether rsc says that it is done with the programs. Otherwise it has died, or its tracer alone.
bool AwaitWord(const Channel& channel, int tracer) {
  pollfd watched[] = {{channel.socket(), POLLIN, 0}, {tracer, POLLIN, 0}};
  Await(watched, 2, std::nullopt);
  return channel.HasWord();
}

std::vector<pid_t> EndingWithTracer(const claim_bucket* buckets) {
  std::vector<pid_t> processes;
  for (const claim_bucket* bucket = buckets; bucket < buckets + CLAIM_BUCKETS; bucket++) {
    for (const claim_group& group : bucket->groups) {
      if (group.process != 0 && group.flags & CLAIM_GROUP_ENDS_WITH_TRACER)
        processes.push_back(static_cast<pid_t>(group.process));
    }
  }
  return processes;
}

// Their calls are over when they have ended, not yet when they are killed.
void AwaitEnds(const std::vector<pid_t>& processes, int tracer) {
  std::optional<Clock::time_point> deadline;
  for (pid_t process : processes) {
    int handle = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
    if (handle < 0) continue; // it has ended
    pollfd watched[] = {{handle, POLLIN, 0}, {tracer, POLLIN, 0}};
    Await(watched, 2, std::nullopt);
    if (watched[0].revents == 0) {
      if (!deadline) deadline = Clock::now() + grace;
      Await(watched, 1, deadline);
    }
    close(handle);
  }
}

} // namespace

void Keep(const Channel& channel, const Kept& kept) {
  const claim_bucket* groups = Map(kept.groups);
  // It ends when rsc does, and by nothing that is sent to all processes of a terminal or of a session.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  pid_t child = fork();
  if (child < 0) throw Failure{"fork", errno};
  if (child > 0) _exit(0);
  LiveAlone();
  std::vector<int> open = kept.links;
  open.insert(open.end(), {channel.socket(), kept.tracer});
  CloseOthers(open);
  malloc_trim(0); // what libbpf has used
  channel.Send("done");

  if (!AwaitWord(channel, kept.tracer)) AwaitEnds(EndingWithTracer(groups), kept.tracer);
  // rsc waits for the end of the socket, which must not come before that of the links.
  for (int link : kept.links)
    close(link);
  _exit(0);
}

} // namespace loader
