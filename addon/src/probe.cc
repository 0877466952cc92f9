// Tries what the kernel allows this process, for `rsc doctor`. Each probe returns 0 or a number, or -errno;
// none decides what follows. Nothing is left behind: they run in children, which also keeps a seccomp
// filter that kills who makes a forbidden call from ending rsc.
#include "kernel.h"
#include "probe-child.h"
#include "seccomp-notice.h"
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/vm_sockets.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

namespace rsc {
namespace {

constexpr int answerTimeoutMs = 2000;

// 0 once `descriptor` has something to read, or -errno.
long AwaitReadable(int descriptor) {
  pollfd wanted{descriptor, POLLIN, 0};
  int ready;
  do
    ready = poll(&wanted, 1, answerTimeoutMs);
  while (ready < 0 && errno == EINTR);
  if (ready < 0) return -errno;
  return wanted.revents & POLLIN ? 0 : -ETIMEDOUT;
}

// A filter that answers getppid(2) with `answer`, and allows all else. Its descriptor with
// SECCOMP_FILTER_FLAG_NEW_LISTENER, 0 without; or -errno.
long InstallFilter(uint32_t answer, unsigned flags) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{sizeof code / sizeof *code, code};
  long result = KernelResult(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
  // Without CAP_SYS_ADMIN the kernel wants a process that cannot gain privileges (seccomp(2)).
  if (result != -EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return result;
  return KernelResult(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

// probeFilter(): 0 when a filter can be installed and answers a call; -EPROTO when it is installed without
// effect.
Napi::Value ProbeFilter(const Napi::CallbackInfo& info) {
  return Number(info.Env(), InChild([] {
                  long installed = InstallFilter(SECCOMP_RET_ERRNO | EXFULL, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
                  if (installed < 0) return installed;
                  return syscall(SYS_getppid) == -1 && errno == EXFULL ? 0L : -static_cast<long>(EPROTO);
                }));
}

enum Step : uint32_t { kAnswer, kAddDescriptor, kSyncWakeUp };

// Waits for the call that the filter of another task reports, and answers it with 0; `step` first.
long ServeNotification(int listener, Step step) {
  if (step == kSyncWakeUp &&
      ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) != 0)
    return -errno;
  if (long result = AwaitReadable(listener); result < 0) return result;
  seccomp_notif notification = {};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) return -errno;
  if (step == kAddDescriptor) {
    seccomp_notif_addfd added = {};
    added.id = notification.id;
    added.srcfd = static_cast<uint32_t>(listener);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &added) < 0) return -errno;
  }
  seccomp_notif_resp response = {};
  response.id = notification.id;
  return KernelResult(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response));
}

// The notified task: tells the number of its listener, and makes the call.
[[noreturn]] void BeNotified(int report) {
  long listener = InstallFilter(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  if (write(report, &listener, sizeof listener) != sizeof listener) _exit(1);
  _exit(listener >= 0 && syscall(SYS_getppid) == 0 ? 0 : 1);
}

// Runs in a child: its descriptors are the only ones that end with it.
long Notify(Step step) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  // They share their descriptors, so the listener of the one is the other's as well.
  pid_t notified = static_cast<pid_t>(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
  if (notified == 0) BeNotified(ends[1]);
  if (notified < 0) return -errno;
  // It holds the writing end as well, so the end of the other would not end a read.
  long listener = AwaitReadable(ends[0]);
  if (listener == 0 && read(ends[0], &listener, sizeof listener) != sizeof listener) listener = -ECHILD;
  long result = listener < 0 ? listener : ServeNotification(static_cast<int>(listener), step);
  if (result < 0) kill(notified, SIGKILL);
  int status = Reap(notified);
  if (result < 0) return result;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

// probeNotification(step): 0 when a filter's listener (0) answers a call, (1) also puts a descriptor into the
// notified task, (2) also takes SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP.
Napi::Value ProbeNotification(const Napi::CallbackInfo& info) {
  Step step = static_cast<Step>(info[0].As<Napi::Number>().Uint32Value());
  return Number(info.Env(), InChild([step] { return Notify(step); }));
}

long Seize(pid_t child) {
  if (ptrace(PTRACE_SEIZE, child, 0, 0) != 0) return -errno;
  if (ptrace(PTRACE_INTERRUPT, child, 0, 0) != 0) return -errno;
  int status;
  while (waitpid(child, &status, __WALL) < 0) {
    if (errno != EINTR) return -errno;
  }
  user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, child, 0, &registers) != 0) return -errno;
  return KernelResult(ptrace(PTRACE_DETACH, child, 0, 0));
}

// probeSeize(): 0 when a child can be seized, stopped, read and let go.
Napi::Value ProbeSeize(const Napi::CallbackInfo& info) {
  return Number(info.Env(), InChild([] {
                  Idler idler;
                  return idler.error() < 0 ? idler.error() : Seize(idler.pid());
                }));
}

long ReadChild() {
  // In static memory: what is on the stack may be written after the fork.
  static uint64_t there = 0x7273632064726f70;
  uint64_t here = 0;
  Idler idler;
  if (idler.error() < 0) return idler.error();
  iovec local{&here, sizeof here}, remote{&there, sizeof there};
  long got = KernelResult(process_vm_readv(idler.pid(), &local, 1, &remote, 1, 0));
  if (got < 0) return got;
  return here == there ? 0 : -EPROTO;
}

// probeMemory(): 0 when a child's memory can be read.
Napi::Value ProbeMemory(const Napi::CallbackInfo& info) {
  return Number(info.Env(), InChild(ReadChild));
}

long TakeDescriptor() {
  Idler idler;
  if (idler.error() < 0) return idler.error();
  Descriptor process(syscall(SYS_pidfd_open, idler.pid(), 0));
  if (process.number() < 0) return -errno;
  Descriptor copy(syscall(SYS_pidfd_getfd, process.number(), STDERR_FILENO, 0));
  return copy.number() < 0 ? -errno : 0;
}

// probeDescriptor(): 0 when a descriptor of a child can be had (pidfd_getfd(2)).
Napi::Value ProbeDescriptor(const Napi::CallbackInfo& info) {
  return Number(info.Env(), InChild(TakeDescriptor));
}

long WriteTo(const char* path, const char* text) {
  Descriptor file(open(path, O_WRONLY | O_CLOEXEC));
  if (file.number() < 0) return -errno;
  return write(file.number(), text, strlen(text)) < 0 ? -errno : 0;
}

long EnterUserNamespace(const char* uidMap, const char* gidMap) {
  if (unshare(CLONE_NEWUSER) != 0) return -errno;
  for (auto [path, text] :
       {std::pair{"/proc/self/setgroups", "deny"}, std::pair{"/proc/self/uid_map", uidMap},
        std::pair{"/proc/self/gid_map", gidMap}}) {
    if (long result = WriteTo(path, text); result < 0) return result;
  }
  return 0;
}

// probeNamespaces(user, group, owned): 0 when this user can make the namespaces of a session's sandbox, and
// mount in them; `owned`: in a user namespace of its own.
Napi::Value ProbeNamespaces(const Napi::CallbackInfo& info) {
  uid_t user = info[0].As<Napi::Number>().Uint32Value();
  gid_t group = info[1].As<Napi::Number>().Uint32Value();
  bool owned = info[2].As<Napi::Boolean>().Value();
  std::string uidMap = std::to_string(user) + " " + std::to_string(user) + " 1\n";
  std::string gidMap = std::to_string(group) + " " + std::to_string(group) + " 1\n";
  const char *uids = uidMap.c_str(), *gids = gidMap.c_str();
  return Number(info.Env(), InChild([=]() -> long {
                  // By syscall(2), since libc would change all threads of the parent that are not there.
                  if (user != geteuid()) {
                    if (syscall(SYS_setresgid, group, group, group) != 0) return -errno;
                    if (syscall(SYS_setresuid, user, user, user) != 0) return -errno;
                    // A change of identity makes /proc/self the superuser's (proc(5)).
                    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
                  }
                  if (owned) {
                    if (long result = EnterUserNamespace(uids, gids); result < 0) return result;
                  }
                  if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID) != 0) return -errno;
                  return KernelResult(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
                }));
}

long LoadProgram(uint32_t type) {
  // r0 = 0; exit
  const bpf_insn code[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  bpf_attr attributes = {};
  attributes.prog_type = type;
  attributes.insn_cnt = sizeof code / sizeof *code;
  attributes.insns = reinterpret_cast<uint64_t>(code);
  attributes.license = reinterpret_cast<uint64_t>("MIT");
  return syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes) < 0 ? -errno : 0;
}

// probeProgram(type): 0 when an eBPF program of this type, which does nothing, can be loaded.
Napi::Value ProbeProgram(const Napi::CallbackInfo& info) {
  uint32_t type = info[0].As<Napi::Number>().Uint32Value();
  return Number(info.Env(), InChild([type] { return LoadProgram(type); }));
}

// probeVsock(): 0 when a socket of the family can be made; nothing is bound or connected.
Napi::Value ProbeVsock(const Napi::CallbackInfo& info) {
  return Number(info.Env(),
                InChild([]() -> long { return socket(AF_VSOCK, SOCK_STREAM, 0) < 0 ? -errno : 0; }));
}

// probeVsockLoopback(): 0 when a socket can have the CID of the loopback; nothing is sent.
Napi::Value ProbeVsockLoopback(const Napi::CallbackInfo& info) {
  return Number(info.Env(), InChild([]() -> long {
                  sockaddr_vm loopback = {};
                  loopback.svm_family = AF_VSOCK;
                  loopback.svm_cid = VMADDR_CID_LOCAL;
                  loopback.svm_port = VMADDR_PORT_ANY;
                  int handle = socket(AF_VSOCK, SOCK_STREAM, 0);
                  if (handle < 0) return -errno;
                  return KernelResult(bind(handle, reinterpret_cast<sockaddr*>(&loopback), sizeof loopback));
                }));
}

// vsockCid(): this machine's own context id, an unsigned 32-bit number (vsock(7)).
Napi::Value VsockCid(const Napi::CallbackInfo& info) {
  Descriptor device(open("/dev/vsock", O_RDONLY | O_CLOEXEC));
  unsigned cid = 0;
  if (device.number() < 0 || ioctl(device.number(), IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) != 0)
    return Number(info.Env(), -errno);
  return Number(info.Env(), cid);
}

} // namespace

void RegisterProbe(Napi::Env env, Napi::Object exports) {
  exports.Set("probeFilter", Napi::Function::New(env, ProbeFilter));
  exports.Set("probeNotification", Napi::Function::New(env, ProbeNotification));
  exports.Set("probeSeize", Napi::Function::New(env, ProbeSeize));
  exports.Set("probeMemory", Napi::Function::New(env, ProbeMemory));
  exports.Set("probeDescriptor", Napi::Function::New(env, ProbeDescriptor));
  exports.Set("probeNamespaces", Napi::Function::New(env, ProbeNamespaces));
  exports.Set("probeProgram", Napi::Function::New(env, ProbeProgram));
  exports.Set("probeVsock", Napi::Function::New(env, ProbeVsock));
  exports.Set("probeVsockLoopback", Napi::Function::New(env, ProbeVsockLoopback));
  exports.Set("vsockCid", Napi::Function::New(env, VsockCid));
}

} // namespace rsc
