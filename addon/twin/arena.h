// Memory for the segments of one call at a time, kept from call to call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace twin {

class Arena {
public:
  // At least `size` bytes, whose content is unspecified; what was reserved before is gone. Behind them no
  // page is mapped, so that a call with a length beyond its segment runs into EFAULT.
  uint8_t* reserve(size_t size) { return size <= size_ ? base_ : grow(size); }
  void release();

private:
  uint8_t* grow(size_t size);

  uint8_t* base_;
  size_t size_;
};

} // namespace twin
