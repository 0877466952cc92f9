// Shared maps of a file: what is stored reaches the file, other maps of it and other processes; partial
// unmapping, growing, the end of the file, and processes that end without unmapping.
#include "guest.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

enum { page = 4096 };

static sigjmp_buf out;

static void jump(int signal) {
  (void)signal;
  siglongjmp(out, 1);
}

static void touch(const char* what, volatile char* at) {
  if (sigsetjmp(out, 1) == 0)
    printf("%s: %d\n", what, *at);
  else
    printf("%s: SIGBUS or SIGSEGV\n", what);
}

static void print_at(int fd, off_t offset) {
  char text[9] = {0};
  must(pread(fd, text, 8, offset));
  printf("the file has \"%s\" at %ld\n", text, (long)offset);
}

static char* map_file(int fd, size_t length, off_t offset) {
  char* map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  if (map == MAP_FAILED) exit(98);
  return map;
}

static void stores_reach_the_file(int fd) {
  char* map = map_file(fd, 4 * page, 0);
  memcpy(map, "stored", 6);
  show(msync(map, page, MS_SYNC));
  print_at(fd, 0);
  memcpy(map + page, "second", 6);
  show(msync(map + page, page, MS_ASYNC));
  show(msync(map + 1, page, MS_SYNC));
  show(msync(map, page, MS_SYNC | MS_ASYNC));
  print_at(fd, page);
  show(pwrite(fd, "written", 7, 2 * page));
  printf("the map has \"%.7s\"\n", map + 2 * page);
  memcpy(map + 3 * page, "unmapped", 8);
  show(munmap(map + 2 * page, page));
  touch("the hole", map + 2 * page);
  memcpy(map + 3 * page, "UNMAPPED", 8);
  show(munmap(map, 4 * page));
  print_at(fd, 3 * page);
}

static void processes_share(int fd) {
  char* map = map_file(fd, page, 0);
  char* other = map_file(fd, page, 0);
  map[0] = 'S';
  printf("two maps of one file: %c\n", other[0]);
  pid_t child = fork();
  if (child == 0) {
    map[1] = 'T';
    _exit(0);
  }
  reap("child", child);
  printf("what the child stored: %c\n", map[1]);
  child = fork();
  if (child == 0) {
    int again = (int)must(open("shared", O_RDWR));
    char* own = map_file(again, page, 0);
    printf("the child's own map has %.3s\n", own);
    own[2] = 'O';
    raise(SIGKILL);
  }
  reap("killed", child);
  print_at(fd, 0);
  printf("what the killed one stored: %c\n", map[2]);
  child = fork();
  if (child == 0) {
    map[3] = 'R';
    execl("/usr/bin/head", "head", "-c6", "shared", NULL);
  }
  reap("execed", child);
  puts("");
  must(munmap(map, page));
  must(munmap(other, page));
}

static void ends(int fd) {
  must(ftruncate(fd, page + 100));
  char* map = map_file(fd, 4 * page, 0);
  touch("the last byte", map + page + 99);
  touch("behind the end, in its page", map + page + 100);
  touch("behind the last page", map + 2 * page);
  map[page + 99] = 'l';
  map[page + 200] = 'x';
  show(ftruncate(fd, 3 * page));
  touch("after growing", map + 2 * page);
  map[2 * page] = 'g';
  show(ftruncate(fd, page));
  touch("after shrinking", map + page);
  must(munmap(map, 4 * page));
  struct stat facts;
  must(fstat(fd, &facts));
  printf("%ld bytes\n", (long)facts.st_size);
  must(ftruncate(fd, 4 * page));
}

/** What another process stores is gone with the end of the file that a third one takes away. */
static void truncations(void) {
  put("shrinking", "");
  must(truncate("shrinking", 2 * page));
  char* map = map_file((int)must(open("shrinking", O_RDWR)), 2 * page, 0);
  pid_t child = fork();
  if (child == 0) {
    map[10] = 'y';
    map[page] = 'z';
    must(close((int)must(open("shrinking", O_WRONLY | O_TRUNC))));
    must(truncate("shrinking", 100));
    _exit(0);
  }
  reap("truncater", child);
  touch("kept", map + 10);
  touch("cut off", map + page);
  map[99] = 'E';
  map[100] = 'F';
}

/** Other ways to read and to write the file. */
static void copies(int fd) {
  char* map = map_file(fd, page, 0);
  int other = (int)must(open("copy", O_RDWR | O_CREAT | O_TRUNC, 0644)), ends[2];
  memcpy(map, "from map", 8);
  off_t offset = 0;
  show(copy_file_range(fd, &offset, other, NULL, 8, 0));
  print_at(other, 0);
  must(pipe(ends));
  memcpy(map, "to pipes", 8);
  offset = 0;
  show(sendfile(ends[1], fd, &offset, 8));
  char text[9] = {0};
  must(read(ends[0], text, 8));
  printf("\"%s\"\n", text);
  memcpy(map, "privates", 8);
  char* private = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0);
  printf("\"%.8s\"\n", private);
  must(pwrite(other, "into map", 8, 0));
  off_t from = 0, to = 100;
  show(copy_file_range(other, &from, fd, &to, 8, 0));
  printf("\"%.8s\"\n", map + 100);
  must(munmap(map, page));
  must(munmap(private, page));
}

static void moves(int fd) {
  char* map = map_file(fd, page, page);
  memcpy(map, "moving", 6);
  map = mremap(map, page, 3 * page, MREMAP_MAYMOVE);
  printf("grown: \"%.6s\"\n", map);
  memcpy(map + 2 * page, "grown", 5);
  map = mremap(map, 3 * page, 2 * page, 0);
  show(munmap(map, 2 * page));
  print_at(fd, page);
  print_at(fd, 3 * page);
}

static void protections(int fd) {
  int only = (int)must(open("shared", O_RDONLY));
  char* map = mmap(NULL, page, PROT_READ, MAP_SHARED, only, 0);
  printf("read-only: %.4s\n", map);
  show(mprotect(map, page, PROT_READ | PROT_WRITE));
  touch("read", map);
  must(munmap(map, page));
  map = mmap(NULL, page, PROT_NONE, MAP_SHARED, fd, 0);
  touch("no access", map);
  show(mprotect(map, page, PROT_READ | PROT_WRITE));
  map[0] = 'P';
  show(msync(map, page, MS_SYNC));
  print_at(fd, 0);
  must(munmap(map, page));
  show((long)mmap(NULL, page, PROT_WRITE, MAP_SHARED, only, 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_SHARED, open("shared", O_WRONLY), 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_SHARED, open(".", O_RDONLY), 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_SHARED, open("shared", O_PATH), 0));
  show((long)mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 5));
  show((long)mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0));
  show(munmap((char*)map + 1, page));
}

int main(void) {
  begin();
  signal(SIGBUS, jump);
  signal(SIGSEGV, jump);
  static char bytes[4 * page];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)('a' + i / page);
  int fd = (int)must(open("shared", O_RDWR | O_CREAT | O_TRUNC, 0644));
  must(write(fd, bytes, sizeof bytes));
  stores_reach_the_file(fd);
  processes_share(fd);
  ends(fd);
  truncations();
  copies(fd);
  moves(fd);
  protections(fd);
  // The tree that is left shows what this one stores, and never unmaps.
  char* map = map_file(fd, 4 * page, 0);
  must(close(fd));
  strcpy(map + 3 * page + 10, "the last word");
  return 0;
}
