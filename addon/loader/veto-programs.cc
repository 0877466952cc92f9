#include "veto-programs.h"
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fstream>
#include <map>
#include <memory>

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

// Whether the kernel has code of that name. Calls that it was built without have their names too, but as weak
// ones.
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
  return function.find("_sys_") != std::string::npos && function.compare(0, 2, "__") == 0 &&
         !HasCode(function);
}

// Whether security hooks ask eBPF programs. In the list of those that they ask, since programs are taken
// where they are not.
bool HooksAskPrograms() {
  std::ifstream list("/sys/kernel/security/lsm");
  std::string name;
  while (std::getline(list, name, ',')) {
    if (name == "bpf" || name == "bpf\n") return true;
  }
  return false;
}

// A function, and how it is refused. The kernel leaves out a program of fmod_ret where a task that has been
// preempted in it is in it already (kernel/bpf/trampoline.c: __bpf_prog_enter_recur), but none of the hooks'
// own, since 6.2. So those are taken for hooks where the kernel has them, and of others there are two.
struct Target {
  std::string name;    // of its type in the kernel
  std::string libbpfs; // as libbpf takes it, which puts a prefix before it
  bpf_prog_type type = BPF_PROG_TYPE_TRACING;
  bpf_attach_type attachType = BPF_MODIFY_RETURN;
};

// The ways to refuse a function, the best one first. Some hooks have a longer name than the function that
// asks them: security_file_alloc asks file_alloc_security.
std::vector<Target> WaysTo(const std::string& function, bool hooksAskPrograms) {
  const std::string hook = "security_";
  const Target modified = {function, function};
  if (!hooksAskPrograms || function.compare(0, hook.size(), hook) != 0) return {modified};
  const std::string name = function.substr(hook.size());
  std::vector<Target> ways;
  for (const std::string& asked : {name, name + "_security"})
    ways.push_back({"bpf_lsm_" + asked, asked, BPF_PROG_TYPE_LSM, BPF_LSM_MAC});
  ways.push_back(modified);
  return ways;
}

// The instructions of the veto, fitted to this kernel: its program can be loaded for any function.
class Veto {
public:
  explicit Veto(const ClaimPrograms& claims) : marks_(claims.Map("marks")) {}

  // A descriptor, or -errno.
  int Load(const Target& target, int id) {
    if (fitted_) return LoadAgain(target, id);
    int loaded = LoadFirst(target);
    if (loaded < 0) fitted_.reset(); // an object is loaded once, or not at all
    return loaded;
  }

private:
  int LoadFirst(const Target& target) {
    fitted_ = std::make_unique<Object>("rsc_veto", rsc_veto_object, rsc_veto_object_end);
    bpf_map* marks = bpf_object__find_map_by_name(fitted_->get(), "marks");
    if (int result = bpf_map__reuse_fd(marks, marks_); result < 0)
      throw Failure{"sharing the map of the eBPF programs", -result};
    bpf_program* program = fitted_->program();
    bpf_program__set_type(program, target.type);
    bpf_program__set_expected_attach_type(program, target.attachType);
    bpf_program__set_attach_target(program, 0, target.libbpfs.c_str());
    int result = bpf_object__load(fitted_->get());
    return result < 0 ? result : bpf_program__fd(program);
  }

  int LoadAgain(const Target& target, int id) {
    bpf_prog_load_opts options = {};
    options.sz = sizeof options;
    options.expected_attach_type = target.attachType;
    options.attach_btf_id = static_cast<unsigned>(id);
    const bpf_program* program = fitted_->program();
    return bpf_prog_load(target.type, bpf_program__name(program), "GPL", bpf_program__insns(program),
                         bpf_program__insn_cnt(program), &options);
  }

  int marks_; // the map
  std::unique_ptr<Object> fitted_;
};

} // namespace

std::vector<int> LoadVetoes(const std::vector<std::string>& functions, const ClaimPrograms& claims,
                            const Channel& channel) {
  if (functions.empty()) return {};
  const bool hooksAskPrograms = HooksAskPrograms();
  std::map<std::string, std::vector<Target>> targets; // by the function's name
  std::vector<std::string> names;
  for (const std::string& function : functions) {
    targets[function] = WaysTo(function, hooksAskPrograms);
    for (const Target& way : targets[function])
      names.push_back(way.name);
  }
  const std::map<std::string, int> ids = IdsOf(names);
  Veto veto(claims);
  std::vector<int> links;
  for (const auto& [function, ways] : targets) {
    int program = -ENOENT;
    const Target* taken = nullptr;
    for (const Target& way : ways) {
      // Some hooks are there, and closed to programs: EINVAL.
      if (ids.at(way.name) == 0 || program >= 0) continue;
      taken = &way;
      program = veto.Load(way, ids.at(way.name));
    }
    if (program == -ENOENT && IsUnknownCall(function)) continue;
    if (program == -ENOENT) throw Failure{"finding the function " + function + " in the kernel", ENOENT};
    std::vector<int> programs{program};
    if (program >= 0 && claims.arePreemptible() && taken->type == BPF_PROG_TYPE_TRACING)
      programs.push_back(veto.Load(*taken, ids.at(taken->name)));
    for (int each : programs) {
      if (each < 0) throw Failure{"loading the veto of " + function, -each};
      int link = bpf_raw_tracepoint_open(nullptr, each);
      if (link < 0) throw Failure{"attaching the veto of " + function, -link};
      channel.Send("link", link);
      links.push_back(link);
    }
  }
  return links;
}

} // namespace loader
