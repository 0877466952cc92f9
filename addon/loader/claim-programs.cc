#include "claim-programs.h"
#include "entry.h"

extern "C" const char rsc_claim_object[], rsc_claim_object_end[];

namespace loader {
namespace {

// A tracing program is the cheaper one. Where it can be preempted, the kernel leaves it out for other tasks
// meanwhile.
const char* Form() {
  return EntryIsPreemptible() ? "enter_recorded" : "enter_traced";
}

} // namespace

ClaimPrograms::ClaimPrograms() : object_("rsc_claim", rsc_claim_object, rsc_claim_object_end) {}

void ClaimPrograms::Load() {
  program_ = bpf_object__find_program_by_name(object_.get(), Form());
  bpf_program* form;
  bpf_object__for_each_program(form, object_.get()) bpf_program__set_autoload(form, form == program_);
  if (int result = bpf_object__load(object_.get()); result < 0)
    throw Failure{"loading the eBPF program that claims calls", -result};
}

int ClaimPrograms::Map(const char* name) const {
  return bpf_object__find_map_fd_by_name(object_.get(), name);
}

int ClaimPrograms::HandOver(const Channel& channel) const {
  const bpf_map* map;
  bpf_object__for_each_map(map, object_.get()) {
    channel.Send(std::string("map ") + bpf_map__name(map), bpf_map__fd(map));
  }
  const bpf_link* link = bpf_program__attach(program_);
  if (link == nullptr) throw Failure{"attaching the eBPF program that claims calls", errno};
  channel.Send("program", bpf_program__fd(program_));
  channel.Send("link", bpf_link__fd(link));
  return bpf_link__fd(link);
}

} // namespace loader
