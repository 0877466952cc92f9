// The limits of the wire protocol (packages/core/src/protocol/limits.ts) and the executor's own.
#pragma once

#include <cstddef>
#include <cstdint>

namespace twin {

constexpr size_t kMaxPayload = 1 << 20;
constexpr size_t kMaxFrame = kMaxPayload + (64 << 10);
constexpr size_t kMaxSegments = 1024 + 8;

// A twin costs a thread, a descriptor table and 100 KiB of address space: enough for a large build, no fork
// bomb.
constexpr size_t kMaxTwins = 4096;

// Session descriptors stay below this number where RLIMIT_NOFILE permits, as small as on a fresh process.
constexpr int kSocketNumber = 900;

// System call numbers are below this on every architecture that rsc knows (x86_64 ends at 334 + 424..., arm64
// alike).
constexpr size_t kNumbers = 1024;

} // namespace twin
