// The part of CBOR (RFC 8949) that the wire protocol uses: definite lengths, shortest integers, no tags, no
// floats.
#pragma once

#include <cstddef>
#include <cstdint>

namespace twin {

struct Bytes {
  uint8_t* data;
  size_t size;
};

// Reads one frame. What breaks the rules ends the session by `fail`, naming the frame and the field.
class CborReader {
public:
  CborReader(uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  // What is being read, for messages: "call", "fork"; a string that outlives the reader.
  void name(const char* frame) { frame_ = frame; }

  uint64_t read_uint(const char* field) { return head(0, field, "an unsigned integer"); }
  Bytes read_bytes(const char* field);
  uint64_t read_array(const char* field) { return head(4, field, "an array"); }
  void expect_end();

private:
  uint64_t head(unsigned major, const char* field, const char* wanted);
  void need(uint64_t count, const char* field);

  uint8_t* at_;
  uint8_t* end_;
  const char* frame_ = "frame";
};

// The longest head: the initial byte and 64 bits.
constexpr size_t kMaxHead = 9;

// Write at `to`, which has room for kMaxHead, and return the byte after what was written.
uint8_t* write_uint(uint8_t* to, uint64_t value);
uint8_t* write_int(uint8_t* to, int64_t value);
uint8_t* write_bytes_head(uint8_t* to, uint64_t size);
uint8_t* write_text_head(uint8_t* to, uint64_t size);
uint8_t* write_array(uint8_t* to, uint64_t count);

} // namespace twin
