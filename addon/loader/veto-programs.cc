#include "veto-programs.h"
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fstream>
#include <map>

extern "C" const char rsc_veto_object[], rsc_veto_object_end[];

namespace loader {
namespace {

// The ids of functions in the types of the kernel, which are gone through once for all of them.
std::map<std::string, int> IdsOf(const std::vector<std::string>& functions) {
  btf* types = btf__load_vmlinux_btf();
  if (types == nullptr) throw Failure{"reading the types of the kernel", errno};
  std::map<std::string, int> ids;
  for (const std::string& function : functions)
    ids[function] = 0;
  for (unsigned id = 1; id < btf__type_cnt(types); id++) {
    const btf_type* type = btf__type_by_id(types, id);
    if (!btf_is_func(type)) continue;
    auto found = ids.find(btf__name_by_offset(types, type->name_off));
    if (found != ids.end()) found->second = static_cast<int>(id);
  }
  btf__free(types);
  return ids;
}

// Whether the kernel has code of that name. Calls that it was built without have their names too, but as weak ones.
bool HasCode(const std::string& function) {
  std::ifstream symbols("/proc/kallsyms");
  std::string addr, kind, name, rest;
  while (symbols >> addr >> kind >> name && std::getline(symbols, rest)) {
    if (name == function) return kind == "T" || kind == "t";
  }
  return false;
}

// Of a call that this kernel does not have nothing needs to be refused: it answers ENOSYS.
bool IsUnknownCall(const std::string& function) {
  return function.find("_sys_") != std::string::npos && function.compare(0, 2, "__") == 0 && !HasCode(function);
}

int LoadFirst(const Object& object, const std::string& function, const ClaimPrograms& claims) {
  for (const char* name : {"claims", "hints"}) {
    bpf_map* map = bpf_object__find_map_by_name(object.get(), name);
    if (int result = bpf_map__reuse_fd(map, claims.Map(name)); result < 0)
      throw Failure{"sharing the maps of the eBPF programs", -result};
  }
  bpf_program__set_attach_target(object.program(), 0, function.c_str());
  if (int result = bpf_object__load(object.get()); result < 0)
    throw Failure{"loading the veto of " + function, -result};
  return bpf_program__fd(object.program());
}

// The instructions of the first, which are fitted to this kernel by now, for another function.
int LoadNext(const Object& object, const std::string& function, int id) {
  bpf_prog_load_opts options = {};
  options.sz = sizeof options;
  options.expected_attach_type = BPF_MODIFY_RETURN;
  options.attach_btf_id = static_cast<unsigned>(id);
  const bpf_program* program = object.program();
  int loaded = bpf_prog_load(BPF_PROG_TYPE_TRACING, bpf_program__name(program), "GPL",
                             bpf_program__insns(program), bpf_program__insn_cnt(program), &options);
  if (loaded < 0) throw Failure{"loading the veto of " + function, -loaded};
  return loaded;
}

} // namespace

void LoadVetoes(const std::vector<std::string>& functions, const ClaimPrograms& claims,
                const Channel& channel) {
  if (functions.empty()) return;
  std::map<std::string, int> ids = IdsOf(functions);
  const Object object("rsc_veto", rsc_veto_object, rsc_veto_object_end);
  bool isFirst = true;
  for (const auto& [function, id] : ids) {
    if (id == 0 && IsUnknownCall(function)) continue;
    if (id == 0) throw Failure{"finding the function " + function + " in the kernel", ENOENT};
    int program = isFirst ? LoadFirst(object, function, claims) : LoadNext(object, function, id);
    int link = bpf_raw_tracepoint_open(nullptr, program);
    if (link < 0) throw Failure{"attaching the veto of " + function, -link};
    channel.Send("link", link);
    close(link);
    isFirst = false;
  }
}

} // namespace loader
