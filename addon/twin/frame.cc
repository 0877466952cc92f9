#include "frame.h"
#include "cbor.h"
#include "failure.h"

#include <cstring>

namespace twin {

namespace {

constexpr uint64_t kCallFields = 7;

void expect_count(const char* frame, uint64_t count, uint64_t wanted) {
  if (count != wanted)
    fail(kViolation, "cannot read %s: its array has %ju elements instead of %ju", frame, count, wanted);
}

// Size is the whole of a frame at most, so sums of 1032 of them do not overflow.
void read_segment(CborReader& reader, CallFrame& call, uint32_t index) {
  expect_count("call: a segment", reader.read_array("a segment"), 3);
  uint64_t slot = reader.read_uint("a segment's slot");
  uint64_t direction = reader.read_uint("a segment's direction");
  uint64_t size = reader.read_uint("a segment's size");
  if (direction > static_cast<uint64_t>(Direction::counted))
    fail(kViolation, "cannot read call: segment %u has the unknown direction %ju", index, direction);
  if (size > kMaxFrame)
    fail(kViolation, "cannot read call: segment %u of %ju bytes is larger than a frame", index, size);
  if (slot >= 6) {
    uint64_t parent = (slot >> 16) - 1; // slots 6..65535 wrap to a parent that cannot be
    uint64_t offset = slot & 0xffff;
    if (parent >= index)
      fail(kViolation, "cannot read call: segment %u has slot %ju, which is no earlier segment", index, slot);
    const Segment& holder = call.segments[parent];
    if (!travels_in(holder.direction) || offset + sizeof(uint64_t) > holder.size)
      fail(kViolation, "cannot read call: the address of segment %u does not fit into segment %ju", index,
           parent);
  }
  call.segments[index] = {static_cast<uint32_t>(slot), static_cast<uint32_t>(size), 0,
                          static_cast<Direction>(direction), nullptr};
}

void check_blocking(uint64_t blocking) {
  bool known = blocking < 8 || (blocking - 8 < 8 * 7 && (blocking & 7) < 6);
  if (!known) fail(kViolation, "cannot read call: blocking is %ju, which has no meaning", blocking);
}

// Counts what the segments need, and refuses what no reply frame could carry back.
void measure(CallFrame& call) {
  size_t total = 0;
  size_t reply = 1 + 3 * kMaxHead;
  call.reply_strings = 0;
  call.arena_bytes = 0;
  for (uint32_t i = 0; i < call.segment_count; i++) {
    const Segment& segment = call.segments[i];
    total += segment.size;
    if (!travels_out(segment.direction)) continue;
    call.reply_strings++;
    reply += segment.size + 5; // a byte string's head below 4 GiB has 5 bytes at most
    if (segment.direction != Direction::inout) call.arena_bytes += segment.size;
  }
  if (total > kMaxFrame || reply > kMaxFrame)
    fail(kViolation, "cannot lay out call: its segments of %zu bytes do not fit into a frame of %zu", total,
         kMaxFrame);
}

void read_call(CborReader& reader, uint64_t count, const uint8_t* base, CallFrame& call) {
  if (count < kCallFields)
    fail(kViolation, "cannot read call: its array has %ju elements, fewer than %ju", count, kCallFields);
  call.stream = reader.read_uint("stream");
  call.twin = reader.read_uint("twin");
  call.number = reader.read_uint("number");
  call.blocking = reader.read_uint("blocking");
  check_blocking(call.blocking);
  Bytes args = reader.read_bytes("args");
  if (args.size != sizeof call.args)
    fail(kViolation, "cannot read call: args has %zu bytes instead of %zu", args.size, sizeof call.args);
  memcpy(call.args, args.data, args.size);

  uint64_t segments = reader.read_array("segments");
  if (segments > kMaxSegments)
    fail(kViolation, "cannot read call: it has %ju segments, more than %zu", segments, kMaxSegments);
  call.segment_count = segments;
  uint64_t strings = 0;
  for (uint32_t i = 0; i < call.segment_count; i++) {
    read_segment(reader, call, i);
    strings += travels_in(call.segments[i].direction);
  }
  measure(call);

  expect_count("call", count, kCallFields + strings);
  for (uint32_t i = 0; i < call.segment_count; i++) {
    Segment& segment = call.segments[i];
    if (!travels_in(segment.direction)) continue;
    Bytes bytes = reader.read_bytes("a segment's bytes");
    if (bytes.size != segment.size)
      fail(kViolation, "cannot read call: segment %u of %u bytes comes with %zu", i, segment.size,
           bytes.size);
    segment.in_offset = bytes.data - base;
  }
}

Fork read_fork(CborReader& reader) {
  Fork fork;
  fork.parent = reader.read_uint("parent");
  fork.child = reader.read_uint("child");
  fork.share = reader.read_uint("share");
  if (fork.share > (kShareFiles | kShareFs))
    fail(kViolation, "cannot read fork: share is %ju, which has no meaning", fork.share);
  return fork;
}

} // namespace

Frame parse_frame(uint8_t* data, size_t size, CallFrame& call) {
  CborReader reader(data, size);
  uint64_t count = reader.read_array("its content");
  Frame frame;
  frame.type = static_cast<FrameType>(reader.read_uint("the type"));
  switch (frame.type) {
  case FrameType::call:
    reader.name("call");
    read_call(reader, count, data, call);
    break;
  case FrameType::fork:
    reader.name("fork");
    expect_count("fork", count, 4);
    frame.fork = read_fork(reader);
    break;
  case FrameType::exit:
    reader.name("exit");
    expect_count("exit", count, 2);
    frame.twin = reader.read_uint("twin");
    break;
  case FrameType::cancel:
    reader.name("cancel");
    expect_count("cancel", count, 2);
    frame.stream = reader.read_uint("stream");
    break;
  case FrameType::ping:
    reader.name("ping");
    expect_count("ping", count, 2);
    frame.token = reader.read_uint("token");
    break;
  case FrameType::goodbye:
    reader.name("goodbye");
    expect_count("goodbye", count, 1);
    break;
  default:
    fail(kViolation, "cannot read frame: its type %ju is not one that a client sends in a session",
         static_cast<uint64_t>(frame.type));
  }
  reader.expect_end();
  return frame;
}

} // namespace twin
