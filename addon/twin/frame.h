// The frames that a client may send once the session is open (packages/core/src/protocol/protocol.cddl).
#pragma once

#include "limits.h"

namespace twin {

enum class FrameType : uint64_t { call = 1, fork = 3, exit = 4, cancel = 5, ping = 6, goodbye = 8 };

enum class Direction : uint8_t { in, out, inout, counted };

constexpr bool travels_in(Direction d) {
  return d == Direction::in || d == Direction::inout;
}
constexpr bool travels_out(Direction d) {
  return d != Direction::in;
}

struct Segment {
  uint32_t slot;
  uint32_t size;
  uint32_t in_offset; // in, inout: where in the frame its bytes are
  Direction direction;
  uint8_t* address; // given by Call::lay_out
};

// A parsed call. Large, mostly untouched: one for each thread, never on a stack.
struct CallFrame {
  uint64_t stream;
  uint64_t twin;
  uint64_t number;
  uint64_t blocking;
  uint64_t args[6];
  uint32_t segment_count;
  uint32_t reply_strings; // how many segments travel out
  size_t arena_bytes;     // out and counted: what the arena has to hold
  Segment segments[kMaxSegments];
};

struct Fork {
  uint64_t parent;
  uint64_t child;
  uint64_t share;
};

constexpr uint64_t kShareFiles = 1;
constexpr uint64_t kShareFs = 2;

struct Frame {
  FrameType type;
  union {
    Fork fork;
    uint64_t twin;   // exit
    uint64_t stream; // cancel
    uint64_t token;  // ping
  };
};

// Parses `size` bytes. The fields of a call go to `call`. A violation ends the session.
Frame parse_frame(uint8_t* data, size_t size, CallFrame& call);

} // namespace twin
