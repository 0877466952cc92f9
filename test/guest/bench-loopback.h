// A TCP connection on the loopback between this process and a child of it.
#pragma once

#include "bench.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static inline int without_delay(int fd) {
  int on = 1;
  must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  return fd;
}

// Starts a child that runs `answer`, which does not return, on its end; gives this end back.
static inline int connect_child(void (*answer)(int)) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int listener = (int)must(socket(AF_INET, SOCK_STREAM, 0));
  must(bind(listener, (struct sockaddr*)&address, sizeof address));
  must(listen(listener, 1));
  must(getsockname(listener, (struct sockaddr*)&address, &length));
  if (fork() == 0) answer(without_delay((int)must(accept(listener, NULL, NULL))));
  int client = without_delay((int)must(socket(AF_INET, SOCK_STREAM, 0)));
  must(connect(client, (struct sockaddr*)&address, sizeof address));
  return client;
}
