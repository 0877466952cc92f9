// Twins and their threads.
//
// A twin is a group of threads of this one process with a descriptor table and a working directory of their
// own (unshare(2) with CLONE_FILES and CLONE_FS). POSIX locks belong to the kernel's files_struct
// (fs/locks.c), so twins conflict as processes do. At most one thread of all, the leader, reads the
// connection; each twin always has a thread that is not inside a call that blocks: the leader itself, or an
// idle one.
#pragma once

#include "call.h"

#include <atomic>
#include <sys/types.h>

namespace twin {

struct Twin;

enum class Order : int { wait, lead, leave };

// Everything below `twin` is guarded by the registry's lock unless it says otherwise.
struct Thread {
  Twin* twin;
  Workplace place;          // the thread's own
  std::atomic<Order> order; // a futex: what an idle thread waits for
  std::atomic<int> started; // a futex: 0, then 1 or a negated errno; only while its twin is being made
  int unshare_flags;        // fixed at creation
  pid_t tid;                // written by the thread before it can have a call in flight
  volatile int cancelled;   // the call in flight shall end
  Thread* next_idle;
  Thread* next_in_flight;
  Thread* next;
  Thread** link;
};

struct Twin {
  uint64_t id;
  std::atomic<int> holders; // a futex: its threads, and one for the registry
  bool ending;
  Thread* threads;
  Thread* idle;
  size_t idle_count;
  Twin* next_in_bucket;
};

// For the leader only: which twin has this id? Null if none has.
Twin* find_twin(uint64_t id);

// Makes the calling thread, which must be the process's only one, the thread of last resort: of no twin,
// never in a call, there to lead when no other can. Then makes twin 0.
Thread* found_registry();
Twin* twin_of_last_resort();

// Makes a twin from the calling thread's. Returns when its descriptor table is its own.
void fork_twin(const Fork& fork);

// Ends every thread of the twin, interrupting calls; gives up waiting for them after a short time, since a
// call can be beyond interruption (a dead NFS server). The calling thread may be one of them: then its
// descriptors are closed, and it must go to `leave` once it has passed on the leadership.
void end_twin(Thread& self, Twin& twin);

// For an idle thread: waits until it is told what to do.
Order await_order(Thread& self);
// Makes `self` idle and an idle thread of `twin` the leader.
void hand_over(Thread& self, Twin& twin);
// Makes an idle thread of `twin` the leader; starts one if there is none.
void promote(Twin& twin);

// A call in flight. `enlist` comes before the leadership is passed on; `retire` before the reply, and tells
// whether the reply is wanted.
bool has_call_in_flight(uint64_t stream);
void enlist(Thread& self);
bool retire(Thread& self);
void cancel(uint64_t stream);

// Makes `self` idle after a call. Returns false when it is not wanted any more, and has to `leave`.
bool rest(Thread& self);
// Gives up the thread's hold on its twin and the thread's memory. The thread function must return right
// after.
void leave(Thread& self);

} // namespace twin
