// A file system whose files fail as their names say (faulty-files.c): each error as it is, counts of what was
// done before it, and what close(2) reports.
#include "guest.h"
#include <dirent.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>

enum { large = 3 << 20 };

static char bytes[large];

static const char* named(const char* operation, const char* error) {
  static char name[4][64];
  static int next;
  char* into = name[next++ % 4];
  snprintf(into, sizeof *name, "%s.%s", operation, error);
  return into;
}

static void names(const char* error) {
  struct stat facts;
  struct statfs kind;
  printf("-- %s\n", error);
  show(stat(named("lookup", error), &facts));
  show(open(named("lookup", error), O_RDONLY));
  show(access(named("lookup", error), F_OK));
  show(chdir(named("lookup", error)));
  show(unlink(named("lookup", error)));
  show(rename(named("lookup", error), "absent"));
  show(stat(named("getattr", error), &facts));
  show(open(named("getattr", error), O_RDONLY) >= 0);
  show(open(named("open", error), O_RDONLY));
  show(open(named("open", error), O_RDWR | O_CREAT, 0644));
  show(truncate(named("setattr", error), 5));
  show(chmod(named("setattr", error), 0600));
  show(chown(named("setattr", error), 1, 1));
  show(utimensat(AT_FDCWD, named("setattr", error), NULL, 0));
  show(setxattr(named("setxattr", error), "user.x", "y", 1, 0));
  show(getxattr(named("getxattr", error), "user.x", bytes, 10));
  show(listxattr(named("listxattr", error), bytes, 10));
  show(statfs(named("statfs", error), &kind));
  show(open(named("opendir", error), O_RDONLY | O_DIRECTORY));
}

static void directories(const char* error) {
  char path[128], other[128];
  int room = (int)must(open(named("readdir", error), O_RDONLY | O_DIRECTORY));
  show(syscall(SYS_getdents64, room, bytes, 4096));
  must(close(room));
#define in(operation, name) (snprintf(path, sizeof path, "%s.%s/%s", operation, error, name), path)
  show(mkdir(in("mkdir", "absent"), 0755));
  show(mknod(in("mknod", "absent"), S_IFREG | 0644, 0));
  show(symlink("target", in("symlink", "absent")));
  show(unlink(in("unlink", "file")));
  show(rmdir(in("rmdir", "room")));
  show(open(in("create", "absent"), O_CREAT | O_WRONLY, 0644));
  snprintf(other, sizeof other, "rename.%s/file", error);
  show(rename(other, in("rename", "absent")));
  snprintf(other, sizeof other, "link.%s/file", error);
  show(link(other, in("link", "absent")));
}

static void reads_and_writes(const char* error) {
  struct iovec parts[] = {{bytes, 100}, {bytes + 1000, 100}};
  int from = (int)must(open(named("read", error), O_RDWR));
  show(read(from, bytes, 10));
  show(pread(from, bytes, large, 0));
  show(readv(from, parts, 2));
  show(lseek(from, 0, SEEK_CUR));
  show(sendfile((int)must(memfd_create("x", 0)), from, NULL, 100));
  show(fcntl(from, F_GETFL) & O_ACCMODE);
  int to = (int)must(open(named("write", error), O_RDWR));
  show(write(to, bytes, 10));
  show(write(to, bytes, large));
  show(pwritev(to, parts, 2, 5));
  show(lseek(to, 0, SEEK_CUR));
  show(write(to, bytes, 0));
  show(close(to));
  int flushed = (int)must(open(named("flush", error), O_RDWR)), copy = (int)must(dup(flushed));
  show(write(flushed, bytes, 10));
  show(close(flushed));
  show(close(copy));
  show(close(copy));
  show(dup2(0, (int)must(open(named("flush", error), O_RDWR))) >= 0);
  int synced = (int)must(open(named("fsync", error), O_RDWR));
  show(fsync(synced));
  show(fdatasync(synced));
  show(fallocate((int)must(open(named("fallocate", error), O_RDWR)), 0, 0, 10));
  show(close(from));
}

/** Half of the way all is well: what was moved until then is the result, and the next call tells why. */
static void in_between(void) {
  int file = (int)must(open("write.later.ENOSPC", O_WRONLY));
  show(write(file, bytes, large));
  show(write(file, bytes, large));
  show(lseek(file, 0, SEEK_CUR));
  int from = (int)must(open("read.later.EIO", O_RDONLY));
  show(read(from, bytes, large));
  show(read(from, bytes, large));
  show(lseek(from, 0, SEEK_CUR));
  struct iovec parts[] = {{bytes, large}, {bytes, 100}};
  show(preadv(from, parts, 2, 100));
  show(preadv(from, parts, 2, 2 << 20));
  int little = (int)must(open("write.short", O_WRONLY));
  show(write(little, bytes, 1000));
  show(write(little, bytes, large));
  show(lseek(little, 0, SEEK_CUR));
  int memory = (int)must(memfd_create("x", 0));
  must(ftruncate(memory, large));
  file = (int)must(open("write.later.EDQUOT", O_WRONLY));
  show(sendfile(file, memory, NULL, large));
  show(lseek(memory, 0, SEEK_CUR) == lseek(file, 0, SEEK_CUR));
  show(sendfile(file, memory, NULL, large));
}

int main(void) {
  begin();
  const char* errors[] = {"EIO", "ESTALE", "EDQUOT", "ENOSPC", "EROFS", "EFBIG", "ENOMEM", "ETXTBSY"};
  must(chdir("faulty"));
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
    names(errors[i]);
    directories(errors[i]);
    reads_and_writes(errors[i]);
  }
  in_between();
  return 0;
}
