// bench-calls getppid: what the smallest call costs. bench-calls files: what file calls cost, in the working
// directory, which has `small` (some bytes) and `large` (256 MiB). Prints nanoseconds: of a call, or of a
// MiB.
#include "bench.h"
#include <sys/syscall.h>

enum { megabytes = 256 };

static int fd;
static size_t block;
static char buffer[1 << 20];

static void call_getppid(void* unused) {
  (void)unused;
  syscall(SYS_getppid);
}

static void call_stat(void* path) {
  struct stat facts;
  must(stat(path, &facts));
}

static void call_pread(void* unused) {
  (void)unused;
  must(pread(fd, buffer, 64, 0));
}

static void create_and_unlink(void* path) {
  int made = (int)must(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  must(write(made, "0123456789", 10));
  must(close(made));
  must(unlink(path));
}

static void read_all(void* path) {
  int from = (int)must(open(path, O_RDONLY));
  while (must(read(from, buffer, block)) > 0)
    ;
  must(close(from));
}

static void write_all(void* path) {
  int to = (int)must(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  for (size_t done = 0; done < (size_t)megabytes << 20; done += block)
    must(write(to, buffer, block));
  must(close(to));
  must(unlink(path));
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "getppid") == 0) {
    call_getppid(NULL);
    measure("getppid", 20000, 1, call_getppid, NULL);
    return 0;
  }
  fd = (int)must(open("small", O_RDONLY));
  measure("stat", 5000, 1, call_stat, "small");
  measure("pread", 5000, 1, call_pread, NULL);
  measure("create", 1000, 1, create_and_unlink, "made");
  block = 128 << 10;
  measure("read-128k", 1, megabytes, read_all, "large");
  measure("write-128k", 1, megabytes, write_all, "made");
  block = 1 << 20;
  measure("read-1m", 1, megabytes, read_all, "large");
  measure("write-1m", 1, megabytes, write_all, "made");
  return 0;
}
