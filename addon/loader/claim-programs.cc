#include "claim-programs.h"

extern "C" const char rsc_claim_object[], rsc_claim_object_end[];

namespace loader {

ClaimPrograms::ClaimPrograms() : object_("rsc_claim", rsc_claim_object, rsc_claim_object_end) {}

void ClaimPrograms::Load() {
  if (int result = bpf_object__load(object_.get()); result < 0)
    throw Failure{"loading the eBPF program that claims calls", -result};
}

int ClaimPrograms::Map(const char* name) const {
  return bpf_object__find_map_fd_by_name(object_.get(), name);
}

void ClaimPrograms::HandOver(const Channel& channel) const {
  const bpf_map* map;
  bpf_object__for_each_map(map, object_.get()) {
    channel.Send(std::string("map ") + bpf_map__name(map), bpf_map__fd(map));
  }
  const bpf_link* link = bpf_program__attach(object_.program());
  if (link == nullptr) throw Failure{"attaching the eBPF program that claims calls", errno};
  channel.Send("link", bpf_link__fd(link));
}

} // namespace loader
