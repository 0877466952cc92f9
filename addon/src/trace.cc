// Waiting for tracees, their registers, and resuming them (ptrace(2)).
#include "kernel.h"
#include "listener.h"
#include "../twin/interruptible.h"
#include <atomic>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace rsc {

volatile int interrupted = 0;

namespace {

constexpr size_t registerCount = sizeof(user_regs_struct) / sizeof(unsigned long long);

// The tracer's thread is told of bytes on its socket and of its timer by this signal. glibc keeps the first
// two real-time signals; Node and libuv use none.
int InterruptSignal() {
  return SIGRTMIN + 3;
}

// Interrupts the tracer's thread when the peer has closed the connection: nothing else would tell it while no
// call is in flight. Waits for the hang-up alone, so frames do not wake this thread. Ends with the
// connection.
void WatchHangUp(int socket, pid_t process, pid_t thread) {
  pollfd wanted{socket, POLLRDHUP, 0};
  int ready;
  do
    ready = poll(&wanted, 1, -1);
  while (ready < 0 && errno == EINTR);
  Interrupt(process, thread);
  close(socket);
}

timer_t timer; // of setAlarm()

// The thread that called prepare().
std::atomic<pid_t> tracer = 0;

// What wait() fills and resume() reads: given once, because taking an array from its handle costs as much as
// a short system call.
Napi::Reference<Napi::Int32Array> event_array;
Napi::Reference<Napi::BigUint64Array> register_array;
int32_t* event;
uint64_t* registers;

// prepare(socket, event, registers): makes the calling thread the one that wait() serves: bytes that arrive
// on `socket` interrupt it.
void Prepare(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int socket = info[0].As<Napi::Number>().Int32Value();
  Napi::Int32Array events = info[1].As<Napi::Int32Array>();
  Napi::BigUint64Array words = info[2].As<Napi::BigUint64Array>();
  if (events.ElementLength() < 2 || words.ElementLength() < registerCount)
    throw Napi::TypeError::New(env, "an event has 2 numbers, the registers " + std::to_string(registerCount));
  Pin(event_array, events);
  Pin(register_array, words);
  event = events.Data();
  registers = words.Data();
  if (int error = install_interrupt(InterruptSignal(), &interrupted)) ThrowErrno(env, "sigaction", error);
  // No other signal may be handled here: one with SA_RESTART that comes together with the interrupt takes the
  // thread back into a wait that the interrupt, whose handler runs first, could not see it in.
  sigset_t others;
  sigfillset(&others);
  for (int signal : {InterruptSignal(), SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT})
    sigdelset(&others, signal);
  pthread_sigmask(SIG_SETMASK, &others, nullptr);

  // Without SA_NOCLDSTOP every stop of a tracee would run libuv's SIGCHLD handler, when it has installed one.
  struct sigaction child;
  if (sigaction(SIGCHLD, nullptr, &child) == 0 && !(child.sa_flags & SA_NOCLDSTOP)) {
    child.sa_flags |= SA_NOCLDSTOP;
    sigaction(SIGCHLD, &child, nullptr);
  }

  f_owner_ex owner{F_OWNER_TID, gettid()};
  if (fcntl(socket, F_SETOWN_EX, &owner) != 0) ThrowErrno(env, "fcntl F_SETOWN_EX", errno);
  if (fcntl(socket, F_SETSIG, InterruptSignal()) != 0) ThrowErrno(env, "fcntl F_SETSIG", errno);

  int watched = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (watched < 0) ThrowErrno(env, "fcntl F_DUPFD_CLOEXEC", errno);
  std::thread(WatchHangUp, watched, getpid(), gettid()).detach();
  StartWatchingTracees(getpid(), gettid());
  tracer.store(gettid());

  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = InterruptSignal();
  event._sigev_un._tid = gettid();
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) ThrowErrno(env, "timer_create", errno);
}

// setAlarm(ms): interrupts a wait of this thread once, in so many milliseconds. 0 or -errno.
Napi::Value SetAlarm(const Napi::CallbackInfo& info) {
  double ms = info[0].As<Napi::Number>().DoubleValue();
  itimerspec time = {};
  time.it_value.tv_sec = static_cast<time_t>(ms / 1000);
  time.it_value.tv_nsec = static_cast<long>((ms - time.it_value.tv_sec * 1000.0) * 1e6);
  return Number(info.Env(), KernelResult(timer_settime(timer, 0, &time, nullptr)));
}

// wait(block): the thread that changed state, 0 when none did (not blocking, or interrupted), or -errno.
// Fills the event with si_code and si_status, and the registers with the thread's, when it is stopped. Of one
// that has been killed since, there are no registers: its code is 0.
Napi::Value Wait(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  bool block = info[0].As<Napi::Boolean>().Value();

  // __WNOTHREAD: only this thread's tracees; the children of libuv belong to the main thread.
  int options = WEXITED | WSTOPPED | __WALL | __WNOTHREAD | (block ? 0 : WNOHANG);
  siginfo_t status;
  status.si_pid = 0;
  const uint64_t arguments[6] = {
      P_ALL, 0, reinterpret_cast<uint64_t>(&status), static_cast<uint64_t>(options), 0, 0};
  long result = rsc_interruptible_syscall(&interrupted, SYS_waitid, arguments);
  if (result == -EINTR) return Number(env, 0);
  if (result < 0) return Number(env, result);
  if (status.si_pid == 0) return Number(env, 0);
  event[0] = status.si_code;
  event[1] = status.si_status;
  const bool isStopped = status.si_code == CLD_TRAPPED || status.si_code == CLD_STOPPED;
  if (isStopped && ptrace(PTRACE_GETREGS, status.si_pid, nullptr, registers) != 0) event[0] = 0;
  return Number(env, status.si_pid);
}

// takeInterrupt(): whether something has interrupted this thread since the last time.
Napi::Value TakeInterrupt(const Napi::CallbackInfo& info) {
  bool was = interrupted != 0;
  interrupted = 0;
  return Napi::Boolean::New(info.Env(), was);
}

// resume(thread, request, data, setRegisters): PTRACE_CONT, _SYSCALL, _LISTEN, _INTERRUPT, _SEIZE or _DETACH,
// after the thread has been given the registers, if it shall; 0 or -errno.
Napi::Value Resume(const Napi::CallbackInfo& info) {
  pid_t thread = info[0].As<Napi::Number>().Int32Value();
  auto request = static_cast<__ptrace_request>(info[1].As<Napi::Number>().Int32Value());
  long data = info[2].As<Napi::Number>().Int32Value();
  if (info[3].As<Napi::Boolean>().Value()) {
    long set = KernelResult(ptrace(PTRACE_SETREGS, thread, nullptr, registers));
    if (set < 0) return Number(info.Env(), set);
  }
  return Number(info.Env(), KernelResult(ptrace(request, thread, nullptr, data)));
}

// setRegisters(thread): gives a thread registers that stays stopped; 0 or -errno.
Napi::Value SetRegisters(const Napi::CallbackInfo& info) {
  pid_t thread = info[0].As<Napi::Number>().Int32Value();
  return Number(info.Env(), KernelResult(ptrace(PTRACE_SETREGS, thread, nullptr, registers)));
}

// interrupt(): interrupts a wait of the thread that called prepare(), if one has. From any thread of the
// process.
void InterruptTracer(const Napi::CallbackInfo&) {
  pid_t thread = tracer.load();
  if (thread != 0) Interrupt(getpid(), thread);
}

// eventMessage(thread): what a ptrace event stop carries (PTRACE_GETEVENTMSG): a new thread's id; or -errno.
Napi::Value EventMessage(const Napi::CallbackInfo& info) {
  pid_t thread = info[0].As<Napi::Number>().Int32Value();
  unsigned long message = 0;
  long result = KernelResult(ptrace(PTRACE_GETEVENTMSG, thread, nullptr, &message));
  return Number(info.Env(), result < 0 ? result : static_cast<long>(message));
}

// kill(process, thread, signal): tgkill(2); 0 or -errno.
Napi::Value Kill(const Napi::CallbackInfo& info) {
  pid_t process = info[0].As<Napi::Number>().Int32Value();
  pid_t thread = info[1].As<Napi::Number>().Int32Value();
  int signal = info[2].As<Napi::Number>().Int32Value();
  return Number(info.Env(), KernelResult(syscall(SYS_tgkill, process, thread, signal)));
}

} // namespace

void Interrupt(pid_t process, pid_t tracer) {
  interrupted = 1;
  syscall(SYS_tgkill, process, tracer, InterruptSignal());
}

void RegisterTrace(Napi::Env env, Napi::Object exports) {
  exports.Set("registerCount", Napi::Number::New(env, registerCount));
  exports.Set("prepare", Napi::Function::New(env, Prepare));
  exports.Set("setAlarm", Napi::Function::New(env, SetAlarm));
  exports.Set("wait", Napi::Function::New(env, Wait));
  exports.Set("takeInterrupt", Napi::Function::New(env, TakeInterrupt));
  exports.Set("resume", Napi::Function::New(env, Resume));
  exports.Set("setRegisters", Napi::Function::New(env, SetRegisters));
  exports.Set("interrupt", Napi::Function::New(env, InterruptTracer));
  exports.Set("eventMessage", Napi::Function::New(env, EventMessage));
  exports.Set("kill", Napi::Function::New(env, Kill));
}

} // namespace rsc
