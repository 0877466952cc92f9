// Starts the loader of the eBPF programs, and takes over what it has made.
#include "claim-maps.h"
#include "beside.h"
#include "bpf-map.h"
#include "probe-child.h"
#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

namespace rsc {
namespace {

const char* const names[kClaimMaps] = {"groups", "marks",    "prefixes", "rules", "active",
                                       "slots",  "counters", "events",   "saved"};

constexpr size_t longestMessage = 32 * 1024;
const char* const loaderName = "rsc-loader";

// Returns 0 or an errno.
int Start(const std::vector<std::string>& vetoes, int socket, pid_t& loader) {
  Descriptor self(syscall(SYS_pidfd_open, getpid(), 0));
  if (self.number() < 0) return errno;
  std::vector<std::string> arguments{std::to_string(firstGiven), std::to_string(firstGiven + 1)};
  arguments.insert(arguments.end(), vetoes.begin(), vetoes.end());
  sigset_t none;
  sigemptyset(&none);
  return StartBeside(loaderName, arguments, {socket, self.number()}, none, loader);
}

// One message, and the descriptor that came with it, or -1. False: the peer has ended.
bool ReceiveMessage(int socket, std::string& text, int& descriptor) {
  text.resize(longestMessage);
  iovec bytes{text.data(), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)];
  msghdr message = {};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do
    got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  text.resize(static_cast<size_t>(got));
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  descriptor =
      header != nullptr && header->cmsg_type == SCM_RIGHTS ? *reinterpret_cast<int*>(CMSG_DATA(header)) : -1;
  return true;
}

// "failed ERRNO STEP\nLOG"
LoadFailure FailureOf(const std::string& text) {
  size_t error = text.find(' ') + 1, step = text.find(' ', error) + 1, log = text.find('\n', step);
  return {text.substr(step, log - step), std::stoi(text.substr(error)), text.substr(log + 1)};
}

// The programs see thread ids of the first pid namespace, whose inode is PROC_PID_INIT_INO (linux/proc_ns.h).
bool IsInFirstNamespace() {
  constexpr ino_t first = 0xeffffffc;
  struct stat here;
  return stat("/proc/self/ns/pid", &here) == 0 && here.st_ino == first;
}

} // namespace

ClaimDescriptors::~ClaimDescriptors() {
  Close();
  if (keeper_ >= 0) close(keeper_);
}

void ClaimDescriptors::Close() {
  for (int link : links_)
    close(link);
  links_.clear();
  for (int& map : maps_) {
    if (map >= 0) close(map);
    map = -1;
  }
  for (int program : programs_)
    close(program);
  programs_.clear();
}

void ClaimDescriptors::Unload() {
  Close();
  char word = 0;
  // A keeper that somebody has killed holds nothing.
  if (send(keeper_, &word, sizeof word, MSG_NOSIGNAL) < 0) return;
  while (recv(keeper_, &word, sizeof word, 0) < 0 && errno == EINTR) {
  }
}

void ClaimDescriptors::Keep(const std::string& text, int descriptor) {
  constexpr size_t prefix = 4; // "map "
  if (text == "link") {
    links_.push_back(descriptor);
    return;
  }
  if (text == "program") {
    programs_.push_back(descriptor);
    return;
  }
  const char* const* name = std::find(std::begin(names), std::end(names), text.substr(prefix));
  if (name == std::end(names) || text.compare(0, prefix, "map ") != 0)
    close(descriptor); // of the programs alone
  else
    maps_[name - names] = descriptor;
}

long ClaimDescriptors::Misses() const {
  uint64_t least = std::numeric_limits<long>::max();
  for (int program : programs_) {
    bpf_prog_info info = {};
    if (int error = ProgramInfo(program, info)) return -error;
    least = std::min<uint64_t>(least, info.recursion_misses);
  }
  return static_cast<long>(least);
}

bool ClaimDescriptors::Receive(int socket, LoadFailure& failure) {
  std::string text;
  int descriptor;
  while (ReceiveMessage(socket, text, descriptor)) {
    if (text == "done") return true;
    if (descriptor >= 0) {
      Keep(text, descriptor);
    } else {
      failure = FailureOf(text);
      return false;
    }
  }
  failure = {"the end of the loader of eBPF programs", ECHILD, ""};
  return false;
}

bool ClaimDescriptors::Load(const std::vector<std::string>& vetoes, LoadFailure& failure) {
  if (!IsInFirstNamespace()) {
    failure = {"naming threads to eBPF programs from another pid namespace than the first", EOPNOTSUPP, ""};
    return false;
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    failure = {"socketpair", errno, ""};
    return false;
  }
  keeper_ = ends[0];
  pid_t loader;
  int error = Start(vetoes, ends[1], loader);
  close(ends[1]);
  if (error != 0) {
    failure = {"starting " + PathBeside(loaderName), error, ""};
    return false;
  }
  bool isLoaded = Receive(keeper_, failure);
  Reap(loader);
  return isLoaded;
}

} // namespace rsc
