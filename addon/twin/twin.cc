#include "twin.h"
#include "failure.h"
#include "futex.h"
#include "interruptible.h"
#include "leader.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twin {

namespace {

constexpr size_t kBuckets = 1024;
constexpr size_t kStackSize = 256 << 10; // address space; the deepest frame is a message of `fail`
constexpr size_t kIdleThreads = 2;       // more than these a twin does not keep for its next blocking calls
// A call that cannot be interrupted holds up the others no longer. Threads that run take less, on a busy
// machine too.
constexpr long kEndTimeoutMs = 2000;

std::mutex state;
Twin* twins[kBuckets]; // the leader's
size_t twin_count = 0;
Thread* in_flight[kBuckets];
Twin nobody;

void push_idle(Thread& thread) {
  thread.next_idle = thread.twin->idle;
  thread.twin->idle = &thread;
  thread.twin->idle_count++;
}

Thread* pop_idle(Twin& twin) {
  Thread* thread = twin.idle;
  if (thread) {
    twin.idle = thread->next_idle;
    twin.idle_count--;
  }
  return thread;
}

void link(Thread& thread) {
  Twin& twin = *thread.twin;
  thread.next = twin.threads;
  thread.link = &twin.threads;
  if (twin.threads) twin.threads->link = &thread.next;
  twin.threads = &thread;
}

void unlink(Thread& thread) {
  *thread.link = thread.next;
  if (thread.next) thread.next->link = thread.link;
}

void release(Twin& twin) {
  int left = twin.holders.fetch_sub(1) - 1;
  if (left == 0)
    delete &twin;
  else
    futex_wake(
        &twin.holders); // end_twin waits; if it has freed the twin by now, the kernel finds nobody there
}

void give_order(Thread& thread, Order order) {
  thread.order.store(order, std::memory_order_release);
  futex_wake(&thread.order);
}

void interrupt(Thread& thread) {
  thread.cancelled = 1;
  syscall(SYS_tgkill, getpid(), thread.tid, SIGRTMIN);
}

// Drops the thread's hold on its descriptor table, and closes everything if it was the last: the kernel does
// so at the thread's end too, but after the moment that another thread can wait for (kernel/exit.c: exit_mm,
// then exit_files).
void drop_descriptors() {
  syscall(SYS_close_range, 0u, ~0u, CLOSE_RANGE_UNSHARE);
}

void* run(void* argument) {
  Thread& self = *static_cast<Thread*>(argument);
  self.tid = static_cast<pid_t>(syscall(SYS_gettid));
  if (self.unshare_flags) {
    self.started.store(unshare(self.unshare_flags) == 0 ? 1 : -errno);
    futex_wake(&self.started);
  }
  work(self);
  leave(self);
  return nullptr;
}

// Zeroed memory from the kernel: of a thread that never has a large call, few pages are ever touched.
Thread* allocate_thread(Twin& twin) {
  void* memory = mmap(nullptr, sizeof(Thread), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    fail(kExecutorFailed, "cannot start a thread for twin %ju: mmap returned %s", twin.id,
         strerrorname_np(errno));
  auto* thread = static_cast<Thread*>(memory);
  thread->twin = &twin;
  return thread;
}

Thread* start_thread(Twin& twin, Order order, int unshare_flags) {
  Thread* thread = allocate_thread(twin);
  thread->unshare_flags = unshare_flags;
  thread->order = order;
  twin.holders++;
  {
    std::lock_guard<std::mutex> lock(state);
    link(*thread);
    if (order == Order::wait) push_idle(*thread);
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackSize);
  pthread_t handle;
  int error = pthread_create(&handle, &attributes, run, thread);
  if (error)
    fail(kExecutorFailed, "cannot start a thread for twin %ju: pthread_create returned %s", twin.id,
         strerrorname_np(error));
  pthread_attr_destroy(&attributes);
  return thread;
}

Thread** find_in_flight(uint64_t stream) {
  Thread** at = &in_flight[stream % kBuckets];
  while (*at && (*at)->place.call.stream != stream)
    at = &(*at)->next_in_flight;
  return at;
}

Twin** find_slot(uint64_t id) {
  Twin** at = &twins[id % kBuckets];
  while (*at && (*at)->id != id)
    at = &(*at)->next_in_bucket;
  return at;
}

void make_twin(uint64_t id, int unshare_flags) {
  if (twin_count == kMaxTwins)
    fail(kServerFull, "cannot fork twin %ju: the session has %zu twins, and may not have more", id,
         kMaxTwins);
  auto* twin = new Twin();
  twin->id = id;
  twin->holders = 1;
  Thread* thread = start_thread(*twin, Order::wait, unshare_flags);
  // Until the tables are apart, a later call of this twin would show in the other.
  int started = 1;
  while (unshare_flags && (started = thread->started.load()) == 0)
    futex_wait(&thread->started, 0);
  if (started < 0)
    fail(kExecutorFailed, "cannot fork twin %ju: unshare returned %s", id, strerrorname_np(-started));
  *find_slot(id) = twin;
  twin_count++;
}

// Waits until no more than `holders` hold the twin, or kEndTimeoutMs have passed.
void await_holders(Twin& twin, int holders) {
  timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  long left = kEndTimeoutMs;
  for (int count; (count = twin.holders.load()) > holders && left > 0;) {
    futex_wait(&twin.holders, count, left);
    clock_gettime(CLOCK_MONOTONIC, &now);
    left = kEndTimeoutMs - (now.tv_sec - start.tv_sec) * 1000 - (now.tv_nsec - start.tv_nsec) / 1000000;
  }
}

} // namespace

Twin* find_twin(uint64_t id) {
  return *find_slot(id);
}

Twin* twin_of_last_resort() {
  return &nobody;
}

Thread* found_registry() {
  nobody.holders = 2;
  Thread* self = allocate_thread(nobody);
  self->tid = static_cast<pid_t>(syscall(SYS_gettid));
  link(*self);
  make_twin(0, CLONE_FILES | CLONE_FS);
  return self;
}

void fork_twin(const Fork& fork) {
  make_twin(fork.child,
            (fork.share & kShareFiles ? 0 : CLONE_FILES) | (fork.share & kShareFs ? 0 : CLONE_FS));
}

void end_twin(Thread& self, Twin& twin) {
  bool own = self.twin == &twin;
  Twin** slot = find_slot(twin.id);
  *slot = twin.next_in_bucket;
  twin_count--;
  {
    std::lock_guard<std::mutex> lock(state);
    twin.ending = true;
    while (Thread* idle = pop_idle(twin))
      give_order(*idle, Order::leave);
    for (Thread* thread = twin.threads; thread; thread = thread->next)
      if (thread != &self) interrupt(*thread);
  }
  if (own) drop_descriptors();
  await_holders(twin, own ? 2 : 1);
  release(twin);
}

Order await_order(Thread& self) {
  Order order;
  while ((order = self.order.load(std::memory_order_acquire)) == Order::wait)
    futex_wait(&self.order, static_cast<int>(Order::wait));
  self.order.store(Order::wait, std::memory_order_relaxed);
  return order;
}

void hand_over(Thread& self, Twin& twin) {
  Thread* next;
  {
    std::lock_guard<std::mutex> lock(state);
    next = pop_idle(twin);
    push_idle(self);
  }
  give_order(*next, Order::lead);
}

void promote(Twin& twin) {
  Thread* next;
  {
    std::lock_guard<std::mutex> lock(state);
    next = pop_idle(twin);
  }
  if (next)
    give_order(*next, Order::lead);
  else
    start_thread(twin, Order::lead, 0);
}

bool has_call_in_flight(uint64_t stream) {
  std::lock_guard<std::mutex> lock(state);
  return *find_in_flight(stream) != nullptr;
}

void enlist(Thread& self) {
  std::lock_guard<std::mutex> lock(state);
  self.cancelled = 0;
  Thread** bucket = &in_flight[self.place.call.stream % kBuckets];
  self.next_in_flight = *bucket;
  *bucket = &self;
}

bool retire(Thread& self) {
  std::lock_guard<std::mutex> lock(state);
  Thread** at = find_in_flight(self.place.call.stream);
  *at = self.next_in_flight;
  return !self.twin->ending;
}

// The signal is queued before the thread can retire its call, and it sends a reply before its next one: so
// the return from that sendmsg(2) delivers the signal at the latest, and it cannot hit a later call.
void cancel(uint64_t stream) {
  std::lock_guard<std::mutex> lock(state);
  if (Thread* thread = *find_in_flight(stream)) interrupt(*thread);
}

bool rest(Thread& self) {
  std::lock_guard<std::mutex> lock(state);
  if (self.twin->ending || self.twin->idle_count >= kIdleThreads) return false;
  push_idle(self);
  return true;
}

void leave(Thread& self) {
  Twin& twin = *self.twin;
  bool ending;
  {
    std::lock_guard<std::mutex> lock(state);
    unlink(self);
    ending = twin.ending;
  }
  if (ending) drop_descriptors();
  self.place.arena.release();
  self.place.aligned.release();
  self.place.frame_copy.release();
  munmap(&self, sizeof self);
  release(twin);
}

} // namespace twin
