// Tracee memory in one pass each way (process_vm_readv(2)).
#include "kernel.h"
#include <algorithm>
#include <climits>
#include <sys/uio.h>
#include <vector>

namespace rsc {
namespace {

struct Segment {
  uint64_t addr;   // in the tracee
  uint64_t length; // bytes
  uint64_t offset; // in the buffer
};

using Transfer = ssize_t (*)(pid_t, const iovec*, unsigned long, const iovec*, unsigned long, unsigned long);

// The segments that are used where a call gives none: taking an array from its handle costs as much as a
// short system call.
Napi::Reference<Napi::BigUint64Array> prepared_array;
const Segment* prepared;
size_t prepared_words;

// prepareSegments(segments): what readMemory() and writeMemory() use where they are given undefined.
void PrepareSegments(const Napi::CallbackInfo& info) {
  Napi::BigUint64Array table = info[0].As<Napi::BigUint64Array>();
  Pin(prepared_array, table);
  prepared = reinterpret_cast<const Segment*>(table.Data());
  prepared_words = table.ElementLength();
}

// (process, buffer, segments, count): moves `count` segments between the tracee and `buffer`, in order.
// Returns the number of bytes moved, which is short where memory could not be reached; or -errno.
template <Transfer transfer> Napi::Value Move(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  pid_t process = info[0].As<Napi::Number>().Int32Value();
  Napi::Uint8Array buffer = info[1].As<Napi::Uint8Array>();
  size_t count = info[3].As<Napi::Number>().Uint32Value();
  const Segment* segments = prepared;
  size_t words = prepared_words;
  if (!info[2].IsUndefined()) {
    Napi::BigUint64Array table = info[2].As<Napi::BigUint64Array>();
    segments = reinterpret_cast<const Segment*>(table.Data());
    words = table.ElementLength();
  }
  if (count * 3 > words) throw Napi::TypeError::New(env, "more segments than the table holds");

  iovec here[IOV_MAX], there[IOV_MAX];
  ssize_t total = 0;
  for (size_t first = 0; first < count; first += IOV_MAX) {
    size_t pieces = std::min<size_t>(count - first, IOV_MAX);
    size_t wanted = 0;
    for (size_t i = 0; i < pieces; i++) {
      const Segment& segment = segments[first + i];
      if (segment.offset > buffer.ByteLength() || segment.length > buffer.ByteLength() - segment.offset)
        throw Napi::TypeError::New(env, "a segment ends behind the buffer");
      here[i] = {buffer.Data() + segment.offset, segment.length};
      there[i] = {reinterpret_cast<void*>(segment.addr), segment.length};
      wanted += segment.length;
    }
    ssize_t moved = transfer(process, here, pieces, there, pieces, 0);
    if (moved < 0) return Number(env, total > 0 ? total : -errno);
    total += moved;
    if (static_cast<size_t>(moved) < wanted) break;
  }
  return Number(env, total);
}

// readString(process, addr, buffer, offset, max): CopyString() to buffer[offset].
Napi::Value ReadString(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  pid_t process = info[0].As<Napi::Number>().Int32Value();
  bool lossless;
  uint64_t addr = info[1].As<Napi::BigInt>().Uint64Value(&lossless);
  Napi::Uint8Array buffer = info[2].As<Napi::Uint8Array>();
  size_t offset = info[3].As<Napi::Number>().Uint32Value();
  size_t max = info[4].As<Napi::Number>().Uint32Value();
  if (offset > buffer.ByteLength() || max > buffer.ByteLength() - offset)
    throw Napi::TypeError::New(env, "the string may end behind the buffer");
  return Number(env, CopyString(process, addr, buffer.Data() + offset, max));
}

} // namespace

long CopyString(pid_t process, uint64_t addr, uint8_t* to, size_t max) {
  // A string may end just before memory that is not there, so no read crosses a page.
  constexpr size_t page = 4096, firstGuess = 256;
  size_t length = 0;
  while (length < max) {
    size_t piece = std::min(max - length, page - (addr + length) % page);
    if (length == 0) piece = std::min(piece, firstGuess);
    iovec here{to + length, piece}, there{reinterpret_cast<void*>(addr + length), piece};
    ssize_t got = process_vm_readv(process, &here, 1, &there, 1, 0);
    if (got <= 0) return got < 0 ? -errno : -EFAULT;
    if (const void* end = memchr(to + length, 0, got))
      return static_cast<long>(static_cast<const uint8_t*>(end) - to);
    length += got;
  }
  return -ENAMETOOLONG;
}

void RegisterMemory(Napi::Env env, Napi::Object exports) {
  exports.Set("prepareSegments", Napi::Function::New(env, PrepareSegments));
  exports.Set("readMemory", Napi::Function::New(env, Move<process_vm_readv>));
  exports.Set("writeMemory", Napi::Function::New(env, Move<process_vm_writev>));
  exports.Set("readString", Napi::Function::New(env, ReadString));
}

} // namespace rsc
