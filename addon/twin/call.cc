#include "call.h"
#include "interruptible.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace twin {

namespace {

uint64_t allowed[kNumbers / 64];

// Pieces of a reply up to this size are copied behind its head; larger ones are sent from where they are.
constexpr size_t kCopied = 512;

// A counted segment comes back only as far as the kernel has written it, so clearing it serves nothing but
// padding within (getdents64(2)); a large one is a bulk read, where the time would show.
constexpr size_t kClearedCounted = 64 << 10;

bool is_success(int64_t result) {
  return result >= 0 || result < -4095;
}

bool waits_for_nobody(mode_t mode) {
  return S_ISREG(mode) || S_ISDIR(mode);
}

// If stat fails, so does the call, at once: there is no such descriptor or no way to the path.
bool may_block_on_descriptor(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && !waits_for_nobody(status.st_mode);
}

bool may_block_on_path(int directory, uint64_t path) {
  struct stat status;
  return fstatat(directory, reinterpret_cast<const char*>(path), &status, 0) == 0 &&
         !waits_for_nobody(status.st_mode);
}

void store_address(CallFrame& call, const Segment& segment) {
  auto address = reinterpret_cast<uint64_t>(segment.address);
  if (segment.slot < 6)
    call.args[segment.slot] = address;
  else // byte strings of a frame are not aligned
    memcpy(call.segments[(segment.slot >> 16) - 1].address + (segment.slot & 0xffff), &address,
           sizeof address);
}

// What a file may want that is opened with O_DIRECT (open(2)): whole sectors, at an address of that kind.
constexpr size_t kSector = 512;

bool is_of_sectors(const Segment& segment) {
  return segment.direction == Direction::in && segment.size > 0 && segment.size % kSector == 0;
}

// Moves in segments of whole sectors to aligned memory. False if there is none.
bool align_inputs(Workplace& place) {
  CallFrame& call = place.call;
  size_t total = 0;
  for (uint32_t i = 0; i < call.segment_count; i++)
    if (is_of_sectors(call.segments[i])) total += call.segments[i].size;
  if (total == 0) return false;
  uint8_t* room = place.aligned.reserve(total);
  for (uint32_t i = 0; i < call.segment_count; i++) {
    Segment& segment = call.segments[i];
    if (!is_of_sectors(segment)) continue;
    memcpy(room, segment.address, segment.size);
    segment.address = room;
    room += segment.size;
    store_address(call, segment);
  }
  return true;
}

// Collects a reply: small things go to `heads`, large ones are pieces of their own.
class ReplyWriter {
public:
  explicit ReplyWriter(Workplace& place) : place_(place), at_(place.heads + kLengthPrefix) {
    place.pieces[0] = {place.heads, kLengthPrefix};
  }

  uint8_t* head() { return at_; }
  void head_end(uint8_t* end) { take(end - at_); }

  // `heads_to_come`: how many more byte strings follow, whose heads need room.
  void bytes(uint8_t* data, size_t size, size_t heads_to_come) {
    head_end(write_bytes_head(at_, size));
    size_t room = place_.heads + sizeof place_.heads - at_;
    if (size <= kCopied && size + (heads_to_come + 1) * kMaxHead <= room) {
      memcpy(at_, data, size);
      take(size);
    } else {
      place_.pieces[++last_] = {data, size};
      in_heads_ = false;
    }
  }

  void send(bool may_wait) { send_frame(place_.pieces, last_ + 1, may_wait); }

private:
  void take(size_t size) {
    if (!in_heads_) place_.pieces[++last_] = {at_, 0};
    in_heads_ = true;
    place_.pieces[last_].iov_len += size;
    at_ += size;
  }

  Workplace& place_;
  uint8_t* at_;
  size_t last_ = 0;
  bool in_heads_ = true;
};

static_assert(sizeof Workplace::heads > (kMaxSegments + 4) * kMaxHead, "all heads of a reply fit");

} // namespace

const volatile int kNeverCancelled = 0;

void allow_number(uint64_t number) {
  allowed[number / 64] |= 1ull << (number % 64);
}

bool is_allowed(uint64_t number) {
  return number < kNumbers && (allowed[number / 64] >> (number % 64) & 1);
}

void lay_out(Workplace& place, uint8_t* frame) {
  CallFrame& call = place.call;
  uint8_t* room = place.arena.reserve(call.arena_bytes);
  for (uint32_t i = 0; i < call.segment_count; i++) {
    Segment& segment = call.segments[i];
    if (travels_in(segment.direction)) {
      segment.address = frame + segment.in_offset;
    } else {
      segment.address = room;
      room += segment.size;
      if (segment.direction == Direction::out || segment.size <= kClearedCounted)
        memset(segment.address, 0, segment.size);
    }
    store_address(call, segment);
  }
}

bool may_block(Workplace& place, uint8_t* frame) {
  CallFrame& call = place.call;
  if (call.blocking < 2) return call.blocking == 1;
  if (call.blocking < 8) return may_block_on_descriptor(static_cast<int>(call.args[call.blocking - 2]));
  lay_out(place, frame);
  uint64_t directory = (call.blocking - 8) >> 3;
  return may_block_on_path(directory == 6 ? AT_FDCWD : static_cast<int>(call.args[directory]),
                           call.args[(call.blocking - 8) & 7]);
}

long execute(Workplace& place, const volatile int* cancelled) {
  CallFrame& call = place.call;
  long result = rsc_interruptible_syscall(cancelled, static_cast<long>(call.number), call.args);
  // Nothing has been done, and the bytes stand somewhere in a frame: that alone may be what is invalid.
  if (result == -EINVAL && align_inputs(place))
    result = rsc_interruptible_syscall(cancelled, static_cast<long>(call.number), call.args);
  return result;
}

void reply(Workplace& place, int64_t result, bool may_wait) {
  const CallFrame& call = place.call;
  size_t strings = is_success(result) ? call.reply_strings : 0;
  ReplyWriter writer(place);
  uint8_t* end = write_array(writer.head(), 3 + strings);
  end = write_uint(end, 2);
  end = write_uint(end, call.stream);
  writer.head_end(write_int(end, result));

  auto counted = static_cast<uint64_t>(result);
  for (const Segment* segment = call.segments; strings > 0; segment++) {
    if (!travels_out(segment->direction)) continue;
    size_t size = segment->size;
    if (segment->direction == Direction::counted) {
      size = counted < size ? counted : size;
      counted -= size;
    }
    writer.bytes(segment->address, size, --strings);
  }
  writer.send(may_wait);
}

void send_pong(uint64_t token) {
  uint8_t frame[kLengthPrefix + 3 * kMaxHead];
  uint8_t* end = write_array(frame + kLengthPrefix, 2);
  end = write_uint(end, 7);
  end = write_uint(end, token);
  iovec piece{frame, static_cast<size_t>(end - frame)};
  send_frame(&piece, 1);
}

} // namespace twin
