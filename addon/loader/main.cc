// rsc-loader SOCKET TRACER [FUNCTION...]: loads and attaches the eBPF programs, and hands what it has made to
// the process that has started it, of which TRACER is a pidfd, and to the keeper (addon/keeper). Those hold
// it from then on: the programs end with them, however they end. A program of its own, because libbpf cannot
// be linked into a shared object everywhere, and tells of errors on stderr.
#include "channel.h"
#include "claim-programs.h"
#include "failure.h"
#include "keeping.h"
#include "veto-programs.h"
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const loader::Channel channel(atoi(argv[1]));
  loader::CollectLog();
  try {
    loader::ClaimPrograms claims;
    claims.Load();
    std::vector<int> links = loader::LoadVetoes({argv + 3, argv + argc}, claims, channel);
    for (int link : claims.HandOver(channel))
      links.push_back(link);
    const std::string self = argv[0];
    const std::string keeper = self.substr(0, self.rfind('/') + 1) + "rsc-keeper";
    loader::StartKeeper(keeper, channel, {atoi(argv[2]), claims.Map("groups"), claims.Map("marks"), links});
    return 0;
  } catch (const loader::Failure& failure) {
    channel.Send("failed " + std::to_string(failure.error) + " " + failure.step + "\n" + loader::Log());
    return 1;
  }
}
