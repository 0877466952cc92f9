#include "listener.h"
#include "beside.h"
#include "kernel.h"
#include "seccomp-notice.h"
#include "../twin/interruptible.h"
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rsc {
namespace {

int listener = -1;

// What receiveNotice() fills, and what respond() sends.
seccomp_notif* notice;
seccomp_notif_resp* response;
Napi::Reference<Napi::BigUint64Array> notice_array;
Napi::Reference<Napi::BigUint64Array> response_array;

// The strings that come with a notice: by number which arguments are some, and for each argument its place in
// `texts` and its length.
constexpr size_t arguments = 6;
constexpr size_t text_size = 4096;
const uint8_t* string_arguments;
size_t string_numbers;
uint8_t* texts;
int32_t* lengths;
Napi::Reference<Napi::Uint8Array> mask_array;
Napi::Reference<Napi::Uint8Array> text_array;
Napi::Reference<Napi::Int32Array> length_array;

// The kernel answers ENOSYS to calls that have lost their listener: a process beside rsc holds it until the
// last tracee has gone (addon/keeper). Returns 0 or an errno.
int HoldUntilLastTracee(int descriptor) {
  sigset_t all;
  sigfillset(&all);
  pid_t keeper;
  return StartBeside("rsc-keeper", {"listener", std::to_string(firstGiven)}, {descriptor}, all, keeper);
}

// prepareNotices(notice, response): the memory of struct seccomp_notif and struct seccomp_notif_resp.
void PrepareNotices(const Napi::CallbackInfo& info) {
  Napi::BigUint64Array told = info[0].As<Napi::BigUint64Array>();
  Napi::BigUint64Array answer = info[1].As<Napi::BigUint64Array>();
  if (told.ByteLength() < sizeof(seccomp_notif) || answer.ByteLength() < sizeof(seccomp_notif_resp))
    throw Napi::TypeError::New(info.Env(), "a notice or a response does not fit its array");
  Pin(notice_array, told);
  Pin(response_array, answer);
  notice = reinterpret_cast<seccomp_notif*>(told.Data());
  response = reinterpret_cast<seccomp_notif_resp*>(answer.Data());
}

// prepareStrings(masks, texts, lengths): makes receiveNotice() copy the strings of a call as well. `masks`
// has for each number a bit for each argument that is one.
void PrepareStrings(const Napi::CallbackInfo& info) {
  Napi::Uint8Array masks = info[0].As<Napi::Uint8Array>();
  Napi::Uint8Array text = info[1].As<Napi::Uint8Array>();
  Napi::Int32Array length = info[2].As<Napi::Int32Array>();
  if (text.ByteLength() < arguments * text_size || length.ElementLength() < arguments)
    throw Napi::TypeError::New(info.Env(), "the strings of six arguments do not fit their arrays");
  Pin(mask_array, masks);
  Pin(text_array, text);
  Pin(length_array, length);
  string_arguments = masks.Data();
  string_numbers = masks.ByteLength();
  texts = text.Data();
  lengths = length.Data();
}

void CopyStrings() {
  auto number = static_cast<size_t>(notice->data.nr);
  if (number >= string_numbers) return;
  for (size_t i = 0, mask = string_arguments[number]; mask != 0; i++, mask >>= 1) {
    uint64_t addr = notice->data.args[i];
    if (mask & 1)
      lengths[i] = static_cast<int32_t>(CopyString(notice->pid, addr, texts + i * text_size, text_size));
  }
}

// Whether a notice is there; waits for one, or for bytes on `socket` (-1: none), if it shall. 1, 0 or -errno.
long Poll(int socket, bool block) {
  pollfd wanted[2] = {{listener, POLLIN, 0}, {socket, POLLIN, 0}};
  timespec none = {};
  const uint64_t arguments[6] = {
      reinterpret_cast<uint64_t>(wanted), 2, block ? 0 : reinterpret_cast<uint64_t>(&none), 0, 0, 0};
  long result = rsc_interruptible_syscall(&interrupted, SYS_ppoll, arguments);
  return result > 0 ? wanted[0].revents & POLLIN : result;
}

// receiveNotice(socket, block): the thread of the next call that the filter tells of, and fills the notice
// and its strings; 0 when there is none: not blocking, interrupted, or bytes on `socket`, which is -1 where
// they do not matter; or -errno.
Napi::Value ReceiveNotice(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int socket = info[0].As<Napi::Number>().Int32Value();
  bool block = info[1].As<Napi::Boolean>().Value();
  if (block) WatchTracees();
  if (socket >= 0 || !block) {
    long there = Poll(socket, block);
    if (there <= 0) return Number(env, there == -EINTR ? 0 : there);
  }
  memset(notice, 0, sizeof *notice); // the kernel refuses memory that has anything in it
  const uint64_t arguments[6] = {
      static_cast<uint64_t>(listener), SECCOMP_IOCTL_NOTIF_RECV, reinterpret_cast<uint64_t>(notice), 0, 0, 0};
  long result = rsc_interruptible_syscall(&interrupted, SYS_ioctl, arguments);
  // ENOENT: the call was interrupted meanwhile, or its thread killed.
  if (result == -EINTR || result == -ENOENT) return Number(env, 0);
  if (result < 0) return Number(env, result);
  CopyStrings();
  return Number(env, notice->pid);
}

// An ioctl of the listener, which a signal can keep from taking the listener's lock; the result as the kernel
// has it.
template <typename T> long Tell(unsigned long request, T* argument) {
  long result;
  do
    result = KernelResult(ioctl(listener, request, argument));
  while (result == -EINTR);
  return result;
}

// respond(): sends the response. 0, -ENOENT when its call does not wait any more, or -errno.
Napi::Value Respond(const Napi::CallbackInfo& info) {
  return Number(info.Env(), Tell(SECCOMP_IOCTL_NOTIF_SEND, response));
}

// The file that placeholders are opened from: empty, sealed, and of nobody else. O_PATH descriptors, which
// answer EBADF to more calls, cannot be given (kernel/seccomp.c: fget).
int Blank() {
  int file = memfd_create("rsc-remote", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file >= 0) fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  return file;
}

// An open file of its own, as kcmp(2) tells, that can be neither read nor written: open(2) on access mode 3.
int OpenPlaceholder() {
  static const int blank = Blank();
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", blank);
  return open(path, O_ACCMODE | O_CLOEXEC);
}

// respondWithPlaceholder(flags): gives the thread of the response a placeholder at its lowest free number,
// with the descriptor flags O_CLOEXEC or 0, and that number as the result of its call. The number; -ENOENT as
// for respond(); or -errno, with the call still waiting.
Napi::Value RespondWithPlaceholder(const Napi::CallbackInfo& info) {
  int placeholder = OpenPlaceholder();
  if (placeholder < 0) return Number(info.Env(), errno == ENOENT ? -ENFILE : -errno);
  seccomp_notif_addfd added = {};
  added.id = response->id;
  added.flags = SECCOMP_ADDFD_FLAG_SEND;
  added.srcfd = static_cast<uint32_t>(placeholder);
  added.newfd_flags = info[0].As<Napi::Number>().Uint32Value();
  // Interrupted while the thread takes the descriptor, the kernel would take it back and answer the call with
  // 0 (kernel/seccomp.c: seccomp_notify_addfd has set the notice's state by then).
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  long number = Tell(SECCOMP_IOCTL_NOTIF_ADDFD, &added);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(placeholder);
  // ESRCH: the call was interrupted after it had been found waiting.
  return Number(info.Env(), number == -ESRCH ? -ENOENT : number);
}

} // namespace

int Listen(pid_t process, int fd, const char*& step) {
  step = "pidfd_getfd";
  int handle = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (handle < 0) return errno;
  listener = static_cast<int>(syscall(SYS_pidfd_getfd, handle, fd, 0));
  int error = listener < 0 ? errno : 0;
  close(handle);
  if (error) return error;
  // Tracer and tracee take turns, so they are best on one CPU; kernels before 6.6 do not know the wish.
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
  step = "starting rsc-keeper";
  return HoldUntilLastTracee(listener);
}

void RegisterListener(Napi::Env env, Napi::Object exports) {
  exports.Set("prepareNotices", Napi::Function::New(env, PrepareNotices));
  exports.Set("prepareStrings", Napi::Function::New(env, PrepareStrings));
  exports.Set("receiveNotice", Napi::Function::New(env, ReceiveNotice));
  exports.Set("respond", Napi::Function::New(env, Respond));
  exports.Set("respondWithPlaceholder", Napi::Function::New(env, RespondWithPlaceholder));
}

} // namespace rsc
