// A compiled object file of bpf/, opened.
#pragma once
#include "failure.h"
#include <bpf/libbpf.h>

namespace loader {

class Object {
public:
  Object(const char* name, const char* begin, const char* end) {
    bpf_object_open_opts options = {};
    options.sz = sizeof options;
    options.object_name = name;
    object_ = bpf_object__open_mem(begin, static_cast<size_t>(end - begin), &options);
    if (object_ == nullptr) throw Failure{std::string("opening the eBPF object ") + name, errno};
  }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  bpf_object* get() const { return object_; }
  bpf_program* program() const { return bpf_object__next_program(object_, nullptr); }

private:
  bpf_object* object_; // until the process ends
};

} // namespace loader
