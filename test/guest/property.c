// property: carries out sequences of file operations that it reads from standard input, and prints what each
// of them did. `# NAME` begins a sequence, in the empty directory /work/NAME/home; `A read 2 100` is an
// operation: process A reads 100 bytes of the descriptor in slot 2.
//
// A slot holds a descriptor that an operation gave, or -1. Process B begins with `A fork HOW`: it then has
// copies of A's slots, descriptors, directory and umask, or shares descriptors (HOW & 1) or directory and
// umask (HOW & 2). It ends with `A exit`. The two take turns, told by pipes, so that one output is right.
#include "property-descriptors.h"
#include "property-names.h"
#include <sched.h>
#include <sys/mman.h>

static void op_fork(void);
static void op_exit(void);

#define OP(name)                                                                                             \
  { #name, op_##name }
static const struct {
  const char* name;
  void (*run)(void);
} operations[] = {
    OP(open),     OP(local),       OP(creat),     OP(close),    OP(read),      OP(pread),    OP(write),
    OP(pwrite),   OP(readv),       OP(writev),    OP(preadv),   OP(pwritev),   OP(lseek),    OP(dup),
    OP(dup2),     OP(dup3),        OP(dupfd),     OP(fcntl),    OP(lock),      OP(flock),    OP(ftruncate),
    OP(truncate), OP(stat),        OP(lstat),     OP(fstat),    OP(fstatat),   OP(statx),    OP(access),
    OP(mkdir),    OP(rmdir),       OP(unlink),    OP(rename),   OP(renameat2), OP(link),     OP(symlink),
    OP(readlink), OP(chmod),       OP(fchmod),    OP(umask),    OP(chdir),     OP(fchdir),   OP(getcwd),
    OP(list),     OP(fallocate),   OP(copy),      OP(sendfile), OP(utimens),   OP(setxattr), OP(fsetxattr),
    OP(getxattr), OP(removexattr), OP(listxattr), OP(fork),     OP(exit),
};

static void carry_out(const char* line) {
  char copy[line_size];
  snprintf(copy, sizeof copy, "%s", line);
  words_given = 0;
  for (char* text = strtok(copy, " "); text && words_given < word_count; text = strtok(NULL, " "))
    words[words_given++] = text;
  word = 2;
  say("%s", line);
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
    if (strcmp(operations[i].name, words[1]) != 0) continue;
    errno = 0;
    operations[i].run();
    say("\n");
    return;
  }
  fprintf(stderr, "there is no operation %s\n", words[1]);
  exit(98);
}

static struct {
  pid_t pid;
  int asking[2], answering[2];
} other; // process B

static void move_up(int ends[2]) {
  int made[2];
  must(pipe(made));
  for (int i = 0; i < 2; i++) {
    ends[i] = (int)must(fcntl(made[i], F_DUPFD, first_private));
    must(close(made[i]));
  }
}

static void serve(void) {
  const char* line;
  while (read(other.asking[0], &line, sizeof line) == sizeof line && line) {
    carry_out(line);
    must(write(other.answering[1], "", 1));
  }
  _exit(0);
}

static void op_fork(void) {
  int how = (int)number();
  int flags = (how & 1 ? CLONE_FILES : 0) | (how & 2 ? CLONE_FS : 0);
  if (other.pid) {
    say(" is there");
    return;
  }
  move_up(other.asking);
  move_up(other.answering);
  if (how & 1) {
    memcpy(shared_slots, own_slots, sizeof own_slots);
    slots = shared_slots;
  }
  other.pid = (pid_t)must(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
  if (other.pid == 0) serve();
}

static void op_exit(void) {
  if (!other.pid) return;
  const char* none = NULL;
  must(write(other.asking[1], &none, sizeof none));
  int status;
  must(waitpid(other.pid, &status, 0));
  say(" status %x", status);
  other.pid = 0;
  if (slots == shared_slots) memcpy(own_slots, shared_slots, sizeof own_slots);
  slots = own_slots;
  for (int i = 0; i < 2; i++) {
    must(close(other.asking[i]));
    must(close(other.answering[i]));
  }
}

// The line of another process is its to carry out, if there is one.
static void dispatch(const char* line) {
  char done;
  if (line[0] != 'B' || !other.pid) {
    carry_out(line);
    return;
  }
  must(write(other.asking[1], &line, sizeof line));
  if (read(other.answering[0], &done, 1) != 1) exit(97);
}

// Process A of a sequence. Its lines end where the next sequence begins.
static void perform(char** lines) {
  snprintf(home, sizeof home, "/work/%.40s", lines[0] + 2);
  must(mkdir(home, 0755));
  strcat(home, "/home");
  must(mkdir(home, 0755));
  must(chdir(home));
  umask(022);
  for (int i = 0; i < slot_count; i++)
    own_slots[i] = -1;
  for (lines++; *lines && **lines != '#'; lines++)
    dispatch(*lines);
  if (other.pid) carry_out("A exit");
  _exit(0);
}

static char** read_lines(void) {
  size_t size = 0, room = 1 << 20;
  char* text = malloc(room);
  for (ssize_t got; (got = must(read(0, text + size, room - size - 1))) > 0;) {
    size += (size_t)got;
    if (room - size < 2) text = realloc(text, room *= 2);
  }
  text[size] = 0;
  size_t count = 0, most = 1024;
  char** lines = malloc(most * sizeof *lines);
  for (char* line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    if (count + 2 > most) lines = realloc(lines, (most *= 2) * sizeof *lines);
    lines[count++] = line;
  }
  lines[count] = NULL;
  return lines;
}

int main(void) {
  close_range(3, ~0u, 0);
  output = mmap(NULL, sizeof *output, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shared_slots = mmap(NULL, sizeof own_slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (char** line = read_lines(); *line; line++) {
    if (**line != '#') continue;
    say("%s\n", *line);
    pid_t child = (pid_t)must(fork());
    if (child == 0) perform(line);
    int status;
    must(waitpid(child, &status, 0));
    if (status != 0) say("ended with status %x\n", status);
    if (output->used > flush_at) flush();
  }
  flush();
  return 0;
}
