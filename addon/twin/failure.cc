#include "failure.h"
#include "cbor.h"
#include "socket.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace twin {

static uint8_t* write_text(uint8_t* to, const char* text, size_t size) {
  to = write_text_head(to, size);
  memcpy(to, text, size);
  return to + size;
}

void fail(const char* code, const char* format, ...) {
  char message[256];
  va_list values;
  va_start(values, format);
  int wanted = vsnprintf(message, sizeof message, format, values);
  va_end(values);
  size_t size = wanted < static_cast<int>(sizeof message) ? wanted : sizeof message - 1;

  uint8_t frame[kLengthPrefix + 3 * kMaxHead + 64 + sizeof message];
  uint8_t* end = write_array(frame + kLengthPrefix, 3);
  end = write_uint(end, 9);
  end = write_text(end, code, strlen(code));
  end = write_text(end, message, size);
  send_last_frame({frame, static_cast<size_t>(end - frame)});
  _exit(1);
}

} // namespace twin
