// What probes are made in: children, which leave nothing behind.
#pragma once
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rsc {

class Descriptor {
public:
  explicit Descriptor(long number) : number_(static_cast<int>(number)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

private:
  int number_;
};

inline int Reap(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, __WALL) < 0 && errno == EINTR) {
  }
  return status;
}

// What `work` returns in a child of its own. The child of a multi-threaded process may only make
// async-signal-safe calls; the result comes through a pipe, since an exit status is too small for it.
template <typename Work> long InChild(Work work) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  Descriptor result(ends[0]);
  pid_t child = fork();
  if (child == 0) {
    long value = work();
    _exit(write(ends[1], &value, sizeof value) == sizeof value ? 0 : 1);
  }
  int error = errno;
  close(ends[1]);
  if (child < 0) return -error;
  long value;
  ssize_t got;
  do
    got = read(result.number(), &value, sizeof value);
  while (got < 0 && errno == EINTR);
  int status = Reap(child);
  if (got == sizeof value) return value;
  // A filter has killed it, which other filters say by EPERM (seccomp(2), SECCOMP_RET_KILL_PROCESS).
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? -EPERM : -ECHILD;
}

// A child that does nothing until it is ended.
class Idler {
public:
  Idler() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      error_ = -errno;
      return;
    }
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[1]);
      char none;
      _exit(static_cast<int>(read(ends[0], &none, 1))); // the end of the file: the parent has died
    }
    if (pid_ < 0) error_ = -errno;
    close(ends[0]);
    leash_ = ends[1];
  }
  ~Idler() {
    if (leash_ >= 0) close(leash_);
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL); // it may be stopped
    Reap(pid_);
  }
  Idler(const Idler&) = delete;
  Idler& operator=(const Idler&) = delete;
  // 0, or why there is none.
  long error() const { return error_; }
  pid_t pid() const { return pid_; }

private:
  long error_ = 0;
  pid_t pid_ = -1;
  int leash_ = -1;
};

} // namespace rsc
