#include "failure.h"
#include <bpf/libbpf.h>
#include <cstdio>

namespace loader {
namespace {

constexpr size_t longest = 16 * 1024;
std::string collected;

int Collect(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  char text[longest];
  int length = vsnprintf(text, sizeof text, format, arguments);
  collected += text;
  if (collected.size() > longest) collected.erase(0, collected.size() - longest);
  return length;
}

} // namespace

void CollectLog() {
  libbpf_set_print(Collect);
}

std::string Log() {
  return collected;
}

} // namespace loader
