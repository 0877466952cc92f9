// rsc-loader SOCKET [FUNCTION...]: loads and attaches the eBPF programs, and hands what it has made to the
// process that has started it. That one holds it from then on: the programs end with it, however it ends. A
// program of its own, because libbpf cannot be linked into a shared object everywhere, and tells of errors on
// stderr.
#include "channel.h"
#include "claim-programs.h"
#include "failure.h"
#include "veto-programs.h"
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const loader::Channel channel(atoi(argv[1]));
  loader::CollectLog();
  try {
    loader::ClaimPrograms claims;
    claims.Load();
    loader::LoadVetoes({argv + 2, argv + argc}, claims, channel);
    claims.HandOver(channel);
    channel.Send("done");
    return 0;
  } catch (const loader::Failure& failure) {
    channel.Send("failed " + std::to_string(failure.error) + " " + failure.step + "\n" + loader::Log());
    return 1;
  }
}
