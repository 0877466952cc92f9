#include "leader.h"
#include "failure.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace twin {

namespace {

// What became of the thread that handled a frame.
enum class Next { lead, idle, leave };

Twin& known_twin(uint64_t id, const char* frame) {
  Twin* twin = find_twin(id);
  if (!twin) fail(kViolation, "cannot do %s: there is no twin %ju", frame, id);
  return *twin;
}

// The frame goes along, unconsumed: the other thread finds it in the receive buffer.
Next hand_over_to(Thread& self, Twin& twin) {
  hand_over(self, twin);
  return Next::idle;
}

void execute_inline(Workplace& place, uint8_t* frame) {
  lay_out(place, frame);
  long result = execute(place, &kNeverCancelled);
  reply(place, result, frame_follows());
  consume_frame();
}

bool has_bytes(const CallFrame& call) {
  for (uint32_t i = 0; i < call.segment_count; i++)
    if (travels_in(call.segments[i].direction)) return true;
  return false;
}

Next execute_apart(Thread& self, Bytes frame) {
  Workplace& place = self.place;
  uint8_t* copy = frame.data;
  if (has_bytes(place.call)) {
    copy = place.frame_copy.reserve(frame.size);
    memcpy(copy, frame.data, frame.size);
  }
  lay_out(place, copy);
  consume_frame();
  enlist(self);
  promote(*self.twin);
  // From here on this thread is no leader.
  long result = execute(place, &self.cancelled);
  if (retire(self)) reply(place, result);
  return rest(self) ? Next::idle : Next::leave;
}

Next on_call(Thread& self, Bytes frame) {
  Workplace& place = self.place;
  Twin& twin = known_twin(place.call.twin, "call");
  if (&twin != self.twin) return hand_over_to(self, twin);
  if (has_call_in_flight(place.call.stream))
    fail(kViolation, "cannot do call: stream %ju has a call in flight", place.call.stream);
  if (!is_allowed(place.call.number)) {
    reply(place, -ENOSYS);
    consume_frame();
    return Next::lead;
  }
  if (may_block(place, frame.data)) return execute_apart(self, frame);
  execute_inline(place, frame.data);
  return Next::lead;
}

Next on_fork(Thread& self, const Fork& fork) {
  Twin& parent = known_twin(fork.parent, "fork");
  if (find_twin(fork.child)) fail(kViolation, "cannot do fork: there is a twin %ju already", fork.child);
  if (&parent != self.twin) return hand_over_to(self, parent);
  fork_twin(fork);
  consume_frame();
  return Next::lead;
}

Next on_exit(Thread& self, uint64_t id) {
  Twin& twin = known_twin(id, "exit");
  bool own = &twin == self.twin;
  flush_replies(); // the end may be waited for
  end_twin(self, twin);
  consume_frame();
  if (!own) return Next::lead;
  promote(*twin_of_last_resort());
  return Next::leave;
}

Next handle_frame(Thread& self) {
  Bytes data = receive_frame();
  Frame frame = parse_frame(data.data, data.size, self.place.call);
  switch (frame.type) {
  case FrameType::call:
    return on_call(self, data);
  case FrameType::fork:
    return on_fork(self, frame.fork);
  case FrameType::exit:
    return on_exit(self, frame.twin);
  case FrameType::cancel:
    cancel(frame.stream);
    break;
  case FrameType::ping:
    send_pong(frame.token);
    break;
  case FrameType::goodbye:
    _exit(0);
  }
  consume_frame();
  return Next::lead;
}

} // namespace

void work(Thread& self) {
  Next next = Next::idle;
  while (next != Next::leave) {
    if (next == Next::idle && await_order(self) == Order::leave) return;
    next = handle_frame(self);
  }
}

} // namespace twin
