#include "socket.h"
#include "failure.h"
#include "limits.h"

#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace twin {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLastWords = std::chrono::seconds(1);

int connection = -1;
std::timed_mutex sending;

// Two frames: what follows a frame is moved to the front at most once for each frame of full size.
constexpr size_t kCapacity = 2 * (kLengthPrefix + kMaxFrame);
uint8_t received[kCapacity];
size_t received_begin = 0;
size_t received_end = 0;

// Replies that wait for one more to be sent with; guarded by `sending`.
constexpr size_t kHeldCapacity = 16 << 10;
uint8_t held[kHeldCapacity];
size_t held_size = 0;

bool wait_for(short events, int timeout_ms) {
  pollfd entry{connection, events, 0};
  int ready;
  do
    ready = poll(&entry, 1, timeout_ms);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

int ms_until(Clock::time_point deadline) {
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

// The parent process shares the file status flags and may set O_NONBLOCK again, so EAGAIN has to be survived
// anyway.
bool try_again(int error, short events) {
  if (error == EAGAIN) wait_for(events, -1);
  return error == EAGAIN || error == EINTR;
}

size_t length_at(const uint8_t* at) {
  return static_cast<size_t>(at[0]) << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

void put_length(uint8_t* at, size_t length) {
  for (int i = 0; i < 4; i++)
    at[i] = length >> (24 - 8 * i);
}

// Drops `sent` bytes from the front of the pieces.
void advance(iovec*& pieces, size_t& count, size_t sent) {
  while (count > 0 && sent >= pieces->iov_len) {
    sent -= pieces->iov_len;
    pieces++;
    count--;
  }
  if (sent > 0) {
    pieces->iov_base = static_cast<uint8_t*>(pieces->iov_base) + sent;
    pieces->iov_len -= sent;
  }
}

// With `sending` locked.
void send_all(iovec* pieces, size_t count) {
  while (count > 0) {
    msghdr message = {};
    message.msg_iov = pieces;
    message.msg_iovlen = count < IOV_MAX ? count : IOV_MAX;
    ssize_t sent = sendmsg(connection, &message, MSG_NOSIGNAL);
    if (sent >= 0)
      advance(pieces, count, sent);
    else if (!try_again(errno, POLLOUT))
      _exit(0); // the client has gone
  }
}

// With `sending` locked.
void send_held() {
  iovec piece{held, held_size};
  if (held_size > 0) send_all(&piece, 1);
  held_size = 0;
}

// With `sending` locked: whether there was room.
bool hold(const iovec* pieces, size_t count, size_t length) {
  if (length > kHeldCapacity - held_size) return false;
  for (size_t i = 0; i < count; i++) {
    memcpy(held + held_size, pieces[i].iov_base, pieces[i].iov_len);
    held_size += pieces[i].iov_len;
  }
  return true;
}

void receive_more(size_t whole) {
  flush_replies();
  size_t have = received_end - received_begin;
  if (have == 0) {
    received_begin = received_end = 0;
  } else if (received_begin + whole > kCapacity) {
    memmove(received, received + received_begin, have);
    received_begin = 0;
    received_end = have;
  }
  ssize_t n;
  do
    n = recv(connection, received + received_end, kCapacity - received_end, 0);
  while (n < 0 && try_again(errno, POLLIN));
  if (n == 0 && have > 0)
    fail(kViolation, "cannot read frame: the connection ended after %zu of its bytes", have);
  if (n <= 0) _exit(0); // the client has gone
  received_end += n;
}

} // namespace

int adopt_connection(int fd) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return errno;
  bool low = limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= kSocketNumber;
  connection = fcntl(fd, F_DUPFD_CLOEXEC, low ? static_cast<int>(limit.rlim_cur) - 1 : kSocketNumber);
  if (connection < 0) return errno;
  close(fd);
  int flags = fcntl(connection, F_GETFL);
  if (flags < 0 || fcntl(connection, F_SETFL, flags & ~O_NONBLOCK) < 0) return errno;
  int on = 1; // each reply is awaited; not every connection is TCP, so failure is no matter
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return 0;
}

Bytes receive_frame() {
  while (received_end - received_begin < kLengthPrefix)
    receive_more(kLengthPrefix);
  size_t length = length_at(received + received_begin);
  if (length == 0 || length > kMaxFrame)
    fail(kViolation, "cannot read frame: its length %zu is not within 1 and %zu", length, kMaxFrame);
  while (received_end - received_begin < kLengthPrefix + length)
    receive_more(kLengthPrefix + length);
  return {received + received_begin + kLengthPrefix, length};
}

void consume_frame() {
  received_begin += kLengthPrefix + length_at(received + received_begin);
}

bool frame_follows() {
  const uint8_t* next = received + received_begin + kLengthPrefix + length_at(received + received_begin);
  size_t have = received + received_end - next;
  return have >= kLengthPrefix && have >= kLengthPrefix + length_at(next);
}

void send_frame(iovec* pieces, size_t count, bool may_wait) {
  size_t length = 0;
  for (size_t i = 0; i < count; i++)
    length += pieces[i].iov_len;
  put_length(static_cast<uint8_t*>(pieces->iov_base), length - kLengthPrefix);

  std::lock_guard<std::timed_mutex> lock(sending);
  if (may_wait && hold(pieces, count, length)) return;
  send_held();
  send_all(pieces, count);
}

void flush_replies() {
  std::lock_guard<std::timed_mutex> lock(sending);
  send_held();
}

void send_last_frame(iovec piece) {
  auto deadline = Clock::now() + kLastWords;
  put_length(static_cast<uint8_t*>(piece.iov_base), piece.iov_len - kLengthPrefix);
  // A thread that does not come to the end of its own frame leaves no place for another; then the silence
  // must do.
  if (!sending.try_lock_until(deadline)) return;
  auto* at = static_cast<uint8_t*>(piece.iov_base);
  while (piece.iov_len > 0 && wait_for(POLLOUT, ms_until(deadline))) {
    ssize_t sent = send(connection, at, piece.iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    if (sent > 0) {
      at += sent;
      piece.iov_len -= sent;
    }
  }
  // Closing with unread input makes TCP send a reset, which can overtake the frame (RFC 1122
  // section 4.2.2.13). So read until the peer has closed. The lock stays taken: nothing follows a failure.
  shutdown(connection, SHUT_WR);
  uint8_t unread[4096];
  while (wait_for(POLLIN, ms_until(deadline)) && recv(connection, unread, sizeof unread, MSG_DONTWAIT) > 0) {
  }
}

} // namespace twin
