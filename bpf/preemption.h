/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the task can be preempted where a program runs. */
#ifndef RSC_PREEMPTION_H
#define RSC_PREEMPTION_H

#include "machine.h"

#define PREEMPT_MASK 0xff /* include/linux/preempt.h */

enum preemption {
  PREEMPTION_UNKNOWN,
  PREEMPTION_OFF,
  PREEMPTION_ON,
};

#if defined(__TARGET_ARCH_x86)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct pcpu_hot {
  int preempt_count;
};
#pragma clang attribute pop

/* A variable of its own before Linux 6.2 and since 6.15. */
extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot pcpu_hot __ksym __weak;

static __always_inline enum preemption preemption(void) {
  int count;

  if (&__preempt_count)
    count = *(const int*)bpf_this_cpu_ptr(&__preempt_count);
  else if (&pcpu_hot)
    count = ((const struct pcpu_hot*)bpf_this_cpu_ptr(&pcpu_hot))->preempt_count;
  else
    return PREEMPTION_UNKNOWN;
  return count & PREEMPT_MASK ? PREEMPTION_OFF : PREEMPTION_ON;
}

#elif defined(__TARGET_ARCH_arm64)

static __always_inline enum preemption preemption(void) {
  struct task_struct* task = bpf_get_current_task_btf();

  return task->thread_info.preempt_count & PREEMPT_MASK ? PREEMPTION_OFF : PREEMPTION_ON;
}

#endif

#endif
