// Starts the first tracee: seized before it runs, its seccomp filter in place before it executes the program.
#include "kernel.h"
#include "listener.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <csignal>
#include <string>
#include <unistd.h>
#include <vector>

namespace rsc {
namespace {

// What the child could not do, sent to the parent through a pipe that a successful execve(2) closes.
struct Failure {
  int error;
  char step[32];
};

struct Program {
  bool listen;
  std::string file;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<sock_filter> filter;
};

std::vector<std::string> Strings(const Napi::Value& value) {
  Napi::Array array = value.As<Napi::Array>();
  std::vector<std::string> strings;
  strings.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++)
    strings.push_back(array.Get(i).As<Napi::String>().Utf8Value());
  return strings;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings)
    pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void Fail(int report, const char* step) {
  Failure failure{errno, {}};
  strncpy(failure.step, step, sizeof failure.step - 1);
  // A pipe takes so few bytes at once or not at all (pipe(7), PIPE_BUF); without them the parent sees the
  // exit status.
  ssize_t written = write(report, &failure, sizeof failure);
  _exit(written == static_cast<ssize_t>(sizeof failure) ? 127 : 126);
}

void AddFilter(Program& program, int report) {
  sock_fprog filter{static_cast<unsigned short>(program.filter.size()), program.filter.data()};
  // A call that has been told is not interrupted, so that no answer to it is lost; one that has not, is.
  int flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  if (program.listen) flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter) < 0) {
    // Without CAP_SYS_ADMIN the kernel wants a process that cannot gain privileges (seccomp(2)).
    if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter) < 0)
      Fail(report, "seccomp");
  }
}

// Runs in the child of a multi-threaded process: only async-signal-safe calls from here on.
[[noreturn]] void Become(Program& program, char** argv, char** envp, int start, int report) {
  // Node ignores SIGPIPE and SIGXFSZ; ignored signals survive execve(2), handled ones do not.
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Node marks the descriptors that it inherits close-on-exec (uv_disable_stdio_inheritance).
  for (int fd = 0; fd <= 2; fd++) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
  char go;
  if (read(start, &go, 1) != 1)
    _exit(126); // the parent died, or could not seize this process and said so itself
  close(start);

  if (!program.filter.empty()) AddFilter(program, report);
  execve(program.file.c_str(), argv, envp);
  Fail(report, "execve");
}

void CloseBoth(const int (&ends)[2]) {
  close(ends[0]);
  close(ends[1]);
}

// Lets the child, which waits for a byte from `start`, go on until its seccomp(2) has returned, and leaves it
// stopped there. The result is its number of the filter's listener; or -errno when it has ended before, which
// is left for wait().
long RunToFilter(pid_t child, int start) {
  ptrace(PTRACE_INTERRUPT, child, nullptr, nullptr);
  uint64_t number = 0;
  for (bool started = false;; started = true) {
    siginfo_t event;
    int waited;
    do
      waited = waitid(P_PID, child, &event, WEXITED | WSTOPPED | __WALL | WNOWAIT);
    while (waited != 0 && errno == EINTR);
    if (waited != 0) return -errno;
    if (event.si_code != CLD_TRAPPED && event.si_code != CLD_STOPPED) return -ESRCH;
    waitid(P_PID, child, &event, WSTOPPED | __WALL);
    long signal = 0;
    if (event.si_status == (SIGTRAP | 0x80)) {
      __ptrace_syscall_info info;
      if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) < 0) return -errno;
      if (info.op == PTRACE_SYSCALL_INFO_ENTRY) number = info.entry.nr;
      if (info.op == PTRACE_SYSCALL_INFO_EXIT && number == SYS_seccomp && info.exit.rval >= 0)
        return info.exit.rval;
    } else if (event.si_status >> 8 == 0) {
      signal = event.si_status; // on its way to the child
    }
    char go = 1;
    if (!started && write(start, &go, 1) != 1) return -errno;
    ptrace(PTRACE_SYSCALL, child, nullptr, signal);
  }
}

// Takes over the listener of the child's filter; false when the child has ended before. Throws.
bool TakeListener(Napi::Env env, pid_t child, int start, int report) {
  long number = RunToFilter(child, start);
  if (number < 0) return false;
  const char* step;
  int error = Listen(child, static_cast<int>(number), step);
  if (error) {
    kill(child, SIGKILL);
    close(report);
    close(start);
    ThrowErrno(env, step, error);
  }
  ptrace(PTRACE_CONT, child, nullptr, nullptr);
  return true;
}

// spawn(file, argv, envp, filter, options, listen): { pid, listens, report }. The child, which is seized,
// goes on to execute its program, or if it has no filter to a stop before; if `listen`, its filter has a
// listener, which is this process's, unless the child has ended already. `report` is the descriptor on which
// a failed seccomp(2) or execve(2) is told (see readFailure).
Napi::Value Spawn(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Program program;
  program.file = info[0].As<Napi::String>().Utf8Value();
  program.arguments = Strings(info[1]);
  program.environment = Strings(info[2]);
  Napi::Buffer<uint8_t> filter = info[3].As<Napi::Buffer<uint8_t>>();
  long options = info[4].As<Napi::Number>().Int64Value();
  program.listen = info[5].As<Napi::Boolean>().Value();
  program.filter.resize(filter.Length() / sizeof(sock_filter));
  memcpy(program.filter.data(), filter.Data(), program.filter.size() * sizeof(sock_filter));
  std::vector<char*> argv = Pointers(program.arguments);
  std::vector<char*> envp = Pointers(program.environment);

  int start[2], report[2];
  if (pipe2(start, O_CLOEXEC) != 0) ThrowErrno(env, "pipe", errno);
  if (pipe2(report, O_CLOEXEC) != 0) {
    int error = errno;
    CloseBoth(start);
    ThrowErrno(env, "pipe", error);
  }
  pid_t child = fork();
  if (child == 0) {
    close(start[1]);
    Become(program, argv.data(), envp.data(), start[0], report[1]);
  }
  int error = errno;
  close(start[0]);
  close(report[1]);
  const char* failed = child < 0 ? "fork" : nullptr;
  if (!failed && ptrace(PTRACE_SEIZE, child, 0, options) != 0) {
    error = errno;
    failed = "ptrace";
  }
  // Nothing else stops it: it does before it knows that it may go on.
  if (!failed && program.filter.empty()) ptrace(PTRACE_INTERRUPT, child, nullptr, nullptr);
  if (failed) {
    close(start[1]); // the child reads the end of the file and exits
    close(report[0]);
    if (child > 0) waitpid(child, nullptr, 0);
    ThrowErrno(env, failed, error);
  }
  char go = 1;
  bool listens = false;
  if (program.listen)
    listens = TakeListener(env, child, start[1], report[0]);
  else if (write(start[1], &go, 1) != 1)
    error = errno; // the child has died: wait() will tell
  close(start[1]);

  Napi::Object spawned = Napi::Object::New(env);
  spawned.Set("pid", Napi::Number::New(env, child));
  spawned.Set("listens", Napi::Boolean::New(env, listens));
  spawned.Set("report", Napi::Number::New(env, report[0]));
  return spawned;
}

// readFailure(report): undefined when the program was executed, or { step, errno }. Closes `report`.
Napi::Value ReadFailure(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int report = info[0].As<Napi::Number>().Int32Value();
  Failure failure{};
  ssize_t length = read(report, &failure, sizeof failure);
  close(report);
  if (length != static_cast<ssize_t>(sizeof failure)) return env.Undefined();
  Napi::Object told = Napi::Object::New(env);
  told.Set("step", Napi::String::New(env, failure.step));
  told.Set("errno", Napi::Number::New(env, failure.error));
  return told;
}

} // namespace

void RegisterSpawn(Napi::Env env, Napi::Object exports) {
  exports.Set("spawn", Napi::Function::New(env, Spawn));
  exports.Set("readFailure", Napi::Function::New(env, ReadFailure));
}

} // namespace rsc
