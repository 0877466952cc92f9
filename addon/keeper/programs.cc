#include "programs.h"
#include "alone.h"
#include "../bpf/claims.h"
#include "../loader/channel.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
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

// A map in memory, or MAP_FAILED.
template <typename Bucket> Bucket* MapBuckets(int map, size_t count) {
  void* addr = mmap(nullptr, count * sizeof(Bucket), PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
  return static_cast<Bucket*>(addr);
}

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

// Nobody takes from these threads the SIGSTOP that a claim has sent them: their processes stop, or have
// stopped.
void ContinueStopped(claim_mark_bucket* buckets) {
  for (claim_mark_bucket* bucket = buckets; bucket < buckets + CLAIM_MARK_BUCKETS; bucket++) {
    for (claim_mark& mark : bucket->marks) {
      if (mark.thread == 0 || !(mark.flags & CLAIM_MARK_STOPS)) continue;
      kill(static_cast<pid_t>(mark.thread), SIGCONT);
      mark.thread = 0;
    }
  }
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
  const Channel channel(programs.socket);
  const auto groups = MapBuckets<claim_bucket>(programs.groups, CLAIM_BUCKETS);
  const auto marks = MapBuckets<claim_mark_bucket>(programs.marks, CLAIM_MARK_BUCKETS);
  if (groups == MAP_FAILED || marks == MAP_FAILED) return Fail(channel, "mmap of an eBPF map", errno);
  std::vector<int> kept = programs.links;
  kept.insert(kept.end(), {programs.socket, programs.tracer});
  if (int error = LiveAlone(kept)) return Fail(channel, "close_range", error);
  channel.Send("done");

  const bool isDone = AwaitWord(channel, programs);
  if (!isDone) {
    ContinueStopped(marks);
    AwaitEnds(EndingWithTracer(groups), programs.tracer);
  }
  // rsc waits for the end of the socket, which must not come before that of the links.
  for (int link : programs.links)
    close(link);
  // A claim may have been about to be made.
  if (!isDone) ContinueStopped(marks);
  return 0;
}

} // namespace keeper
