// faulty-files DIRECTORY COMMAND...
// Mounts a file system at DIRECTORY, in a mount namespace of its own, and runs COMMAND: its files and
// directories exist by being named, and fail as their names say. In read.EIO every read answers EIO, in
// mkdir.EDQUOT every mkdir, write.short takes 700 bytes at a time, write.later.EIO fails from 2 MiB on. The
// protocol is that of linux/fuse.h.
#include "guest.h"
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/uio.h>

enum { names = 256, transfer = 128 << 10, size = 4 << 20, later = 2 << 20, little = 700 };

struct operation {
  const char* name;
  int opcode;
  int in_directory;
};

static const struct operation operations[] = {{"lookup", FUSE_LOOKUP, 0},
                                              {"getattr", FUSE_GETATTR, 0},
                                              {"setattr", FUSE_SETATTR, 0},
                                              {"open", FUSE_OPEN, 0},
                                              {"read", FUSE_READ, 0},
                                              {"write", FUSE_WRITE, 0},
                                              {"flush", FUSE_FLUSH, 0},
                                              {"fsync", FUSE_FSYNC, 0},
                                              {"fallocate", FUSE_FALLOCATE, 0},
                                              {"getxattr", FUSE_GETXATTR, 0},
                                              {"setxattr", FUSE_SETXATTR, 0},
                                              {"listxattr", FUSE_LISTXATTR, 0},
                                              {"copy", FUSE_COPY_FILE_RANGE, 0},
                                              {"statfs", FUSE_STATFS, 0},
                                              {"opendir", FUSE_OPENDIR, 1},
                                              {"readdir", FUSE_READDIR, 1},
                                              {"create", FUSE_CREATE, 1},
                                              {"mkdir", FUSE_MKDIR, 1},
                                              {"mknod", FUSE_MKNOD, 1},
                                              {"symlink", FUSE_SYMLINK, 1},
                                              {"link", FUSE_LINK, 1},
                                              {"unlink", FUSE_UNLINK, 1},
                                              {"rmdir", FUSE_RMDIR, 1},
                                              {"rename", FUSE_RENAME, 1}};

struct fault {
  const char* word;
  int error;
};

static const struct fault faults[] = {{"EIO", EIO},       {"ESTALE", ESTALE},  {"EDQUOT", EDQUOT},
                                      {"ENOSPC", ENOSPC}, {"EROFS", EROFS},    {"EFBIG", EFBIG},
                                      {"ENOMEM", ENOMEM}, {"ETXTBSY", ETXTBSY}};

// What is known by its name; its node is its index, and 1, the root's, has none.
struct node {
  char name[64];
  int opcode;
  int in_directory;
  int error;
};

static struct node nodes[names] = {[1] = {.in_directory = 1}};
static uint64_t known = 2;
static int device;

static int error_named(const char* name) {
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    if (strstr(name, faults[i].word)) return faults[i].error;
  return 0;
}

static uint64_t node_of(const char* name) {
  for (uint64_t id = 2; id < known; id++)
    if (strcmp(nodes[id].name, name) == 0) return id;
  if (known == names) exit(97);
  struct node* node = &nodes[known];
  snprintf(node->name, sizeof node->name, "%s", name);
  node->error = error_named(name);
  node->in_directory = strncmp(name, "room", 4) == 0;
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (strncmp(name, operations[i].name, strlen(operations[i].name)) == 0 &&
        name[strlen(operations[i].name)] == '.') {
      node->opcode = operations[i].opcode;
      node->in_directory = operations[i].in_directory;
    }
  return known++;
}

static struct fuse_attr attributes(uint64_t id) {
  return (struct fuse_attr){.ino = id,
                            .size = nodes[id].in_directory ? 0 : size,
                            .mode = nodes[id].in_directory ? S_IFDIR | 0755 : S_IFREG | 0644,
                            .nlink = 1,
                            .blksize = 4096};
}

static void answer(const struct fuse_in_header* in, int error, const void* body, size_t length) {
  struct fuse_out_header out = {.unique = in->unique, .error = -error};
  if (error) length = 0;
  out.len = (uint32_t)(sizeof out + length);
  struct iovec parts[] = {{&out, sizeof out}, {(void*)body, length}};
  // ENOENT: nobody waits for it any more.
  if (writev(device, parts, 2) < 0 && errno != ENOENT) exit(96);
}

static void look_up(const struct fuse_in_header* in, const char* name) {
  if (strncmp(name, "absent", 6) == 0) {
    answer(in, ENOENT, NULL, 0);
    return;
  }
  uint64_t id = node_of(name);
  struct fuse_entry_out entry = {.nodeid = id, .attr = attributes(id)};
  answer(in, nodes[id].opcode == FUSE_LOOKUP ? nodes[id].error : 0, &entry, sizeof entry);
}

/** How much of a transfer is done: none goes past the place where errors begin. */
static uint32_t done_of(const struct fuse_in_header* in, uint64_t offset, uint32_t wanted) {
  const char* name = nodes[in->nodeid].name;
  if (strstr(name, "short")) return wanted < little ? wanted : little;
  if (strstr(name, "later") && offset + wanted > later) return (uint32_t)(later - offset);
  return wanted;
}

static void read_bytes(const struct fuse_in_header* in, const struct fuse_read_in* read) {
  static char bytes[transfer];
  memset(bytes, 'r', sizeof bytes);
  answer(in, 0, bytes, done_of(in, read->offset, read->size < sizeof bytes ? read->size : sizeof bytes));
}

static void write_bytes(const struct fuse_in_header* in, const struct fuse_write_in* write) {
  struct fuse_write_out written = {.size = done_of(in, write->offset, write->size)};
  answer(in, 0, &written, sizeof written);
}

static int fails(const struct fuse_in_header* in, const void* body) {
  if (in->nodeid >= known) return 0;
  const struct node* node = &nodes[in->nodeid];
  int opcode = in->opcode == FUSE_RENAME2 ? FUSE_RENAME : (int)in->opcode;
  if (node->opcode != opcode || opcode == FUSE_LOOKUP) return 0;
  if (!strstr(node->name, "later")) return node->error;
  // The offset stands at the same place of fuse_read_in and fuse_write_in.
  return ((const struct fuse_write_in*)body)->offset >= later ? node->error : 0;
}

static void serve_one(const struct fuse_in_header* in, const void* body) {
  int error = fails(in, body);
  if (error) {
    answer(in, error, NULL, 0);
    return;
  }
  struct fuse_open_out opened = {.open_flags = FOPEN_DIRECT_IO};
  struct fuse_attr_out attr = {.attr = attributes(in->nodeid < known ? in->nodeid : 1)};
  switch (in->opcode) {
  case FUSE_INIT: {
    struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION,
                                 .minor = FUSE_KERNEL_MINOR_VERSION,
                                 .max_readahead = 0,
                                 .flags = FUSE_BIG_WRITES | FUSE_ATOMIC_O_TRUNC,
                                 .max_background = 4,
                                 .max_write = transfer};
    answer(in, 0, &init, sizeof init);
    break;
  }
  case FUSE_FORGET:
  case FUSE_BATCH_FORGET:
  case FUSE_INTERRUPT:
    break;
  case FUSE_LOOKUP:
    look_up(in, body);
    break;
  case FUSE_GETATTR:
  case FUSE_SETATTR:
    answer(in, 0, &attr, sizeof attr);
    break;
  case FUSE_OPEN:
  case FUSE_OPENDIR:
    answer(in, 0, &opened, sizeof opened);
    break;
  case FUSE_READ:
    read_bytes(in, body);
    break;
  case FUSE_WRITE:
    write_bytes(in, body);
    break;
  case FUSE_GETXATTR:
    answer(in, ENODATA, NULL, 0);
    break;
  case FUSE_STATFS: {
    struct fuse_statfs_out facts = {{.bsize = 4096, .namelen = 255}};
    answer(in, 0, &facts, sizeof facts);
    break;
  }
  case FUSE_READDIR:
  case FUSE_FLUSH:
  case FUSE_FSYNC:
  case FUSE_RELEASE:
  case FUSE_RELEASEDIR:
    answer(in, 0, NULL, 0);
    break;
  default:
    answer(in, ENOSYS, NULL, 0);
  }
}

static void* serve(void* nothing) {
  static char request[transfer + 8192];
  for (;;) {
    ssize_t got = read(device, request, sizeof request);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT)) continue;
    if (got < 0) return nothing;
    const struct fuse_in_header* in = (const struct fuse_in_header*)request;
    serve_one(in, in + 1);
  }
}

int main(int argc, char** argv) {
  char options[64];
  pthread_t server;
  int status;
  if (argc < 3) return 2;
  device = (int)must(open("/dev/fuse", O_RDWR | O_CLOEXEC));
  must(unshare(CLONE_NEWNS));
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=%d,group_id=%d", device, getuid(),
           getgid());
  must(mount("faulty", argv[1], "fuse", 0, options));
  if (pthread_create(&server, NULL, serve, NULL)) return 95;
  pid_t child = (pid_t)must(fork());
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  must(waitpid(child, &status, 0));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
