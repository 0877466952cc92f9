// Each call that takes a descriptor, with each kind of descriptor and pointer that it cannot use.
#include "guest.h"
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#define raw(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

// Younger than the headers of this machine may be (arch/x86/entry/syscalls/syscall_64.tbl).
enum { nr_cachestat = 451 };

static char bytes[65536];
static struct stat facts;
static struct statfs system_facts;
static unsigned long range[2], cached[5];
static struct iovec one = {bytes, 1}, bad = {(void*)16, 8}, negative[2] = {{bytes, 1}, {bytes, (size_t)-1}};

#define BAD ((void*)16)

/** What works on a file that is open for reading and writing fails elsewhere: on nothing, a FIFO, a
 * directory, a path. */
#define CALLS(X)                                                                                             \
  X(read, raw(read, fd, bytes, 1))                                                                           \
  X(write, raw(write, fd, bytes, 1))                                                                         \
  X(pread64, raw(pread64, fd, bytes, 1, 0))                                                                  \
  X(pwrite64, raw(pwrite64, fd, bytes, 1, 0))                                                                \
  X(readv, raw(readv, fd, &one, 1))                                                                          \
  X(writev, raw(writev, fd, &one, 1))                                                                        \
  X(preadv, raw(preadv, fd, &one, 1, 0, 0))                                                                  \
  X(pwritev, raw(pwritev, fd, &one, 1, 0, 0))                                                                \
  X(preadv2, raw(preadv2, fd, &one, 1, 0, 0, 0))                                                             \
  X(pwritev2, raw(pwritev2, fd, &one, 1, 0, 0, 0))                                                           \
  X(read_nowhere, raw(read, fd, BAD, 1))                                                                     \
  X(write_nowhere, raw(write, fd, BAD, 1))                                                                   \
  X(pread64_nowhere, raw(pread64, fd, BAD, 1, 0))                                                            \
  X(pwrite64_nowhere, raw(pwrite64, fd, BAD, 1, 0))                                                          \
  X(readv_nowhere, raw(readv, fd, BAD, 1))                                                                   \
  X(writev_nowhere, raw(writev, fd, BAD, 1))                                                                 \
  X(preadv_nowhere, raw(preadv, fd, &bad, 1, 0, 0))                                                          \
  X(pwritev_nowhere, raw(pwritev, fd, &bad, 1, 0, 0))                                                        \
  X(preadv2_nowhere, raw(preadv2, fd, &bad, 1, 0, 0, 0))                                                     \
  X(pwritev2_nowhere, raw(pwritev2, fd, &bad, 1, 0, 0, 0))                                                   \
  X(pread64_before, raw(pread64, fd, bytes, 1, -1L))                                                         \
  X(pwrite64_before, raw(pwrite64, fd, bytes, 1, -1L))                                                       \
  X(readv_too_long, raw(readv, fd, negative, 2))                                                             \
  X(writev_too_long, raw(writev, fd, negative, 2))                                                           \
  X(preadv_before, raw(preadv, fd, &one, 1, -1L, -1L))                                                       \
  X(pwritev_before, raw(pwritev, fd, &one, 1, -1L, -1L))                                                     \
  X(preadv2_unknown, raw(preadv2, fd, &one, 1, 0, 0, 0x40000000))                                            \
  X(pwritev2_unknown, raw(pwritev2, fd, &one, 1, 0, 0, 0x40000000))                                          \
  X(preadv2_too_many, raw(preadv2, fd, &one, 1025, 0, 0, 0))                                                 \
  X(pwritev2_too_many, raw(pwritev2, fd, &one, 1025, 0, 0, 0))                                               \
  X(lseek, raw(lseek, fd, 0, SEEK_CUR))                                                                      \
  X(lseek_no_way, raw(lseek, fd, 0, 99))                                                                     \
  X(lseek_before, raw(lseek, fd, -1L, SEEK_SET))                                                             \
  X(lseek_far, raw(lseek, fd, INT64_MAX, SEEK_END))                                                          \
  X(lseek_hole, raw(lseek, fd, 100000, SEEK_HOLE))                                                           \
  X(lseek_data, raw(lseek, fd, 100000, SEEK_DATA))                                                           \
  X(fstat, raw(fstat, fd, &facts))                                                                           \
  X(fstat_nowhere, raw(fstat, fd, BAD))                                                                      \
  X(fstatfs, raw(fstatfs, fd, &system_facts))                                                                \
  X(fstatfs_nowhere, raw(fstatfs, fd, BAD))                                                                  \
  X(getdents, raw(getdents, fd, bytes, 0))                                                                   \
  X(getdents64, raw(getdents64, fd, bytes, 0))                                                               \
  X(getdents_nowhere, raw(getdents, fd, BAD, 4096))                                                          \
  X(getdents64_nowhere, raw(getdents64, fd, BAD, 4096))                                                      \
  X(fchmod, raw(fchmod, fd, 0700))                                                                           \
  X(fchown, raw(fchown, fd, -1, -1))                                                                         \
  X(fchdir, raw(fchdir, fd))                                                                                 \
  X(ftruncate, raw(ftruncate, fd, 4))                                                                        \
  X(ftruncate_before, raw(ftruncate, fd, -1L))                                                               \
  X(ftruncate_far, raw(ftruncate, fd, INT64_MAX))                                                            \
  X(fallocate, raw(fallocate, fd, 0, 0L, 4L))                                                                \
  X(fallocate_nothing, raw(fallocate, fd, 0, 0L, 0L))                                                        \
  X(fallocate_unknown, raw(fallocate, fd, 0x1000, 0L, 4L))                                                   \
  X(fallocate_far, raw(fallocate, fd, 0, INT64_MAX - 10, 20L))                                               \
  X(fsync, raw(fsync, fd))                                                                                   \
  X(fdatasync, raw(fdatasync, fd))                                                                           \
  X(syncfs, raw(syncfs, fd))                                                                                 \
  X(sync_file_range, raw(sync_file_range, fd, 0L, 0L, 0))                                                    \
  X(sync_file_range_unknown, raw(sync_file_range, fd, 0L, 0L, 99))                                           \
  X(readahead, raw(readahead, fd, 0L, 1L))                                                                   \
  X(fadvise64, raw(fadvise64, fd, 0L, 0L, 0))                                                                \
  X(fadvise64_unknown, raw(fadvise64, fd, 0L, 0L, 99))                                                       \
  X(cachestat, syscall(nr_cachestat, fd, range, cached, 0))                                                  \
  X(cachestat_nowhere, syscall(nr_cachestat, fd, BAD, cached, 0))                                            \
  X(cachestat_unknown, syscall(nr_cachestat, fd, range, cached, 1))                                          \
  X(flock_unknown, raw(flock, fd, 0))                                                                        \
  X(flock, raw(flock, fd, LOCK_SH | LOCK_NB))                                                                \
  X(sendfile_from, raw(sendfile, spare, fd, NULL, 0L))                                                       \
  X(sendfile_to, raw(sendfile, fd, spare, NULL, 0L))                                                         \
  X(sendfile_nowhere, raw(sendfile, spare, fd, BAD, 1L))                                                     \
  X(copy_file_range_from, raw(copy_file_range, fd, NULL, spare, NULL, 0L, 0))                                \
  X(copy_file_range_to, raw(copy_file_range, spare, NULL, fd, NULL, 0L, 0))                                  \
  X(copy_file_range_nowhere, raw(copy_file_range, fd, BAD, spare, NULL, 1L, 0))                              \
  X(copy_file_range_unknown, raw(copy_file_range, fd, NULL, spare, NULL, 1L, 1))                             \
  X(splice_from, raw(splice, fd, NULL, spare, NULL, 1L, 0))                                                  \
  X(splice_to, raw(splice, spare, NULL, fd, NULL, 1L, 0))                                                    \
  X(splice_at, raw(splice, fd, (long[]){0}, fd, NULL, 1L, 0))                                                \
  X(splice_unknown, raw(splice, fd, NULL, spare, NULL, 1L, 99))                                              \
  X(tee, raw(tee, fd, spare, 1L, SPLICE_F_NONBLOCK))                                                         \
  X(tee_unknown, raw(tee, fd, spare, 1L, 99))                                                                \
  X(fsetxattr, raw(fsetxattr, fd, "user.x", "x", 1L, 0))                                                     \
  X(fsetxattr_again, raw(fsetxattr, fd, "user.x", "x", 1L, XATTR_CREATE))                                    \
  X(fsetxattr_absent, raw(fsetxattr, fd, "user.y", "x", 1L, XATTR_REPLACE))                                  \
  X(fsetxattr_unknown, raw(fsetxattr, fd, "user.x", "x", 1L, 99))                                            \
  X(fsetxattr_family, raw(fsetxattr, fd, "odd.x", "x", 1L, 0))                                               \
  X(fsetxattr_nameless, raw(fsetxattr, fd, "", "x", 1L, 0))                                                  \
  X(fsetxattr_nowhere, raw(fsetxattr, fd, BAD, "x", 1L, 0))                                                  \
  X(fsetxattr_no_value, raw(fsetxattr, fd, "user.x", BAD, 1L, 0))                                            \
  X(fsetxattr_huge, raw(fsetxattr, fd, "user.x", bytes, 65537L, 0))                                          \
  X(fgetxattr, raw(fgetxattr, fd, "user.x", bytes, 100L))                                                    \
  X(fgetxattr_short, raw(fgetxattr, fd, "user.x", bytes, 0L))                                                \
  X(fgetxattr_absent, raw(fgetxattr, fd, "user.y", bytes, 100L))                                             \
  X(fgetxattr_family, raw(fgetxattr, fd, "odd.x", bytes, 100L))                                              \
  X(fgetxattr_nowhere, raw(fgetxattr, fd, "user.x", BAD, 100L))                                              \
  X(flistxattr, raw(flistxattr, fd, bytes, 100L))                                                            \
  X(flistxattr_short, raw(flistxattr, fd, bytes, 1L))                                                        \
  X(flistxattr_nowhere, raw(flistxattr, fd, BAD, 100L))                                                      \
  X(fremovexattr_family, raw(fremovexattr, fd, "odd.x"))                                                     \
  X(fremovexattr_nowhere, raw(fremovexattr, fd, BAD))                                                        \
  X(fremovexattr, raw(fremovexattr, fd, "user.x"))                                                           \
  X(fremovexattr_again, raw(fremovexattr, fd, "user.x"))                                                     \
  X(dup, close((int)raw(dup, fd)))                                                                           \
  X(dup2_far, raw(dup2, fd, 1 << 20))                                                                        \
  X(dup2_before, raw(dup2, fd, -1))                                                                          \
  X(dup3_same, raw(dup3, fd, fd, 0))                                                                         \
  X(dup3_unknown, raw(dup3, fd, 50, 1))                                                                      \
  X(dup3_far, raw(dup3, fd, 1 << 20, O_CLOEXEC))

#define FUNCTION(name, call)                                                                                 \
  static long make_##name(int fd, int spare) {                                                               \
    (void)spare;                                                                                             \
    return call;                                                                                             \
  }
CALLS(FUNCTION)

#define ENTRY(name, call) {#name, make_##name},
static const struct {
  const char* name;
  long (*make)(int fd, int spare);
} calls[] = {CALLS(ENTRY)};

static int spare;

static void try_all(const char* what, int fd) {
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    errno = 0;
    long result = calls[i].make(fd, spare);
    printf("%s, %s: %s\n", calls[i].name, what, result == -1 ? strerrorname_np(errno) : "done");
    // What has been read and listed is there again for the next call.
    if (fd != 99) lseek(fd, 0, SEEK_SET);
    // So that nothing waits in a FIFO.
    if (strcmp(what, "a fifo") == 0) (void)!read(fd, bytes, sizeof bytes);
    must(raw(chdir, "/work"));
  }
}

/** Bytes that memory does not take stay in a FIFO, for those alone who read there. */
static void left_over(void) {
  int fd = (int)must(open("a-fifo", O_RDWR | O_NONBLOCK));
  must(write(fd, "left", 4));
  show(raw(read, fd, BAD, 4));
  show(raw(pread64, fd, bytes, 4, -1L));
  show(raw(pread64, fd, bytes, 4, 0L));
  show(raw(preadv, fd, &one, 1, -1L, -1L));
  show(raw(preadv2, fd, &one, 1, -1L, -1L, 0));
  show(raw(read, fd, bytes, 4));
}

/** There is no number left: the limit is where the next one would be. */
static void no_numbers(void) {
  struct rlimit limit;
  int next = (int)must(fcntl((int)must(open("file", O_RDONLY)), F_DUPFD, 40));
  for (int fd = 0; fd < next; fd++)
    if (fcntl(fd, F_GETFD) == -1) must(dup2(next, fd));
  must(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = (rlim_t)next + 1;
  must(setrlimit(RLIMIT_NOFILE, &limit));
  show(raw(open, "file", O_RDONLY));
  show(raw(open, "made", O_WRONLY | O_CREAT, 0600));
  show(raw(creat, "made", 0600));
  show(raw(openat, AT_FDCWD, "file", O_RDONLY));
  show(raw(dup, next));
  show(raw(dup2, next, next + 1));
  show(raw(dup3, next, next + 1, O_CLOEXEC));
  show(raw(fcntl, next, F_DUPFD, 0));
  show(raw(fcntl, next, F_DUPFD, next + 1));
  show(raw(fcntl, next, F_DUPFD_CLOEXEC, 0));
  show(raw(fcntl, next, F_DUPFD_CLOEXEC, -1));
}

int main(void) {
  begin();
  put("file", "some text");
  put("spare", "other text");
  must(mkdir("directory", 0700));
  must(mkfifo("a-fifo", 0600));
  spare = (int)must(open("spare", O_RDWR));
  try_all("nothing", 99);
  try_all("a file", (int)must(open("file", O_RDWR)));
  try_all("a file to be read", (int)must(open("file", O_RDONLY)));
  try_all("a file to be written", (int)must(open("file", O_WRONLY)));
  try_all("a file to be appended to", (int)must(open("file", O_RDWR | O_APPEND)));
  try_all("a directory", (int)must(open("directory", O_RDONLY)));
  try_all("a path", (int)must(open("file", O_PATH)));
  try_all("a fifo", (int)must(open("a-fifo", O_RDWR | O_NONBLOCK)));
  show(raw(close, 99));
  left_over();
  no_numbers();
  unlink("a-fifo");
  return 0;
}
