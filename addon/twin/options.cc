#include "options.h"
#include "limits.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace twin {

namespace {

constexpr char kUsage[] = "usage: rsc-twin --socket FD --control FD --root DIR [--read-only] --allow N,N,...";

[[noreturn]] void usage(const char* problem, const char* detail) {
  fprintf(stderr, "rsc-twin: %s: %s\n%s\n", problem, detail, kUsage);
  _exit(2);
}

// The digits at `text`; `end` is set behind them.
unsigned long parse_number(const char* text, const char** end, const char* option) {
  char* after;
  errno = 0;
  unsigned long value = strtoul(text, &after, 10);
  if (after == text || *text < '0' || *text > '9' || errno) usage(option, "a decimal number is missing");
  *end = after;
  return value;
}

int parse_descriptor(const char* text, const char* option) {
  const char* end;
  unsigned long value = parse_number(text, &end, option);
  if (*end || value < 3 || value > INT_MAX) // 0 to 2 become /dev/null
    usage(option, "the descriptor is not a number above 2");
  return static_cast<int>(value);
}

std::vector<unsigned> parse_numbers(const char* text) {
  std::vector<unsigned> numbers;
  for (const char* at = text;; at++) {
    unsigned long value = parse_number(at, &at, "--allow");
    if (value >= kNumbers || (*at && *at != ','))
      usage("--allow", "the list has something that is no system call number");
    numbers.push_back(static_cast<unsigned>(value));
    if (!*at) return numbers;
  }
}

} // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i++) {
    const char* name = argv[i];
    if (!strcmp(name, "--read-only")) {
      options.read_only = true;
      continue;
    }
    if (i + 1 == argc) usage("the option is unknown or has no value", name);
    const char* value = argv[++i];
    if (!strcmp(name, "--socket"))
      options.socket = parse_descriptor(value, name);
    else if (!strcmp(name, "--control"))
      options.control = parse_descriptor(value, name);
    else if (!strcmp(name, "--root"))
      options.root = value;
    else if (!strcmp(name, "--allow"))
      options.allow = parse_numbers(value);
    else
      usage("the option is unknown", name);
  }
  if (options.socket < 0 || options.control < 0 || options.socket == options.control)
    usage("--socket and --control", "two descriptors are needed");
  if (options.root.empty()) usage("--root", "a directory is needed");
  if (options.allow.empty()) // a session without a filter would have every system call that the server has
    usage("--allow", "a list of system call numbers is needed");
  return options;
}

} // namespace twin
