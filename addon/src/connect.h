// How the addon connects a socket of any family.
#pragma once
#include <napi.h>
#include <sys/socket.h>

namespace rsc {

// Connects within timeoutMs; the socket is blocking afterwards. Throws with the step and errno; closes on
// failure.
int Connect(Napi::Env env, int socket, const sockaddr* address, socklen_t length, int timeoutMs);

} // namespace rsc
