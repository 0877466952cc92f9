#include "sandbox.h"
#include "refusal.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace twin {

namespace {

// What a process of root's needs for its files and low ports. Not among them, though about files:
// - MKNOD: a device node of one's own making reaches the disk below the root directory.
// - DAC_READ_SEARCH: open_by_handle_at(2) with it opens files outside the root; DAC_OVERRIDE does the rest of
// its work.
// - SETFCAP, LINUX_IMMUTABLE, SYS_RESOURCE: they outlive the session or spend what belongs to others.
constexpr uint64_t kRootCapabilities = 1ull << CAP_CHOWN | 1ull << CAP_DAC_OVERRIDE | 1ull << CAP_FOWNER |
                                       1ull << CAP_FSETID | 1ull << CAP_SETUID | 1ull << CAP_SETGID |
                                       1ull << CAP_NET_BIND_SERVICE;

void write_map(const char* path, const char* text, int size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, size) != size)
    refuse(kSandboxDenied, errno, "cannot map the user into its namespace: writing %s", path);
  close(fd);
}

// user_namespaces(7): without privilege one may map oneself, once setgroups is denied.
void enter_user_namespace() {
  char line[64];
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) < 0)
    refuse(kSandboxDenied, errno,
           "cannot confine a session without root where user namespaces are refused: unshare");
  write_map("/proc/self/setgroups", "deny", 4);
  write_map("/proc/self/uid_map", line, snprintf(line, sizeof line, "%u %u 1\n", uid, uid));
  write_map("/proc/self/gid_map", line, snprintf(line, sizeof line, "%u %u 1\n", gid, gid));
}

[[noreturn]] void mirror_end_of(pid_t child) {
  close_range(0, ~0u, 0); // above all the connection: the client sees its end with the child's
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  signal(WTERMSIG(status), SIG_DFL);
  raise(WTERMSIG(status));
  _exit(128 + WTERMSIG(status));
}

// A process namespace, since a session that shares the server's user could else signal it: by F_SETOWN and
// F_SETSIG (fcntl(2)) without any call that is about processes. Only children enter it (pid_namespaces(7)).
void enter_process_namespace() {
  pid_t child = fork();
  if (child < 0) refuse(kSandboxDenied, errno, "cannot start the executor in its process namespace: fork");
  if (child > 0) mirror_end_of(child);
}

// The mount is cloned and addressed by descriptor, so no path is walked twice, and "/" is a root like any
// other.
void enter_root(const char* root, bool read_only) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0)
    refuse(kSandboxDenied, errno, "cannot separate the session's mounts: mount");
  int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) refuse(kRootInvalid, errno, "cannot use %s as the session's root: open", root);
  int tree = open_tree(directory, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) refuse(kSandboxDenied, errno, "cannot use %s as the session's root: open_tree", root);
  mount_attr attributes = {};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (read_only && mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0)
    refuse(kSandboxDenied, errno, "cannot make %s read-only: mount_setattr", root);
  if (move_mount(tree, "", directory, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    refuse(kSandboxDenied, errno, "cannot use %s as the session's root: move_mount", root);
  // The old root lies over the new one for a moment, and goes (pivot_root(2), "pivot_root(".", ".")").
  if (fchdir(tree) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
      chdir("/") < 0)
    refuse(kSandboxDenied, errno, "cannot use %s as the session's root: pivot_root", root);
  close(tree);
  close(directory);
}

// The bounding set limits what an exec could bring back; the rest is what threads have and pass on to their
// like.
void drop_capabilities(bool as_root) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) < 0)
    refuse(kSandboxDenied, errno, "cannot read the executor's capabilities: capget");
  uint64_t keep = as_root ? kRootCapabilities : 0;
  for (int capability = 0; capability <= 63; capability++) {
    if (!(keep >> capability & 1) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EINVAL)
      refuse(kSandboxDenied, errno, "cannot drop capability %d: prctl", capability);
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (int word = 0; word < 2; word++) {
    data[word].permitted &= static_cast<uint32_t>(keep >> (32 * word));
    data[word].effective = data[word].permitted;
    data[word].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, data) < 0)
    refuse(kSandboxDenied, errno, "cannot drop capabilities: capset");
}

} // namespace

void enter_sandbox(const Options& options) {
  bool as_root = geteuid() == 0;
  if (!as_root) enter_user_namespace();
  if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID) < 0)
    refuse(kSandboxDenied, errno, "cannot make mount, IPC and process namespaces: unshare");
  enter_process_namespace();
  enter_root(options.root.c_str(), options.read_only);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    refuse(kSandboxDenied, errno, "cannot give up new privileges: prctl");
  drop_capabilities(as_root);
  // The server kills a session by the process that it has started; last, since changes of identity clear
  // this.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
    refuse(kSandboxDenied, errno, "cannot tie the executor to its parent: prctl");
}

} // namespace twin
