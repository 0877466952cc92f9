// SPDX-License-Identifier: GPL-2.0-only
/*
 * At the entry of every call: claims those of traced groups that their rules match. The thread of a claimed
 * call gets a signal, which makes it stop for its tracer as soon as the call returns.
 */
#include "events.h"
#include "groups.h"
#include "marks.h"
#include "saved.h"

#define SIGSTOP 19
#define SIGWINCH 28

/*
 * SIGSTOP cannot be blocked, but SIGCONT takes it out of every queue of the process (kernel/signal.c:
 * prepare_signal), and should the tracer be killed just now, the process stays stopped until the keeper
 * continues it. SIGWINCH is ignored where no tracer is.
 */
static __always_inline int signal_for(struct task_struct* task, __u32 flags) {
  bool is_blocked = task->blocked.sig[0] >> (SIGWINCH - 1) & 1;

  return is_blocked || flags & CLAIM_CHANGES_MASK ? SIGSTOP : SIGWINCH;
}

/* False: it could not be claimed, and runs here. */
static __noinline bool claim_call(__u32 thread, __u32 number, __u32 flags) {
  int signal = signal_for(bpf_get_current_task_btf(), flags);

  if (signal == SIGSTOP) flags |= CLAIM_MARK_STOPS;
  if (!put_mark(thread, CLAIM_MARK_CLAIM, number, flags)) {
    tell_escape(thread, number);
    return false;
  }
  if (bpf_send_signal_thread(signal) == 0) {
    count(CLAIM_CLAIMED);
    return true;
  }
  take_mark(thread, CLAIM_MARK_CLAIM);
  tell_escape(thread, number);
  return false;
}

/* A claim that is still open when the next call begins has lost its signal: what the call answered has been
 * believed. */
static __noinline void drop_lost_claim(__u32 thread) {
  long number = take_mark(thread, CLAIM_MARK_CLAIM);

  if (number >= 0) tell_lost(thread, number);
}

static __noinline bool takes_pass(__u32 thread, __u32 number) {
  return take_mark(thread, CLAIM_MARK_PASS) == number;
}

/* Whether the call is of a traced group, and has been looked at. */
static __always_inline bool enter(struct pt_regs* regs, long number, __u32 look) {
  struct task_struct* task = bpf_get_current_task_btf();
  __u32 thread = task->pid, flags = CLAIM_CHANGES_MASK, side = CLAIM_SIDE_UNSURE, key = 0;
  struct question question = {.regs = regs, .look = look};
  struct claim_group group;
  bool marked;

  if (!is_traced(task)) return false;
  if (!find_group(task->tgid, &group)) return false;
  marked = is_marked(thread);
  if (marked) drop_lost_claim(thread);
  if (!(group.flags & CLAIM_GROUP_STOPS_ALWAYS) && is_made_by_tracer(task)) return true;
  if (marked && takes_pass(thread, number)) return true;

  if (number < 0) {
    side = CLAIM_SIDE_LOCAL; /* no call: it was skipped by a tracer or a filter */
  } else if (number < CLAIM_RULES && !is_compat(task)) {
    __u32* generation = bpf_map_lookup_elem(&active, &key);

    if (!generation) return true;
    question.generation = *(volatile __u32*)generation & (CLAIM_GENERATIONS - 1);
    key = question.generation * CLAIM_RULES + number;
    question.rule = bpf_map_lookup_elem(&rules, &key);
    if (!question.rule) return true;
    flags = question.rule->flags;
    key = group.slot;
    question.slot = bpf_map_lookup_elem(&slots, &key);
    side = side_by_rule(&question);
  }

  if (side == CLAIM_SIDE_LOCAL)
    count(CLAIM_PASSED);
  else if (group.flags & CLAIM_GROUP_CLAIM) {
    if (!claim_call(thread, number, flags)) return true;
    if (flags & CLAIM_SAVES_SETS) save_sets(&question, thread);
    if (flags & CLAIM_FREES_DESCRIPTOR) forget_remote(&question);
  } else if (group.flags & CLAIM_GROUP_AUDIT && side == CLAIM_SIDE_REMOTE)
    tell_escape(thread, number);
  return true;
}

SEC("tp_btf/sys_enter")
int enter_traced(__u64* context) {
  enter((struct pt_regs*)context[0], (int)context[1], 0);
  return 0;
}

/* As perf_event_open(2) has it. */
struct recorded_enter {
  __u64 unused;
  long number;
};

/*
 * Where tasks can be preempted in the program above, it is left out meanwhile for all others of their CPU.
 * This one runs with preemption off everywhere (include/trace/perf.h: DECLARE_EVENT_SYSCALL_CLASS), but is
 * left out where a task has been preempted within bpf(2) on a map. So there both look, and the second at what
 * the first has not seen.
 */
SEC("tracepoint/raw_syscalls/sys_enter")
int enter_recorded(struct recorded_enter* context) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  __u32 thread = task->pid;

  if (!is_traced(task)) return 0;
  take_mark(thread, CLAIM_MARK_SEEN);
  if (enter(regs, (int)context->number, 0)) put_mark(thread, CLAIM_MARK_SEEN, context->number, 0);
  return 0;
}

SEC("tp_btf/sys_enter")
int enter_second(__u64* context) {
  struct task_struct* task = bpf_get_current_task_btf();

  if (is_traced(task) && take_mark(task->pid, CLAIM_MARK_SEEN) < 0)
    enter((struct pt_regs*)context[0], (int)context[1], 1);
  return 0;
}

char terms[] SEC("license") = "GPL";
