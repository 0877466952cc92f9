// The eBPF programs that claim calls: their memory, and their maps.
#include "bpf-map.h"
#include "claim-maps.h"
#include "claim-ring.h"
#include "kernel.h"
#include "../bpf/claims.h"
#include <array>
#include <memory>
#include <sys/mman.h>

namespace rsc {
namespace {

// A map that is mapped, and the array that JavaScript has of it.
class Memory {
public:
  ~Memory() {
    if (addr_ != nullptr) munmap(addr_, mapped_);
  }
  int Map(int map, size_t bytes) {
    constexpr size_t page = 4096;
    mapped_ = (bytes + page - 1) / page * page;
    bytes_ = bytes;
    void* addr = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
    if (addr == MAP_FAILED) return errno;
    addr_ = addr;
    return 0;
  }
  Napi::ArrayBuffer Give(Napi::Env env) {
    Napi::ArrayBuffer array = Napi::ArrayBuffer::New(env, addr_, bytes_);
    array_ = Napi::Persistent(array);
    return array;
  }
  // Afterwards JavaScript cannot get at it any more.
  void TakeBack() {
    if (!array_.IsEmpty()) array_.Value().Detach();
    array_.Reset();
  }
  void Abandon() { array_.SuppressDestruct(); }

private:
  void* addr_ = nullptr;
  size_t mapped_ = 0, bytes_ = 0;
  Napi::Reference<Napi::ArrayBuffer> array_;
};

// A map that is mapped, by the name that JavaScript has for it.
struct Mapped {
  const char* name;
  ClaimMap map;
  size_t bytes;
};

constexpr std::array<Mapped, 6> kMapped = {{
    {"marks", kMarks, sizeof(claim_mark_bucket[CLAIM_MARK_BUCKETS])},
    {"rules", kRules, sizeof(claim_rule[CLAIM_GENERATIONS][CLAIM_RULES])},
    {"active", kActive, sizeof(uint64_t)},
    {"groups", kGroups, sizeof(claim_bucket[CLAIM_BUCKETS])},
    {"slots", kSlots, sizeof(claim_slot[CLAIM_SLOTS])},
    {"counters", kCounters, sizeof(claim_lane[CLAIM_LANES])},
}};

struct Claims {
  ClaimDescriptors descriptors;
  // In the order of kMapped.
  std::array<Memory, kMapped.size()> memories;
  ClaimRing ring;
};

// Those of this process: there is one tracer in it.
std::unique_ptr<Claims> claims;

Claims& Open(Napi::Env env) {
  if (!claims) throw Napi::TypeError::New(env, "the eBPF programs are not loaded");
  return *claims;
}

[[noreturn]] void ThrowFailure(Napi::Env env, const LoadFailure& failure) {
  Napi::Error thrown = Napi::Error::New(env, failure.step + ": " + strerror(failure.error));
  thrown.Set("errno", Napi::Number::New(env, failure.error));
  thrown.Set("step", Napi::String::New(env, failure.step));
  thrown.Set("log", Napi::String::New(env, failure.log));
  throw thrown;
}

std::vector<std::string> StringsOf(const Napi::Value& value) {
  Napi::Array array = value.As<Napi::Array>();
  std::vector<std::string> strings;
  for (uint32_t i = 0; i < array.Length(); i++)
    strings.push_back(array.Get(i).As<Napi::String>());
  return strings;
}

int MapAll(Claims& opened) {
  const ClaimDescriptors& from = opened.descriptors;
  for (size_t i = 0; i < kMapped.size(); i++) {
    const Mapped& mapped = kMapped[i];
    if (int error = opened.memories[i].Map(from.map(mapped.map), mapped.bytes)) return error;
  }
  return opened.ring.Map(from.map(kEvents));
}

// The environment ends, and no JavaScript runs any more. Tracees may: they end with this thread, and the
// keeper waits for that.
void End(void*) {
  if (!claims) return;
  for (Memory& memory : claims->memories)
    memory.Abandon();
  claims.reset();
}

// openClaims(vetoes): the memory of the programs, which are loaded and attached.
Napi::Value OpenClaims(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (claims) throw Napi::TypeError::New(env, "the eBPF programs are loaded already");
  auto opened = std::make_unique<Claims>();
  LoadFailure failure;
  if (!opened->descriptors.Load(StringsOf(info[0]), failure)) ThrowFailure(env, failure);
  if (int error = MapAll(*opened)) {
    opened->descriptors.Unload();
    ThrowErrno(env, "mmap of an eBPF map", error);
  }

  Napi::Object memory = Napi::Object::New(env);
  for (size_t i = 0; i < kMapped.size(); i++)
    memory.Set(kMapped[i].name, opened->memories[i].Give(env));
  claims = std::move(opened);
  napi_add_env_cleanup_hook(env, End, nullptr);
  return memory;
}

// closeClaims()
void CloseClaims(const Napi::CallbackInfo& info) {
  Claims& open = Open(info.Env());
  napi_remove_env_cleanup_hook(info.Env(), End, nullptr);
  for (Memory& memory : open.memories)
    memory.TakeBack();
  open.descriptors.Unload();
  claims.reset();
}

// probeClaims(vetoes): whether the programs can be loaded and attached: 0 or -errno.
Napi::Value ProbeClaims(const Napi::CallbackInfo& info) {
  ClaimDescriptors descriptors;
  LoadFailure failure;
  if (!descriptors.Load(StringsOf(info[0]), failure)) return Number(info.Env(), -failure.error);
  descriptors.Unload();
  return Number(info.Env(), 0);
}

// takeSaved(thread, saved): whether there is what its claimed call was about to write over.
Napi::Value TakeSaved(const Napi::CallbackInfo& info) {
  Claims& open = Open(info.Env());
  uint32_t thread = info[0].As<Napi::Number>().Uint32Value();
  Napi::Uint8Array saved = info[1].As<Napi::Uint8Array>();
  if (saved.ByteLength() != sizeof(claim_saved))
    throw Napi::TypeError::New(info.Env(), "what is saved has another size");
  int map = open.descriptors.map(kSaved);
  bool isThere = MapCall(BPF_MAP_LOOKUP_AND_DELETE_ELEM, map, &thread, saved.Data()) == 0;
  if (!isThere && errno != ENOENT) ThrowErrno(info.Env(), "bpf BPF_MAP_LOOKUP_AND_DELETE_ELEM", errno);
  return Napi::Boolean::New(info.Env(), isThere);
}

// setPrefix(generation, prefix, side): 0 or -errno.
Napi::Value SetPrefix(const Napi::CallbackInfo& info) {
  Claims& open = Open(info.Env());
  Napi::Uint8Array prefix = info[1].As<Napi::Uint8Array>();
  size_t length = prefix.ByteLength();
  if (length >= CLAIM_PREFIX) return Number(info.Env(), -ENAMETOOLONG);
  claim_prefix key = {};
  key.generation = info[0].As<Napi::Number>().Uint32Value();
  key.bits = static_cast<uint32_t>(8 * (sizeof key.generation + length + 1));
  memcpy(key.path, prefix.Data(), length);
  key.path[length] = '/';
  uint32_t side = info[2].As<Napi::Number>().Uint32Value();
  int map = open.descriptors.map(kPrefixes);
  return Number(info.Env(), KernelResult(MapCall(BPF_MAP_UPDATE_ELEM, map, &key, &side, BPF_ANY)));
}

// dropPrefixes(generation): 0 or -errno.
Napi::Value DropPrefixes(const Napi::CallbackInfo& info) {
  int map = Open(info.Env()).descriptors.map(kPrefixes);
  uint32_t generation = info[0].As<Napi::Number>().Uint32Value();
  std::vector<claim_prefix> found;
  claim_prefix key, next;
  const claim_prefix* previous = nullptr;
  while (MapCall(BPF_MAP_GET_NEXT_KEY, map, previous, &next) == 0) {
    if (next.generation == generation) found.push_back(next);
    key = next;
    previous = &key;
  }
  if (errno != ENOENT) return Number(info.Env(), -errno);
  for (const claim_prefix& old : found) {
    long result = KernelResult(MapCall(BPF_MAP_DELETE_ELEM, map, &old, nullptr));
    if (result < 0) return Number(info.Env(), result);
  }
  return Number(info.Env(), 0);
}

// countMisses(): how often the program that claims was left out, or -errno.
Napi::Value CountMisses(const Napi::CallbackInfo& info) {
  return Number(info.Env(), Open(info.Env()).descriptors.Misses());
}

// readEvents(events): how many events were copied.
Napi::Value ReadEvents(const Napi::CallbackInfo& info) {
  Claims& open = Open(info.Env());
  Napi::Int32Array events = info[0].As<Napi::Int32Array>();
  size_t room = events.ByteLength() / sizeof(claim_event);
  return Number(info.Env(), static_cast<long>(open.ring.Read(events.Data(), sizeof(claim_event), room)));
}

} // namespace

void RegisterClaims(Napi::Env env, Napi::Object exports) {
  exports.Set("openClaims", Napi::Function::New(env, OpenClaims));
  exports.Set("closeClaims", Napi::Function::New(env, CloseClaims));
  exports.Set("probeClaims", Napi::Function::New(env, ProbeClaims));
  exports.Set("takeSaved", Napi::Function::New(env, TakeSaved));
  exports.Set("setPrefix", Napi::Function::New(env, SetPrefix));
  exports.Set("dropPrefixes", Napi::Function::New(env, DropPrefixes));
  exports.Set("countMisses", Napi::Function::New(env, CountMisses));
  exports.Set("readEvents", Napi::Function::New(env, ReadEvents));
}

} // namespace rsc
