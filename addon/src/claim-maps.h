// What the loader of the eBPF programs hands over: their maps, and what keeps them attached. A process beside
// this one, the keeper (addon/keeper), has that as well.
#pragma once
#include <string>
#include <vector>

namespace rsc {

// The maps of bpf/, in the order of their names below.
enum ClaimMap { kGroups, kMarks, kPrefixes, kRules, kActive, kSlots, kCounters, kEvents, kSaved, kClaimMaps };

struct LoadFailure {
  std::string step;
  int error = 0;
  std::string log;
};

// The descriptors, which are closed with it. The keeper then holds the programs until the processes that end
// with this one have ended.
class ClaimDescriptors {
public:
  ClaimDescriptors() = default;
  ~ClaimDescriptors();
  ClaimDescriptors(const ClaimDescriptors&) = delete;
  ClaimDescriptors& operator=(const ClaimDescriptors&) = delete;

  // Runs the loader. False: nothing is left of it but the failure.
  bool Load(const std::vector<std::string>& vetoes, LoadFailure& failure);
  // Detaches the programs here and now: no process has its calls claimed any more.
  void Unload();
  int map(ClaimMap map) const { return maps_[map]; }
  // How many calls, of any process, the kernel may have shown to none of the programs that claim; or -errno.
  long Misses() const;

private:
  bool Receive(int socket, LoadFailure& failure);
  void Keep(const std::string& text, int descriptor);
  void Close();

  int maps_[kClaimMaps] = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
  std::vector<int> programs_; // those that claim
  std::vector<int> links_;
  int keeper_ = -1; // the socket to the loader, and then to the keeper
};

} // namespace rsc
