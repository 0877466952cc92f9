// sendfile and splice between files and pipes, of which under rsc one is remote and the other is not: counts,
// offsets, both ends, what cannot be.
#include "guest.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { size = 3 << 20 };

static char bytes[size], back[size];

static int memory_file(const char* name) {
  return (int)must(memfd_create(name, 0));
}

static void offsets(int a, int b) {
  printf("offsets: %ld and %ld\n", (long)lseek(a, 0, SEEK_CUR), (long)lseek(b, 0, SEEK_CUR));
}

static void compare(int fd, off_t at, const char* with, size_t length) {
  ssize_t got = pread(fd, back, length, at);
  printf("%zd bytes, the same: %d\n", got, got == (ssize_t)length && memcmp(back, with, length) == 0);
}

static void send_files(int file) {
  int local = memory_file("local");
  off_t offset = 100;
  show(sendfile(local, file, &offset, 1000));
  printf("offset %ld\n", (long)offset);
  offsets(file, local);
  compare(local, 0, bytes + 100, 1000);
  must(lseek(file, 0, SEEK_SET));
  show(sendfile(local, file, NULL, size + 5));
  offsets(file, local);
  compare(local, 1000, bytes, size);
  show(sendfile(local, file, NULL, 10));

  int out = (int)must(open("out", O_RDWR | O_CREAT | O_TRUNC, 0644));
  offset = size - 50;
  must(lseek(local, 1000, SEEK_SET));
  show(sendfile(out, local, NULL, size));
  offsets(local, out);
  compare(out, 0, bytes, size);
  show(sendfile(out, local, &offset, 10));
  printf("offset %ld\n", (long)offset);
  offsets(local, out);

  offset = -1;
  show(sendfile(local, file, &offset, 10));
  show(sendfile(local, file, (off_t*)16, 10));
  show(sendfile(local, file, NULL, 0));
  show(sendfile(local, open(".", O_RDONLY), NULL, 10));
  show(sendfile(open("out", O_RDONLY), local, NULL, 10));
  show(sendfile(open("out", O_WRONLY | O_APPEND), local, NULL, 10));
  show(sendfile(local, open("out", O_WRONLY), NULL, 10));
  show(sendfile(99, file, NULL, 10));
  show(sendfile(local, 99, NULL, 10));
}

static void send_to_pipes(int file) {
  int ends[2], pair[2];
  must(pipe(ends));
  must(lseek(file, 0, SEEK_SET));
  show(sendfile(ends[1], file, NULL, 1000));
  offsets(file, file);
  show(read(ends[0], back, 2000));
  printf("the same: %d\n", memcmp(back, bytes, 1000) == 0);
  must(fcntl(ends[1], F_SETFL, O_NONBLOCK));
  long moved = 0, count;
  must(lseek(file, 0, SEEK_SET));
  while ((count = sendfile(ends[1], file, NULL, size)) > 0)
    moved += count;
  printf("full after %ld bytes: %s, offset %ld\n", moved, strerrorname_np(errno),
         (long)lseek(file, 0, SEEK_CUR));
  for (long got = 0; got < moved; got += count)
    count = must(read(ends[0], back + got, (size_t)(moved - got)));
  printf("the same: %d\n", memcmp(back, bytes, (size_t)moved) == 0);
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  show(sendfile(pair[0], file, NULL, 5000));
  show(recv(pair[1], back, 5000, MSG_WAITALL));
  printf("the same: %d\n", memcmp(back, bytes + moved, 5000) == 0);
  signal(SIGPIPE, SIG_IGN);
  must(close(ends[0]));
  show(sendfile(ends[1], file, NULL, 10));
}

static void splices(int file) {
  int ends[2];
  must(pipe(ends));
  off_t offset = 7;
  show(splice(file, &offset, ends[1], NULL, 5000, 0));
  printf("offset %ld\n", (long)offset);
  int out = (int)must(open("spliced", O_RDWR | O_CREAT | O_TRUNC, 0644));
  show(splice(ends[0], NULL, out, NULL, 2000, 0));
  offset = 10000;
  show(splice(ends[0], NULL, out, &offset, 100000, 0));
  printf("offset %ld\n", (long)offset);
  offsets(out, out);
  compare(out, 0, bytes + 7, 2000);
  compare(out, 10000, bytes + 2007, 3000);
  show(splice(ends[0], NULL, out, NULL, 10, SPLICE_F_NONBLOCK));
  show(splice(file, NULL, memory_file("x"), NULL, 10, 0));
  show(splice(ends[0], &offset, out, NULL, 10, 0));
  show(splice(ends[0], NULL, open("out", O_RDONLY), NULL, 10, 0));
  must(close(ends[1]));
  show(splice(ends[0], NULL, out, NULL, 10, 0));
}

static void interrupted(int signal) {
  printf("signal %d\n", signal);
}

/** A call that waits for a full pipe: a signal comes through. */
static void waits(int file) {
  int ends[2];
  must(pipe(ends));
  must(lseek(file, 0, SEEK_SET));
  must(fcntl(ends[1], F_SETPIPE_SZ, 4096));
  must(write(ends[1], bytes, 4096));
  sigaction(SIGALRM, &(struct sigaction){.sa_handler = interrupted}, NULL);
  alarm(1);
  show(sendfile(ends[1], file, NULL, 10));
  offsets(file, file);
}

/** What natively works, and under rsc is refused. */
static void refused(void) {
  int ends[2], mount_id;
  struct iovec part = {bytes, 10};
  must(pipe(ends));
  must(mkfifo("pipe", 0600));
  int fifo = (int)must(open("pipe", O_RDWR | O_NONBLOCK)),
      file = (int)must(open("handled", O_RDWR | O_CREAT, 0600));
  must(write(ends[1], "here", 4));
  must(write(fifo, "there", 5));
  show(tee(ends[0], fifo, 4, 0));
  show(tee(fifo, ends[1], 5, 0));
  show(splice(fifo, NULL, ends[1], NULL, 5, 0));
  show(vmsplice(fifo, &part, 1, 0));
  show(vmsplice(file, &part, 1, 0));
  show(name_to_handle_at(AT_FDCWD, "handled", &(struct file_handle){0}, &mount_id, 0));
  show(read(fifo, back, 10));
  show(read(ends[0], back, 10));
}

int main(int argc, char** argv) {
  begin();
  if (argc > 1 && strcmp(argv[1], "refused") == 0) {
    refused();
    return 0;
  }
  for (size_t i = 0; i < size; i++)
    bytes[i] = (char)(i * 31 + i / 251);
  int file = (int)must(open("file", O_RDWR | O_CREAT | O_TRUNC, 0644));
  must(write(file, bytes, size));
  must(lseek(file, 0, SEEK_SET));
  send_files(file);
  send_to_pipes(file);
  splices(file);
  waits(file);
  return 0;
}
