#include "claim-programs.h"
#include "entry.h"

extern "C" const char rsc_claim_object[], rsc_claim_object_end[];

namespace loader {
namespace {

// A tracing program alone is the cheapest. Where it can be preempted, it is the second to look.
std::vector<const char*> Forms(bool arePreemptible) {
  if (arePreemptible) return {"enter_recorded", "enter_second"};
  return {"enter_traced"};
}

} // namespace

ClaimPrograms::ClaimPrograms() : object_("rsc_claim", rsc_claim_object, rsc_claim_object_end) {}

void ClaimPrograms::Load() {
  arePreemptible_ = EntryIsPreemptible();
  bpf_program* form;
  bpf_object__for_each_program(form, object_.get()) bpf_program__set_autoload(form, false);
  for (const char* name : Forms(arePreemptible_)) {
    programs_.push_back(bpf_object__find_program_by_name(object_.get(), name));
    bpf_program__set_autoload(programs_.back(), true);
  }
  if (int result = bpf_object__load(object_.get()); result < 0)
    throw Failure{"loading the eBPF program that claims calls", -result};
}

int ClaimPrograms::Map(const char* name) const {
  return bpf_object__find_map_fd_by_name(object_.get(), name);
}

std::vector<int> ClaimPrograms::HandOver(const Channel& channel) const {
  const bpf_map* map;
  bpf_object__for_each_map(map, object_.get()) {
    channel.Send(std::string("map ") + bpf_map__name(map), bpf_map__fd(map));
  }
  std::vector<int> links;
  for (const bpf_program* program : programs_) {
    const bpf_link* link = bpf_program__attach(program);
    if (link == nullptr) throw Failure{"attaching the eBPF program that claims calls", errno};
    channel.Send("program", bpf_program__fd(program));
    channel.Send("link", bpf_link__fd(link));
    links.push_back(bpf_link__fd(link));
  }
  return links;
}

} // namespace loader
