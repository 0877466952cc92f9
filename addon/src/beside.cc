#include "beside.h"
#include "probe-child.h"
#include <deque>
#include <dlfcn.h>
#include <spawn.h>

namespace rsc {

std::string PathBeside(const char* program) {
  Dl_info self;
  dladdr(reinterpret_cast<const void*>(&PathBeside), &self);
  std::string path = self.dli_fname;
  return path.substr(0, path.rfind('/') + 1) + program;
}

int StartBeside(const char* program, const std::vector<std::string>& arguments,
                const std::vector<int>& descriptors, const sigset_t& blocked, pid_t& started) {
  const std::string path = PathBeside(program);
  std::vector<char*> words{const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  char* none = nullptr;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Copies beyond the numbers that are given, none of which is taken before it has been copied.
  const int beyond = firstGiven + static_cast<int>(descriptors.size());
  std::deque<Descriptor> copies;
  int error = 0;
  for (int descriptor : descriptors) {
    const Descriptor& copy = copies.emplace_back(fcntl(descriptor, F_DUPFD_CLOEXEC, beyond));
    if (copy.number() < 0 && error == 0) error = errno;
    const int given = firstGiven + static_cast<int>(copies.size()) - 1;
    posix_spawn_file_actions_adddup2(&actions, copy.number(), given);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  if (error == 0) error = posix_spawn(&started, path.c_str(), &actions, &attributes, words.data(), &none);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

} // namespace rsc
