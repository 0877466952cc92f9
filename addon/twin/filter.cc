#include "filter.h"
#include "limits.h"
#include "refusal.h"

#include <bitset>
#include <cerrno>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twin {

namespace {

#if defined(__x86_64__)
constexpr unsigned kArch =
    AUDIT_ARCH_X86_64; // x32 calls have it too: their numbers have bit 30 and match nothing
#elif defined(__aarch64__)
constexpr unsigned kArch = AUDIT_ARCH_AARCH64;
#endif

constexpr unsigned kDeny = SECCOMP_RET_ERRNO | ENOSYS;

// The executor's own needs. A session can make these calls only by breaking the executor first; `is_allowed`
// (call.h) answers for them. clone3 is not among them: its flags are in memory, and glibc falls back to clone
// on ENOSYS.
constexpr unsigned kOwn[] = {
    // the connection and the control descriptor
    SYS_recvfrom, SYS_sendto, SYS_sendmsg, SYS_shutdown, SYS_ppoll, SYS_write, SYS_close, SYS_close_range,
#ifdef SYS_poll
    SYS_poll,
#endif
    // waiting, threads, memory
    SYS_futex, SYS_set_robust_list, SYS_rseq, SYS_gettid, SYS_getpid, SYS_exit, SYS_exit_group, SYS_brk,
    SYS_munmap, SYS_madvise, SYS_getrandom, SYS_clock_gettime,
    // signals; restart_syscall is how the kernel resumes a wait after a stop (restart_syscall(2))
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    // what the sanitizers' runtimes do in threads and before a report; in no build that anyone installs
    SYS_sigaltstack, SYS_sched_yield, SYS_sched_getaffinity, SYS_prlimit64, SYS_prctl, SYS_openat, SYS_read,
    SYS_mremap,
#ifdef SYS_open
    SYS_open, SYS_readlink,
#endif
#endif
    // the look before a call that may block
    SYS_fstat, SYS_newfstatat};

// Allowed while (argument & mask) == value, of which the lower 32 bits are looked at.
struct Guard {
  unsigned number;
  unsigned argument;
  unsigned mask;
  unsigned value;
};

constexpr unsigned kNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

std::vector<Guard> guards() {
  return {{SYS_tgkill, 0, ~0u, static_cast<unsigned>(getpid())},
          {SYS_unshare, 0, ~static_cast<unsigned>(CLONE_FILES | CLONE_FS), 0},
          {SYS_clone, 0, CLONE_THREAD | kNamespaces, CLONE_THREAD},
          {SYS_mmap, 2, PROT_EXEC, 0},
          {SYS_mprotect, 2, PROT_EXEC, 0}};
}

using Program = std::vector<sock_filter>;

void load(Program& program, unsigned offset) {
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

void jump(Program& program, unsigned test, unsigned value, unsigned char yes, unsigned char no) {
  program.push_back(BPF_JUMP(BPF_JMP | test | BPF_K, value, yes, no));
}

void answer(Program& program, unsigned action) {
  program.push_back(BPF_STMT(BPF_RET | BPF_K, action));
}

// The jumps count instructions to skip.
void append_guard(Program& program, const Guard& guard) {
  jump(program, BPF_JEQ, guard.number, 0, 5);
  load(program, offsetof(seccomp_data, args) + 8 * guard.argument); // little-endian: the lower half is first
  program.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, guard.mask));
  jump(program, BPF_JEQ, guard.value, 0, 1);
  answer(program, SECCOMP_RET_ALLOW);
  answer(program, kDeny);
}

// Ranges come in ascending order, so a number below one is in none.
void append_range(Program& program, unsigned low, unsigned high) {
  jump(program, BPF_JGT, high, 3, 0);
  jump(program, BPF_JGE, low, 0, 1);
  answer(program, SECCOMP_RET_ALLOW);
  answer(program, kDeny);
}

Program build(const std::bitset<kNumbers>& allowed) {
  Program program;
  load(program, offsetof(seccomp_data, arch));
  jump(program, BPF_JEQ, kArch, 1, 0);
  answer(program, SECCOMP_RET_KILL_PROCESS);
  load(program, offsetof(seccomp_data, nr));
  for (const Guard& guard : guards())
    if (!allowed[guard.number]) append_guard(program, guard);
  for (unsigned low = 0; low < kNumbers; low++) {
    if (!allowed[low]) continue;
    unsigned high = low;
    while (high + 1 < kNumbers && allowed[high + 1])
      high++;
    append_range(program, low, high);
    low = high;
  }
  answer(program, kDeny);
  return program;
}

} // namespace

void install_filter(const std::vector<unsigned>& allow) {
  std::bitset<kNumbers> allowed;
  for (unsigned number : kOwn)
    allowed.set(number);
  for (unsigned number : allow)
    allowed.set(number);
  Program program = build(allowed);
  sock_fprog description = {static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &description, 0, 0) < 0)
    refuse(kSandboxDenied, errno, "cannot install the system call filter: prctl");
}

} // namespace twin
