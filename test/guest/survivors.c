// survivors ROUNDS [SEED]: three processes of two threads each ask for files, read them, make and remove
// directories, and hold locks. Now and then one of them is killed in the middle of that, at a moment that is
// counted by its own answers, and another takes its place: the others go on, and what the killed one held is
// free.
#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { kWorkers = 3, kAnswers = 10, kMore = 4 };

// What the processes share about one of them.
struct worker {
  atomic_long answers;
  atomic_long goal;  // at so many answers it writes to `reached`; 0: never
  atomic_int second; // the id of its second thread
  pid_t pid;
  int reached[2];
};

static struct worker* workers;
static atomic_int* wrong;
static int id;

static void expect(int holds, const char* what) {
  if (holds) return;
  printf("wrong: %s (%s)\n", what, strerrorname_np(errno));
  ++*wrong;
}

static struct flock one_byte(int type) {
  return (struct flock){.l_type = (short)type, .l_whence = SEEK_SET, .l_start = id, .l_len = 1};
}

static void answered(void) {
  struct worker* self = &workers[id];
  long answers = ++self->answers, goal = self->goal;
  if (goal != 0 && answers >= goal && atomic_compare_exchange_strong(&self->goal, &goal, 0))
    expect(write(self->reached[1], "x", 1) == 1, "write to a pipe");
}

static void* ask(void* name) {
  char made[64], text[16];
  snprintf(made, sizeof made, "made-%d-%s", id, (const char*)name);
  if (strcmp(name, "second") == 0) workers[id].second = gettid();
  for (;;) {
    expect(access("one", F_OK) == 0, "access");
    int fd = open("one", O_RDONLY | O_CLOEXEC);
    expect(fd >= 0, "open");
    expect(read(fd, text, 8) == 8 && memcmp(text, "one file", 8) == 0, "read");
    expect(close(fd) == 0, "close");
    expect(mkdir(made, 0755) == 0, "mkdir");
    expect(rmdir(made) == 0, "rmdir");
    answered();
    usleep(50); // leaves the processors to others
  }
  return NULL;
}

// Waits in a read that only its end will end.
static void* wait_for_nothing(void* fifo) {
  char byte;
  workers[id].second = gettid();
  expect(read(*(int*)fifo, &byte, 1) == 1, "read of a FIFO");
  return NULL;
}

static void work(int locked) {
  static int fifo;
  struct flock lock = one_byte(F_WRLCK);
  expect(fcntl(locked, F_SETLK, &lock) == 0, "the lock of one that was killed");
  fifo = (int)must(open("fifo", O_RDWR));
  pthread_t thread;
  must(pthread_create(&thread, NULL, id == 0 ? wait_for_nothing : ask, id == 0 ? (void*)&fifo : "second")
           ? -1
           : 0);
  ask("first");
}

static void start(int which, int locked) {
  id = which;
  workers[which].answers = workers[which].goal = workers[which].second = 0;
  pid_t pid = (pid_t)must(fork());
  if (pid == 0) work(locked);
  workers[which].pid = pid;
}

static void await(int which, long more) {
  char byte;
  workers[which].goal = workers[which].answers + more;
  must(read(workers[which].reached[0], &byte, 1));
}

// By its own id, or by that of its second thread: SIGKILL ends all of it.
static void end(struct worker* worker, int by_thread) {
  int status;
  if (by_thread && worker->second != 0)
    must(syscall(SYS_tgkill, worker->pid, worker->second, SIGKILL));
  else
    must(kill(worker->pid, SIGKILL));
  must(waitpid(worker->pid, &status, 0));
  expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "how one that was killed has ended");
}

static void clear(int which) {
  for (int i = 0; i < 2; i++) {
    char made[64];
    snprintf(made, sizeof made, "made-%d-%s", which, i ? "second" : "first");
    expect(rmdir(made) == 0 || errno == ENOENT, "what one that was killed has made");
  }
}

int main(int argc, char** argv) {
  begin();
  if (argc < 2) return 2;
  int rounds = atoi(argv[1]);
  unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
  void* shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 99;
  wrong = shared;
  workers = (struct worker*)((char*)shared + 64);
  int locked = (int)must(open("locked", O_RDWR | O_CREAT, 0644)), by_thread = 0;
  for (int i = 0; i < kWorkers; i++) {
    must(pipe(workers[i].reached));
    start(i, locked);
  }
  for (int round = 0; round < rounds; round++) {
    int victim = rand_r(&seed) % kWorkers, is_thread = rand_r(&seed) % 2;
    await(victim, 1 + rand_r(&seed) % kAnswers);
    end(&workers[victim], is_thread);
    clear(victim);
    start(victim, locked);
    for (int i = 0; i < kWorkers; i++)
      await(i, kMore);
    by_thread += is_thread;
  }
  for (int i = 0; i < kWorkers; i++) {
    end(&workers[i], 0);
    clear(i);
  }
  printf("killed: %d, of which by a thread: %d; wrong answers: %d\n", rounds, by_thread, *wrong);
  return *wrong > 0;
}
