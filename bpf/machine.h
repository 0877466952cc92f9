/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels and processors. The structs have only the fields that are used; libbpf finds
 * where they are in the kernel that runs.
 */
#ifndef RSC_MACHINE_H
#define RSC_MACHINE_H

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
  unsigned long flags;
  unsigned long syscall_work;       /* kernels with the common entry code */
  unsigned int status;              /* x86 */
  unsigned long long preempt_count; /* aarch64 */
};

struct sigset {
  unsigned long sig[1];
};

struct sigpending {
  struct sigset signal;
};

struct task_struct {
  struct thread_info thread_info;
  unsigned int ptrace;
  int pid, tgid;
  struct sigset blocked;
  struct sigpending pending;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long r10, r9, r8, dx, si, di;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
  unsigned long regs[31];
};
#endif

#pragma clang attribute pop

/* Values are those of the kernel that runs. */
enum syscall_work_bit {
  SYSCALL_WORK_BIT_SYSCALL_TRACE = 2,
};

static __always_inline unsigned long trace_mask(void) {
  return 1ul << bpf_core_enum_value(enum syscall_work_bit, SYSCALL_WORK_BIT_SYSCALL_TRACE);
}

#define SIGKILL 9

/*
 * Whether a task has a tracer, or has lost it just now. When a tracer dies whose tracees die with it, the
 * kernel first sends them SIGKILL and then lets go of them (kernel/ptrace.c: exit_ptrace): until that reaches
 * a task on another CPU, it may begin a call.
 */
static __always_inline bool is_traced(struct task_struct* task) {
  return task->ptrace || task->pending.signal.sig[0] >> (SIGKILL - 1) & 1;
}

#if defined(__TARGET_ARCH_x86)

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */

static __always_inline unsigned long argument(struct pt_regs* regs, unsigned char index) {
  switch (index) {
  case 0:
    return regs->di;
  case 1:
    return regs->si;
  case 2:
    return regs->dx;
  case 3:
    return regs->r10;
  case 4:
    return regs->r8;
  default:
    return regs->r9;
  }
}

/* The call is of the table of 32-bit programs. */
static __always_inline bool is_compat(struct task_struct* task) {
  return task->thread_info.status & TS_COMPAT;
}

static __always_inline bool is_made_by_tracer(struct task_struct* task) {
  return task->thread_info.syscall_work & trace_mask();
}

#elif defined(__TARGET_ARCH_arm64)

#define TIF_SYSCALL_TRACE 8 /* arch/arm64/include/asm/thread_info.h */
#define TIF_32BIT 22

static __always_inline unsigned long argument(struct pt_regs* regs, unsigned char index) {
  switch (index) {
  case 0:
    return regs->regs[0];
  case 1:
    return regs->regs[1];
  case 2:
    return regs->regs[2];
  case 3:
    return regs->regs[3];
  case 4:
    return regs->regs[4];
  default:
    return regs->regs[5];
  }
}

static __always_inline bool is_compat(struct task_struct* task) {
  return task->thread_info.flags & (1ul << TIF_32BIT);
}

static __always_inline bool is_made_by_tracer(struct task_struct* task) {
  if (bpf_core_field_exists(task->thread_info.syscall_work))
    return task->thread_info.syscall_work & trace_mask();
  return task->thread_info.flags & (1ul << TIF_SYSCALL_TRACE);
}

#endif

#endif
