// A library that is loaded into strace: it writes down what strace is told of each call, and the memory that
// the call points to, so that rsc can print the very calls that strace prints. In the file that RSC_TAP
// names, a line for each stop: `TID entry NUMBER ARGUMENT... MEMORY...` and `TID exit RESULT MEMORY...`;
// memory is ADDRESS:BYTES.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/types.h>

enum { page = 4096, brief = 512, word = 64, words = 64, tracees = 4096 };

static FILE* report;
static long (*next)(int, pid_t, void*, void*);

/** The arguments of the call that a thread is in, in the place that its number leads to. */
static struct {
  pid_t tid;
  uint64_t args[6];
} calls[tracees];

__attribute__((constructor)) static void begin(void) {
  next = (long (*)(int, pid_t, void*, void*))dlsym(RTLD_NEXT, "ptrace");
  report = fopen(getenv("RSC_TAP"), "ae");
  if (report == NULL) abort();
  // The program that strace starts shall not have it.
  unsetenv("LD_PRELOAD");
  unsetenv("RSC_TAP");
}

/** As much as there is of a piece of memory, at most up to the end of the next page. */
static size_t taken(pid_t tid, uint64_t addr, void* copy, size_t length) {
  size_t first = page - addr % page;
  if (first > length) first = length;
  struct iovec to = {copy, length};
  struct iovec from[] = {{(void*)addr, first}, {(void*)(addr + first), length - first}};
  if (addr < page || addr >> 47 != 0) return 0;
  ssize_t count = process_vm_readv(tid, &to, 1, from, length > first ? 2 : 1, 0);
  return count < 0 ? 0 : (size_t)count;
}

static void tell(uint64_t addr, const unsigned char* bytes, size_t count) {
  if (count == 0) return;
  fprintf(report, " %lx:", (unsigned long)addr);
  for (size_t i = 0; i < count; i++)
    fprintf(report, "%02x", bytes[i]);
}

/** What an address leads to: a path whole, of everything else the beginning, and where what lies there leads
 * to. */
static void follow(pid_t tid, uint64_t addr) {
  unsigned char bytes[page + 1], pointed[word];
  size_t count = taken(tid, addr, bytes, brief);
  if (count == brief && memchr(bytes, 0, brief) == NULL) count = taken(tid, addr, bytes, sizeof bytes);
  tell(addr, bytes, count);
  for (size_t at = 0; at + 8 <= count && at < 8 * words; at += 8) {
    uint64_t inner;
    memcpy(&inner, bytes + at, sizeof inner);
    tell(inner, pointed, taken(tid, inner, pointed, sizeof pointed));
  }
}

static void tell_memory(pid_t tid) {
  for (int i = 0; i < 6; i++)
    follow(tid, calls[tid % tracees].args[i]);
  fputc('\n', report);
  fflush(report);
}

static void tell_stop(pid_t tid, const struct __ptrace_syscall_info* info) {
  uint64_t* args = calls[tid % tracees].args;
  if (info->op == PTRACE_SYSCALL_INFO_ENTRY) {
    calls[tid % tracees].tid = tid;
    memcpy(args, info->entry.args, 6 * sizeof *args);
    fprintf(report, "%d entry %lu", tid, (unsigned long)info->entry.nr);
    for (int i = 0; i < 6; i++)
      fprintf(report, " %lx", (unsigned long)args[i]);
    tell_memory(tid);
  } else if (info->op == PTRACE_SYSCALL_INFO_EXIT && calls[tid % tracees].tid == tid) {
    fprintf(report, "%d exit %ld", tid, (long)info->exit.rval);
    tell_memory(tid);
  }
}

long ptrace(enum __ptrace_request request, ...) {
  va_list rest;
  va_start(rest, request);
  pid_t tid = va_arg(rest, pid_t);
  void *addr = va_arg(rest, void*), *data = va_arg(rest, void*);
  va_end(rest);
  long result = next((int)request, tid, addr, data);
  if (request == PTRACE_GET_SYSCALL_INFO && result > 0) tell_stop(tid, data);
  return result;
}
