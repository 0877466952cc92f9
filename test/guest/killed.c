// killed SOCKET COUNT [FOLDER]: asks for a file again and again, in four threads, and makes and removes
// directories in FOLDER; tells SOCKET of every wrong answer, by calls that rsc does not catch. After COUNT
// answers it says so.
#include "guest.h"
#include "tell.h"
#include <pthread.h>
#include <stdatomic.h>

static const char* folder;
static atomic_long answers;
static long count;

static void* ask(void* name) {
  char made[4096];
  if (folder) snprintf(made, sizeof made, "%s/%s-%d", folder, (const char*)name, getpid());
  for (;;) {
    if (access("/work/notes.txt", F_OK) != 0) tell(strerrorname_np(errno));
    if (folder && (mkdir(made, 0755) != 0 || rmdir(made) != 0)) tell(strerrorname_np(errno));
    if (++answers == count) printf("reached\n");
  }
  return NULL;
}

int main(int argc, char** argv) {
  static char* names[] = {"a", "b", "c", "d"};
  pthread_t thread;
  begin();
  if (argc < 3) return 2;
  tell_at(argv[1]);
  count = atol(argv[2]);
  folder = argv[3];
  for (int i = 0; i < 3; i++)
    must(pthread_create(&thread, NULL, ask, names[i]) ? -1 : 0);
  ask(names[3]);
}
