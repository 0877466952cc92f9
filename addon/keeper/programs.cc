#include "programs.h"
#include "alone.h"
#include "../bpf/claims.h"
#include "../loader/channel.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace keeper {
namespace {

using Clock = std::chrono::steady_clock;
using loader::Channel;

// How long after rsc its processes may take to end. What is in the way of that, a file system that does not
// answer or another process with the id of one that has ended, does not hold the programs for ever.
constexpr auto grace = std::chrono::seconds(5);

int Fail(const Channel& channel, const char* step, int error) {
  channel.Send("failed " + std::to_string(error) + " " + step + "\n");
  return 1;
}

// Waits until one of them has something, or the time is over.
void Await(pollfd* watched, nfds_t count, std::optional<Clock::time_point> deadline) {
  using std::chrono::milliseconds;
  int left = -1;
  do {
    if (deadline)
      left = std::max(0, static_cast<int>(std::chrono::ceil<milliseconds>(*deadline - Clock::now()).count()));
  } while (poll(watched, count, left) < 0 && errno == EINTR);
}

// Whether rsc says that it is done with the programs. Otherwise it has died, or its tracer alone.
bool AwaitWord(const Channel& channel, const Programs& programs) {
  pollfd watched[] = {{programs.socket, POLLIN, 0}, {programs.tracer, POLLIN, 0}};
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

int HoldPrograms(const Programs& programs) {
  const auto& [socket, tracer, groups, links] = programs;
  const Channel channel(socket);
  void* addr = mmap(nullptr, CLAIM_BUCKETS * sizeof(claim_bucket), PROT_READ, MAP_SHARED, groups, 0);
  if (addr == MAP_FAILED) return Fail(channel, "mmap of an eBPF map", errno);
  std::vector<int> kept = links;
  kept.insert(kept.end(), {socket, tracer});
  if (int error = LiveAlone(kept)) return Fail(channel, "close_range", error);
  channel.Send("done");

  if (!AwaitWord(channel, programs)) AwaitEnds(EndingWithTracer(static_cast<claim_bucket*>(addr)), tracer);
  // rsc waits for the end of the socket, which must not come before that of the links.
  for (int link : links)
    close(link);
  return 0;
}

} // namespace keeper
