#include "cbor.h"
#include "failure.h"

namespace twin {

void CborReader::need(uint64_t count, const char* field) {
  if (count > static_cast<uint64_t>(end_ - at_))
    fail(kViolation, "cannot read %s: %s goes beyond the end of the frame", frame_, field);
}

uint64_t CborReader::head(unsigned major, const char* field, const char* wanted) {
  need(1, field);
  unsigned initial = *at_++;
  unsigned info = initial & 31;
  if (initial >> 5 != major) fail(kViolation, "cannot read %s: %s is not %s", frame_, field, wanted);
  if (info < 24) return info;
  if (info > 27) fail(kViolation, "cannot read %s: %s has no definite length", frame_, field);
  unsigned width = 1u << (info - 24);
  need(width, field);
  uint64_t value = 0;
  for (unsigned i = 0; i < width; i++)
    value = value << 8 | *at_++;
  // The least value that needs `width` bytes (RFC 8949 section 4.2.1).
  uint64_t least = width == 1 ? 24 : 1ull << (width * 4);
  if (value < least) fail(kViolation, "cannot read %s: %s is not in its shortest form", frame_, field);
  return value;
}

Bytes CborReader::read_bytes(const char* field) {
  uint64_t size = head(2, field, "a byte string");
  need(size, field);
  Bytes bytes{at_, static_cast<size_t>(size)};
  at_ += size;
  return bytes;
}

void CborReader::expect_end() {
  if (at_ != end_) fail(kViolation, "cannot read %s: %td bytes follow its array", frame_, end_ - at_);
}

static uint8_t* write_head(uint8_t* to, unsigned major, uint64_t value) {
  unsigned info = value < 24            ? value
                  : value <= 0xff       ? 24
                  : value <= 0xffff     ? 25
                  : value <= 0xffffffff ? 26
                                        : 27;
  *to++ = major << 5 | info;
  if (info < 24) return to;
  for (int shift = (8 << (info - 24)) - 8; shift >= 0; shift -= 8)
    *to++ = value >> shift;
  return to;
}

uint8_t* write_uint(uint8_t* to, uint64_t value) {
  return write_head(to, 0, value);
}

uint8_t* write_int(uint8_t* to, int64_t value) {
  return value < 0 ? write_head(to, 1, ~static_cast<uint64_t>(value)) : write_head(to, 0, value);
}

uint8_t* write_bytes_head(uint8_t* to, uint64_t size) {
  return write_head(to, 2, size);
}

uint8_t* write_text_head(uint8_t* to, uint64_t size) {
  return write_head(to, 3, size);
}

uint8_t* write_array(uint8_t* to, uint64_t count) {
  return write_head(to, 4, count);
}

} // namespace twin
