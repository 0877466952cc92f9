// One call: its memory, its execution, its reply.
#pragma once

#include "arena.h"
#include "frame.h"
#include "socket.h"

namespace twin {

// What one thread needs to execute calls. All zero at first; large and mostly untouched, so it belongs into a
// mapping.
struct Workplace {
  CallFrame call;
  Arena arena;      // out and counted segments
  Arena aligned;    // in segments, for files that want their memory aligned
  Arena frame_copy; // the frame of a call that outlives the leader's receive buffer
  uint8_t heads[16 << 10];
  iovec pieces[2 * kMaxSegments + 1];
};

// Which numbers a session may use. The seccomp filter is what enforces it; this answers for the numbers that
// the filter has to allow because the executor itself needs them.
void allow_number(uint64_t number);
bool is_allowed(uint64_t number);

// Gives every segment of the call its memory: bytes that came in stay where they are in `frame`, the rest
// goes to the arena; stores the addresses. May be repeated, with another `frame`.
void lay_out(Workplace& place, uint8_t* frame);

// May the call block (see `blocking` in the protocol)? Lays it out if it has to look at a path.
bool may_block(Workplace& place, uint8_t* frame);

// Executes the call that is laid out. Returns the raw result; -EINTR when `*cancelled` becomes not 0 and it
// is signalled.
long execute(Workplace& place, const volatile int* cancelled);
extern const volatile int kNeverCancelled;

// Sends the result and what comes out. `may_wait`: see `send_frame`.
void reply(Workplace& place, int64_t result, bool may_wait = false);
void send_pong(uint64_t token);

} // namespace twin
