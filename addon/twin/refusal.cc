#include "refusal.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace twin {

static int control = -1;

void set_control(int fd) {
  control = fd;
}

// A server that has gone reads neither line; the session then ends with the connection.
static void write_line(const char* line, size_t size) {
  if (write(control, line, size) < 0) _exit(1);
}

void refuse(const char* code, int error, const char* format, ...) {
  char reason[4096];
  va_list values;
  va_start(values, format);
  vsnprintf(reason, sizeof reason, format, values);
  va_end(values);
  const char* name = strerrorname_np(error);
  char line[sizeof reason + 128];
  int size =
      snprintf(line, sizeof line, "%s %s returned %s\n", code, reason, name ? name : "an unknown error");
  // One line is promised, and a path may hold a line feed.
  for (int i = 0; i < size - 1; i++)
    if (line[i] == '\n') line[i] = '?';
  write_line(line, size);
  _exit(1);
}

void announce_ready() {
  write_line("ready\n", 6);
  close(control);
}

} // namespace twin
