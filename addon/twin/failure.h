// How the executor gives up: one `failure` frame to the peer, then the end of the process.
#pragma once

namespace twin {

constexpr char kViolation[] = "RSC_PROTOCOL_VIOLATION";
constexpr char kExecutorFailed[] = "RSC_EXECUTOR_FAILED";
constexpr char kServerFull[] = "RSC_SERVER_FULL";

// Sends [9, code, message] and ends the process with status 1. From then on no thread sends anything.
[[noreturn]] void fail(const char* code, const char* format, ...) __attribute__((format(printf, 2, 3)));

} // namespace twin
