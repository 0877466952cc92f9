// lost SOCKET COUNT [FOLDER]: asks for a file again and again, in two processes of two threads; with FOLDER
// it also reads from a file that it has open, and makes and removes directories in FOLDER. After COUNT
// answers it says so. It tells SOCKET of every wrong answer, by calls that rsc does not catch. A thread that
// was answered wrong must meet EIO and nothing else from then on, and ends; when all have, so does the
// program.
#include "guest.h"
#include "tell.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

static const char note[] = "a note that only the server has";
static const char* folder;
static int file = -1;
static atomic_long* answers;
static long count;

// What the call has answered, in a word: "right", or what is wrong.
static const char* verdict(int is_right, int is_error) {
  return is_right ? "right" : is_error ? strerrorname_np(errno) : "wrong data";
}

static const char* look(const char* unused) {
  (void)unused;
  int result = access("/work/notes.txt", F_OK);
  return verdict(result == 0, result < 0);
}

static const char* reads(const char* unused) {
  (void)unused;
  char text[sizeof note - 1];
  ssize_t result = pread(file, text, sizeof text, 0);
  return verdict(result == sizeof text && memcmp(text, note, sizeof text) == 0, result < 0);
}

static const char* make(const char* path) {
  int result = mkdir(path, 0755);
  return verdict(result == 0, result < 0);
}

static const char* take_away(const char* path) {
  int result = rmdir(path);
  return verdict(result == 0, result < 0);
}

static void* ask(void* name) {
  const char* (*const calls[])(const char*) = {look, reads, make, take_away};
  int kinds = folder ? 4 : 1, has_failed = 0;
  char made[4096];
  snprintf(made, sizeof made, "%s/%s-%d", folder ? folder : "", (const char*)name, getpid());
  for (int kind = 0, left = 20; left > 0; kind = (kind + 1) % kinds) {
    const char* said = calls[kind](made);
    int is_eio = strcmp(said, "EIO") == 0, is_right = strcmp(said, "right") == 0;
    if (has_failed ? !is_eio : !is_right) tell(said);
    has_failed |= !is_right;
    left -= has_failed;
    if (++*answers == count) printf("reached\n");
  }
  return NULL;
}

static void work(void) {
  pthread_t thread;
  must(pthread_create(&thread, NULL, ask, "a") ? -1 : 0);
  ask("b");
  pthread_join(thread, NULL);
}

int main(int argc, char** argv) {
  begin();
  if (argc < 3) return 2;
  tell_at(argv[1]);
  count = atol(argv[2]);
  folder = argv[3];
  if (folder) file = (int)must(open("/work/notes.txt", O_RDONLY));
  answers = mmap(NULL, sizeof *answers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (answers == MAP_FAILED) return 99;
  pid_t child = (pid_t)must(fork());
  work();
  if (child == 0) _exit(0);
  reap("child", child);
  return 0;
}
