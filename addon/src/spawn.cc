// Starts the first tracee: seized before it runs, its seccomp filter in place before it executes the program.
#include "kernel.h"
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

  sock_fprog filter{static_cast<unsigned short>(program.filter.size()), program.filter.data()};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) != 0) {
    // Without CAP_SYS_ADMIN the kernel wants a process that cannot gain privileges (seccomp(2)).
    if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) != 0)
      Fail(report, "seccomp");
  }
  execve(program.file.c_str(), argv, envp);
  Fail(report, "execve");
}

void CloseBoth(const int (&ends)[2]) {
  close(ends[0]);
  close(ends[1]);
}

// spawn(file, argv, envp, filter, options): { pid, report }. The child waits, seized, for the tracer to run;
// `report` is the descriptor on which a failed seccomp(2) or execve(2) is told (see readFailure).
Napi::Value Spawn(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Program program;
  program.file = info[0].As<Napi::String>().Utf8Value();
  program.arguments = Strings(info[1]);
  program.environment = Strings(info[2]);
  Napi::Buffer<uint8_t> filter = info[3].As<Napi::Buffer<uint8_t>>();
  long options = info[4].As<Napi::Number>().Int64Value();
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
  if (failed) {
    close(start[1]); // the child reads the end of the file and exits
    close(report[0]);
    if (child > 0) waitpid(child, nullptr, 0);
    ThrowErrno(env, failed, error);
  }
  char go = 1;
  if (write(start[1], &go, 1) != 1) error = errno; // the child has died: wait() will tell
  close(start[1]);

  Napi::Object spawned = Napi::Object::New(env);
  spawned.Set("pid", Napi::Number::New(env, child));
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
