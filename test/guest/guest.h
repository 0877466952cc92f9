// What every guest program shares: it does something and prints what it saw, so that a run natively and a run
// under rsc can be compared line by line.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// Prints the call as it is written, and its result or the name of its errno; gives the result back.
#define show(call) show_result(#call, (errno = 0, (long)(call)))

static inline long show_result(const char* call, long result) {
  if (result == -1 && errno != 0)
    printf("%s = %s\n", call, strerrorname_np(errno));
  else
    printf("%s = %ld\n", call, result);
  return result;
}

// Each line goes out at once: a child made by fork(2) must not print its parent's lines again.
static inline void begin(void) {
  setvbuf(stdout, NULL, _IOLBF, 1 << 16);
}

// Ends the program when a call that only prepares the scene fails.
#define must(call) must_result(#call, (long)(call))

static inline long must_result(const char* call, long result) {
  if (result != -1) return result;
  fprintf(stderr, "%s failed: %s\n", call, strerrorname_np(errno));
  exit(99);
}

// Makes a file with this text.
static inline void put(const char* path, const char* text) {
  int fd = (int)must(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  must(write(fd, text, strlen(text)));
  must(close(fd));
}

// Prints what a file holds, as one line.
static inline void cat(const char* path) {
  char text[512];
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, strerrorname_np(errno));
    return;
  }
  ssize_t count = must(read(fd, text, sizeof text));
  must(close(fd));
  printf("%s: \"%.*s\"\n", path, (int)count, text);
}

// Waits for a child and prints how it ended.
static inline void reap(const char* name, pid_t child) {
  int status = 0;
  must(waitpid(child, &status, 0));
  if (WIFSIGNALED(status))
    printf("%s: ended by signal %d\n", name, WTERMSIG(status));
  else
    printf("%s: exit status %d\n", name, WEXITSTATUS(status));
}
