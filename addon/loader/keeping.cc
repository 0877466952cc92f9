#include "keeping.h"
#include "failure.h"
#include <cerrno>
#include <fcntl.h>
#include <spawn.h>

namespace loader {

void StartKeeper(const std::string& keeper, const Channel& channel, const Kept& kept) {
  std::vector<int> descriptors{channel.socket(), kept.tracer, kept.groups, kept.marks};
  descriptors.insert(descriptors.end(), kept.links.begin(), kept.links.end());
  std::vector<std::string> words{keeper, "programs"};
  for (int descriptor : descriptors) {
    fcntl(descriptor, F_SETFD, 0);
    words.push_back(std::to_string(descriptor));
  }
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  char* none = nullptr;
  pid_t started;
  if (int error = posix_spawn(&started, keeper.c_str(), nullptr, nullptr, arguments.data(), &none))
    throw Failure{"starting " + keeper, error};
}

} // namespace loader
