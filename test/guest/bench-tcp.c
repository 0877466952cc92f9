// Raw TCP on the loopback, blocking, C on both sides: what any remote call costs at least.
// Prints the nanoseconds of a 64-byte round trip, and of a MiB in writes of 128 KiB, five times each.
#include "bench-loopback.h"

enum { small = 64, round_trips = 20000, large = 128 << 10, megabytes = 512 };

static char buffer[large];

static void send_all(int fd, size_t size) {
  for (size_t done = 0; done < size;)
    done += (size_t)must(send(fd, buffer + done, size - done, 0));
}

static void receive_all(int fd, size_t size) {
  for (size_t done = 0; done < size;) {
    long count = must(recv(fd, buffer, size - done < large ? size - done : large, 0));
    if (count == 0) exit(0);
    done += (size_t)count;
  }
}

static void answer(int fd) {
  for (int run = 0; run < runs; run++) {
    for (int i = 0; i < round_trips; i++) {
      receive_all(fd, small);
      send_all(fd, small);
    }
  }
  for (int run = 0; run < runs; run++) {
    receive_all(fd, (size_t)megabytes << 20);
    send_all(fd, 1);
  }
  exit(0);
}

static void round_trip(void* socket) {
  send_all(*(int*)socket, small);
  receive_all(*(int*)socket, small);
}

static void stream(void* socket) {
  for (int i = 0; i < megabytes * 8; i++)
    send_all(*(int*)socket, large);
  receive_all(*(int*)socket, 1);
}

int main(void) {
  int client = connect_child(answer);
  measure("round-trip", round_trips, 1, round_trip, &client);
  measure("stream", 1, megabytes, stream, &client);
  return 0;
}
