// What guest programs share that wait: a clock, threads that feed them later, handlers that count.
#pragma once

#include "guest.h"
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

// How often a handler has run since it was installed.
static volatile sig_atomic_t handled;

static inline long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static inline void rest(int milliseconds) {
  struct timespec time = {0, milliseconds * 1000000};
  nanosleep(&time, NULL);
}

static inline void drain(int fd) {
  char text[64];
  must(read(fd, text, sizeof text));
}

// Writes when the other thread is sure to wait already, or soon.
static inline void* feed(void* argument) {
  rest(60);
  must(write(*(int*)argument, "fed", 3));
  return NULL;
}

static inline pthread_t feeding(int* fd) {
  pthread_t thread;
  pthread_create(&thread, NULL, feed, fd);
  return thread;
}

static inline void count(int number) {
  (void)number;
  handled++;
}

static inline void on(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  must(sigaction(number, &action, NULL));
  handled = 0;
}

static inline void every(int milliseconds) {
  struct itimerval timer = {{0, milliseconds * 1000}, {0, milliseconds * 1000}};
  must(setitimer(ITIMER_REAL, &timer, NULL));
}

static inline void* kick(void* argument) {
  rest(60);
  kill(getpid(), SIGUSR1);
  rest(60);
  must(write(*(int*)argument, "fed", 3));
  return NULL;
}

static inline pthread_t kicking(int* fd) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_create(&thread, NULL, kick, fd);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return thread;
}
