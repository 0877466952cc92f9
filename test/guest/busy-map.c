// busy-map: writes an eBPF map of its own, again and again, until it is killed: bpf(2) keeps programs of the
// perf tracepoints from the CPU meanwhile.
#include "guest.h"
#include <linux/bpf.h>
#include <sys/syscall.h>

static long bpf(int command, union bpf_attr* attributes) {
  return must(syscall(SYS_bpf, command, attributes, sizeof *attributes));
}

int main(void) {
  static char value[1 << 16];
  int key = 0;
  union bpf_attr map = {
      .map_type = BPF_MAP_TYPE_ARRAY, .key_size = sizeof key, .value_size = sizeof value, .max_entries = 1};
  int made = (int)bpf(BPF_MAP_CREATE, &map);
  union bpf_attr written = {.map_fd = made, .key = (unsigned long)&key, .value = (unsigned long)value};
  begin();
  for (;;)
    bpf(BPF_MAP_UPDATE_ELEM, &written);
}
