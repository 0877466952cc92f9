// SPDX-License-Identifier: GPL-2.0-only
/*
 * At the entry of every call: claims those of traced groups that their rules match. The thread of a claimed
 * call gets a signal, which makes it stop for its tracer as soon as the call returns.
 */
#include "events.h"
#include "groups.h"
#include "saved.h"

#define SIGSTOP 19
#define SIGWINCH 28

/* The number of the call that a thread may make next. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 32768);
  __type(key, __u32);
  __type(value, __u32);
} passes SEC(".maps");

/*
 * SIGSTOP cannot be blocked, but SIGCONT takes it out of every queue of the process (kernel/signal.c:
 * prepare_signal), and should the tracer be killed just now, the process would stay stopped. SIGWINCH is
 * ignored where no tracer is.
 */
static __always_inline int signal_for(struct task_struct* task, __u32 flags) {
  bool is_blocked = task->blocked.sig[0] >> (SIGWINCH - 1) & 1;

  return is_blocked || flags & CLAIM_CHANGES_MASK ? SIGSTOP : SIGWINCH;
}

static __always_inline void claim_call(struct task_struct* task, __u32 thread, __u64* hint, __u32 number,
                                       __u32 flags) {
  struct claim claim = {.number = number, .flags = flags};

  if (bpf_map_update_elem(&claims, &thread, &claim, BPF_ANY)) {
    tell_escape(thread, number);
    return;
  }
  __sync_fetch_and_add(hint, 1);
  if (bpf_send_signal_thread(signal_for(task, flags)) == 0) {
    count(CLAIM_CLAIMED);
    return;
  }
  bpf_map_delete_elem(&claims, &thread);
  __sync_fetch_and_add(hint, -1);
  tell_escape(thread, number);
}

/* A claim that is still open when the next call begins has lost its signal: what the call answered has been
 * believed. */
static __always_inline void drop_lost_claim(__u32 thread, __u64* hint) {
  struct claim* claim = bpf_map_lookup_elem(&claims, &thread);
  __u32 number;

  if (!claim) return;
  number = claim->number;
  if (bpf_map_delete_elem(&claims, &thread)) return;
  __sync_fetch_and_add(hint, -1);
  tell_lost(thread, number);
}

static __always_inline bool takes_pass(__u32 thread, __u64* hint, __u32 number) {
  __u32* pass = bpf_map_lookup_elem(&passes, &thread);
  bool is_for_this;

  if (!pass) return false;
  is_for_this = *pass == number;
  if (bpf_map_delete_elem(&passes, &thread) == 0) __sync_fetch_and_add(hint, -1);
  return is_for_this;
}

static __always_inline int enter(struct pt_regs* regs, long number) {
  struct task_struct* task = bpf_get_current_task_btf();
  __u32 thread = task->pid, flags = CLAIM_CHANGES_MASK, side = CLAIM_SIDE_UNSURE, key = 0;
  struct question question = {.regs = regs};
  struct claim_group group;
  __u64* hint;

  if (!is_traced(task)) return 0;
  if (!find_group(task->tgid, &group)) return 0;
  hint = hint_of(thread);
  if (!hint) return 0;
  if (*hint) drop_lost_claim(thread, hint);
  if (!(group.flags & CLAIM_GROUP_STOPS_ALWAYS) && is_made_by_tracer(task)) return 0;
  if (*hint && takes_pass(thread, hint, number)) return 0;

  if (number < 0) {
    side = CLAIM_SIDE_LOCAL; /* no call: it was skipped by a tracer or a filter */
  } else if (number < CLAIM_RULES && !is_compat(task)) {
    __u32* generation = bpf_map_lookup_elem(&active, &key);

    if (!generation) return 0;
    question.generation = *(volatile __u32*)generation & (CLAIM_GENERATIONS - 1);
    key = question.generation * CLAIM_RULES + number;
    question.rule = bpf_map_lookup_elem(&rules, &key);
    if (!question.rule) return 0;
    flags = question.rule->flags;
    key = group.slot;
    question.slot = bpf_map_lookup_elem(&slots, &key);
    side = side_by_rule(&question);
  }

  if (side == CLAIM_SIDE_LOCAL)
    count(CLAIM_PASSED);
  else if (group.flags & CLAIM_GROUP_CLAIM) {
    if (flags & CLAIM_SAVES_SETS) save_sets(&question, thread);
    claim_call(task, thread, hint, number, flags);
  } else if (group.flags & CLAIM_GROUP_AUDIT && side == CLAIM_SIDE_REMOTE)
    tell_escape(thread, number);
  return 0;
}

SEC("tp_btf/sys_enter")
int enter_traced(__u64* context) {
  return enter((struct pt_regs*)context[0], (int)context[1]);
}

/* As perf_event_open(2) has it. */
struct recorded_enter {
  __u64 unused;
  long number;
};

/*
 * Where tasks can be preempted in the program above, it is left out meanwhile for all others of their CPU.
 * This one runs with preemption off everywhere (include/trace/perf.h: DECLARE_EVENT_SYSCALL_CLASS).
 */
SEC("tracepoint/raw_syscalls/sys_enter")
int enter_recorded(struct recorded_enter* context) {
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(bpf_get_current_task_btf());

  return enter(regs, (int)context->number);
}

char terms[] SEC("license") = "GPL";
