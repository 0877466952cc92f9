// Shared by the files of the addon: how an errno travels to JavaScript, and the registration of each file's
// functions.
//
// Two families. Calls of the hot path return a number, negative for -errno, and never throw for what the
// kernel says. Set-up calls throw an Error with `errno` and `step`, for the operator's message to be made
// from.
#pragma once
#include <napi.h>
#include <cerrno>
#include <cstring>

namespace rsc {

inline Napi::Number Number(Napi::Env env, long value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

// The result of a libc call that reports by errno, as the kernel would have returned it.
inline long KernelResult(long result) {
  return result == -1 ? -errno : result;
}

[[noreturn]] inline void ThrowErrno(Napi::Env env, const char* step, int error) {
  Napi::Error thrown = Napi::Error::New(env, std::string(step) + ": " + strerror(error));
  thrown.Set("errno", Napi::Number::New(env, error));
  thrown.Set("step", Napi::String::New(env, step));
  throw thrown;
}

// Keeps an array's memory in place for as long as the process runs. Its reference is destroyed with the
// process, when there is no environment any more.
template <typename Array> void Pin(Napi::Reference<Array>& reference, Array array) {
  reference = Napi::Persistent(array);
  reference.SuppressDestruct();
}

void RegisterSpawn(Napi::Env env, Napi::Object exports);
void RegisterTrace(Napi::Env env, Napi::Object exports);
void RegisterMemory(Napi::Env env, Napi::Object exports);
void RegisterSocket(Napi::Env env, Napi::Object exports);
void RegisterVsock(Napi::Env env, Napi::Object exports);
void RegisterReadiness(Napi::Env env, Napi::Object exports);
void RegisterListener(Napi::Env env, Napi::Object exports);
void RegisterProbe(Napi::Env env, Napi::Object exports);
void RegisterClaims(Napi::Env env, Napi::Object exports);

// True when a real-time signal said, since the last call of TakeInterrupt, that something else than what the
// tracer's thread waits for wants it: a tracee, bytes on the socket, or the alarm.
extern volatile int interrupted;

// The length without NUL of the string at `addr` of `process`, which is copied with its NUL; -ENAMETOOLONG
// when no NUL is among the first `max` bytes; or -errno.
long CopyString(pid_t process, uint64_t addr, uint8_t* to, size_t max);

// Interrupts a wait of the tracer's thread, now or when it begins.
void Interrupt(pid_t process, pid_t tracer);

} // namespace rsc
