// A file system that is full (the directory in argv[1]): ENOSPC where it belongs, counts of what had room,
// and room again once something has gone.
#include "guest.h"
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

enum { large = 3 << 20 };

static char bytes[large];

/** Writes until nothing more is taken; says how much was. */
static void fill(int fd, size_t step) {
  long total = 0, count;
  while ((count = write(fd, bytes, step)) > 0)
    total += count;
  printf("full by %zu: %ld bytes, then %s\n", step, total, strerrorname_np(errno));
}

static void writes(void) {
  int fd = (int)must(open("large", O_RDWR | O_CREAT, 0644));
  show(write(fd, bytes, large));
  show(write(fd, bytes, large));
  show(lseek(fd, 0, SEEK_CUR));
  show(write(fd, bytes, 1));
  show(pwrite(fd, bytes, 10, 5));
  show(pwrite(fd, bytes, 10, 5 << 20));
  show(ftruncate(fd, 0));
  must(lseek(fd, 0, SEEK_SET));
  fill(fd, 10000);
  show(ftruncate(fd, 4096));
  must(lseek(fd, 4096, SEEK_SET));
  struct iovec parts[] = {{bytes, 1 << 20}, {bytes, 1 << 20}, {bytes, 1 << 20}};
  show(writev(fd, parts, 3));
  show(fallocate(fd, 0, 0, 8 << 20));
  show(fsync(fd));
  show(close(fd));
}

static void copies(void) {
  show(unlink("large"));
  int memory = (int)must(memfd_create("x", 0)), fd = (int)must(open("copy", O_RDWR | O_CREAT, 0644));
  must(ftruncate(memory, large));
  show(sendfile(fd, memory, NULL, large));
  show(lseek(memory, 0, SEEK_CUR));
  show(lseek(fd, 0, SEEK_CUR));
  show(sendfile(fd, memory, NULL, large));
  show(lseek(memory, 0, SEEK_CUR));
  must(ftruncate(fd, 1 << 20));
  int other = (int)must(open("other", O_RDWR | O_CREAT, 0644));
  show(copy_file_range(fd, (loff_t[]){0}, other, NULL, 1 << 20, 0));
  show(copy_file_range(fd, (loff_t[]){0}, other, NULL, 1 << 20, 0) < 1 << 20);
  must(close(other));
  must(close(fd));
  must(unlink("other"));
}

/** What a failed write has not taken stays in the pipe. */
static void splices(void) {
  int ends[2], fd = (int)must(open("copy", O_RDWR | O_APPEND));
  fill(fd, 4096);
  must(close(fd));
  fd = (int)must(open("copy", O_RDWR));
  must(pipe(ends));
  must(write(ends[1], "not one is lost", 15));
  must(lseek(fd, 0, SEEK_END));
  show(splice(ends[0], NULL, fd, NULL, 15, 0));
  must(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  char text[32] = {0};
  show(read(ends[0], text, sizeof text));
  printf("\"%s\"\n", text);
  off_t end = must(lseek(fd, -4, SEEK_CUR));
  must(ftruncate(fd, end));
  must(write(ends[1], "0123456789", 10));
  show(splice(ends[0], NULL, fd, NULL, 10, 0));
  memset(text, 0, sizeof text);
  show(read(ends[0], text, sizeof text));
  printf("\"%s\"\n", text);
  must(close(fd));
}

/** Room comes back with the last descriptor. */
static void gone(void) {
  int fd = (int)must(open("copy", O_RDONLY));
  show(unlink("copy"));
  int other = (int)must(open("other", O_WRONLY | O_CREAT, 0644));
  show(write(other, bytes, 1));
  pid_t child = fork();
  if (child == 0) _exit(0);
  reap("child", child);
  show(write(other, bytes, 1));
  show(close(fd));
  show(write(other, bytes, 4096));
  show(unlink("other"));
}

static void nodes(void) {
  char name[32];
  int made = 0;
  do
    snprintf(name, sizeof name, "node-%d", made);
  while (mknod(name, S_IFREG | 0644, 0) == 0 && ++made);
  printf("%d nodes, then %s\n", made, strerrorname_np(errno));
  show(open("one-more", O_CREAT | O_WRONLY, 0644));
  show(open(".", O_TMPFILE | O_RDWR, 0600));
  show(mkdir("one-more", 0755));
  show(symlink("node-0", "one-more"));
  show(link("node-0", "one-more"));
  show(mkfifo("one-more", 0644));
  show(rename("node-0", "renamed"));
  show(access("one-more", F_OK));
  show(unlink("renamed"));
  show(mkdir("one-more", 0755));
}

int main(int argc, char** argv) {
  begin();
  must(chdir(argc > 1 ? argv[1] : "small"));
  writes();
  copies();
  splices();
  gone();
  nodes();
  return 0;
}
