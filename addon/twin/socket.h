// The session's connection: frames in, frames out.
#pragma once

#include "cbor.h"

#include <sys/uio.h>

namespace twin {

// Takes the connection over under a high number, so that sessions get small descriptor numbers; the file
// status flags become those of blocking I/O. Returns 0 or an errno. Call once, before any thread exists.
int adopt_connection(int fd);

// Waits for one whole frame and returns it in the shared receive buffer, where it stays until
// `consume_frame`. A second call before that returns the same frame. Only the leader may call these two. At
// the end of the connection the process ends.
Bytes receive_frame();
void consume_frame();

// Whether another whole frame stands behind the one that `receive_frame` returned. For the leader.
bool frame_follows();

// Sends the pieces as one frame, uninterrupted by other threads'; fills in the length, for which the first
// piece must have kLengthPrefix bytes of room. Changes `pieces`. A small frame that `may_wait` goes out with
// the next one that may not, or when the leader waits for the client: each send wakes the client.
constexpr size_t kLengthPrefix = 4;
void send_frame(iovec* pieces, size_t count, bool may_wait = false);
void flush_replies();

// For `fail` alone: sends a last frame within a deadline, and waits likewise for the peer to take notice.
void send_last_frame(iovec piece);

} // namespace twin
