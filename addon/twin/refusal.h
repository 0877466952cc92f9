// Why a sandbox could not be built: told to the server on the control descriptor, in one line.
#pragma once

namespace twin {

constexpr char kSandboxDenied[] = "RSC_SANDBOX_DENIED";
constexpr char kRootInvalid[] = "RSC_ROOT_INVALID";

// Where `refuse` and `announce_ready` write.
void set_control(int fd);

// Writes "CODE message: ERRNO" and ends the process with status 1. `error` is the errno of what `format`
// names.
[[noreturn]] void refuse(const char* code, int error, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

// Writes "ready" and closes the control descriptor.
void announce_ready();

} // namespace twin
