// The tracer's end of a connection: connected by address, then sent to and received from by the tracer's own
// thread.
#include "connect.h"
#include "kernel.h"
#include "listener.h"
#include "../twin/interruptible.h"
#include <arpa/inet.h>
#include <chrono>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace rsc {

int Connect(Napi::Env env, int socket, const sockaddr* address, socklen_t length, int timeoutMs) {
  if (socket < 0) ThrowErrno(env, "socket", errno);
  fcntl(socket, F_SETFL, O_NONBLOCK);
  int error = connect(socket, address, length) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd wanted{socket, POLLOUT, 0};
    int ready;
    do
      ready = poll(&wanted, 1, timeoutMs);
    while (ready < 0 && errno == EINTR);
    socklen_t size = sizeof error;
    if (ready <= 0)
      error = ready == 0 ? ETIMEDOUT : errno;
    else if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = errno;
  }
  if (error != 0) {
    close(socket);
    ThrowErrno(env, "connect", error);
  }
  fcntl(socket, F_SETFL, 0);
  return socket;
}

namespace {

// connectTcp(ip, port, timeoutMs): a connected, blocking socket. ip is a numeric IPv4 or IPv6 address.
Napi::Value ConnectTcp(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string ip = info[0].As<Napi::String>().Utf8Value();
  uint16_t port = htons(static_cast<uint16_t>(info[1].As<Napi::Number>().Uint32Value()));
  int timeoutMs = info[2].As<Napi::Number>().Int32Value();
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = port;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = port;
  bool isV4 = inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1;
  if (!isV4 && inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) != 1)
    throw Napi::TypeError::New(env, "not a numeric address: " + ip);
  const sockaddr* address = isV4 ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
  int handle = socket(isV4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Connect(env, handle, address, isV4 ? sizeof v4 : sizeof v6, timeoutMs);
  int on = 1;
  setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return Number(env, handle);
}

// connectUnix(path, timeoutMs): a connected, blocking socket.
Napi::Value ConnectUnix(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string path = info[0].As<Napi::String>().Utf8Value();
  int timeoutMs = info[1].As<Napi::Number>().Int32Value();
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) ThrowErrno(env, "connect", ENAMETOOLONG);
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  int handle = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return Number(env, Connect(env, handle, reinterpret_cast<sockaddr*>(&address), sizeof address, timeoutMs));
}

// setReceiveTimeout(socket, ms): how long receive() waits; 0 is for ever. 0 or -errno.
Napi::Value SetReceiveTimeout(const Napi::CallbackInfo& info) {
  long ms = info[1].As<Napi::Number>().Int64Value();
  timeval time{ms / 1000, (ms % 1000) * 1000};
  return Number(info.Env(), KernelResult(setsockopt(info[0].As<Napi::Number>().Int32Value(), SOL_SOCKET,
                                                    SO_RCVTIMEO, &time, sizeof time)));
}

// setInterrupting(socket, on): whether bytes that arrive interrupt the thread that prepare() named. 0 or
// -errno.
Napi::Value SetInterrupting(const Napi::CallbackInfo& info) {
  int on = info[1].As<Napi::Boolean>().Value();
  long result = KernelResult(ioctl(info[0].As<Napi::Number>().Int32Value(), FIOASYNC, &on));
  // Bytes that have come already send no signal.
  if (on) interrupted = 1;
  return Number(info.Env(), result);
}

uint8_t* Bytes(const Napi::CallbackInfo& info, size_t& length) {
  Napi::Uint8Array buffer = info[1].As<Napi::Uint8Array>();
  size_t offset = info[2].As<Napi::Number>().Uint32Value();
  length = info[3].As<Napi::Number>().Uint32Value();
  if (offset > buffer.ByteLength() || length > buffer.ByteLength() - offset)
    throw Napi::TypeError::New(info.Env(), "the bytes end behind the buffer");
  return buffer.Data() + offset;
}

// send(socket, buffer, offset, length): how many bytes the socket took, 0 when it is full, or -errno.
Napi::Value Send(const Napi::CallbackInfo& info) {
  size_t length;
  const uint8_t* bytes = Bytes(info, length);
  ssize_t sent;
  do
    sent = send(info[0].As<Napi::Number>().Int32Value(), bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EAGAIN) sent = 0;
  return Number(info.Env(), KernelResult(sent));
}

// receive(socket, buffer, offset, length, block): how many bytes came, 0 at the end of the stream, -EAGAIN
// when none came (not blocking, interrupted, or the time of setReceiveTimeout is over), or -errno.
Napi::Value Receive(const Napi::CallbackInfo& info) {
  size_t length;
  uint8_t* bytes = Bytes(info, length);
  bool block = info[4].As<Napi::Boolean>().Value();
  if (block) WatchTracees();
  const volatile int never = 0;
  const uint64_t arguments[6] = {static_cast<uint64_t>(info[0].As<Napi::Number>().Int32Value()),
                                 reinterpret_cast<uint64_t>(bytes),
                                 length,
                                 block ? 0 : static_cast<uint64_t>(MSG_DONTWAIT),
                                 0,
                                 0};
  long received;
  do
    received = rsc_interruptible_syscall(block ? &interrupted : &never, SYS_recvfrom, arguments);
  while (received == -EINTR && !(block && interrupted));
  if (received == -EINTR) received = -EAGAIN;
  // A full buffer may have left bytes behind, for which no signal will come.
  if (received == static_cast<long>(length)) interrupted = 1;
  return Number(info.Env(), received);
}

// awaitWritable(socket): waits until the socket takes or has bytes; awaitReadable(socket): until it has
// bytes, or has ended. Whatever tracees do. 0 or -errno.
template <short events> Napi::Value Await(const Napi::CallbackInfo& info) {
  pollfd wanted{info[0].As<Napi::Number>().Int32Value(), events, 0};
  int ready;
  do
    ready = poll(&wanted, 1, -1);
  while (ready < 0 && errno == EINTR);
  return Number(info.Env(), ready < 0 ? -errno : 0);
}

// receiveLine(socket, buffer, timeoutMs): takes bytes up to and with the first line feed, and none that
// follow: how many they are; 0 when the stream ended before; -ETIMEDOUT; -EMSGSIZE when the buffer is full;
// or -errno.
Napi::Value ReceiveLine(const Napi::CallbackInfo& info) {
  using Clock = std::chrono::steady_clock;
  int handle = info[0].As<Napi::Number>().Int32Value();
  Napi::Uint8Array buffer = info[1].As<Napi::Uint8Array>();
  auto deadline = Clock::now() + std::chrono::milliseconds(info[2].As<Napi::Number>().Int32Value());
  for (size_t length = 0; length < buffer.ByteLength();) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wanted{handle, POLLIN, 0};
    int ready = poll(&wanted, 1, left > 0 ? static_cast<int>(left) : 0);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return Number(info.Env(), ready == 0 ? -ETIMEDOUT : -errno);
    ssize_t received = recv(handle, buffer.Data() + length, 1, MSG_DONTWAIT);
    if (received < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (received <= 0) return Number(info.Env(), KernelResult(received));
    if (buffer[length++] == '\n') return Number(info.Env(), static_cast<long>(length));
  }
  return Number(info.Env(), -EMSGSIZE);
}

// finishSending(socket): the peer sees the end of the stream, and may go on sending. 0 or -errno.
Napi::Value FinishSending(const Napi::CallbackInfo& info) {
  return Number(info.Env(), KernelResult(shutdown(info[0].As<Napi::Number>().Int32Value(), SHUT_WR)));
}

// hangUp(socket): ends the connection and closes it. 0 or -errno.
Napi::Value HangUp(const Napi::CallbackInfo& info) {
  int handle = info[0].As<Napi::Number>().Int32Value();
  shutdown(handle, SHUT_RDWR);
  return Number(info.Env(), KernelResult(close(handle)));
}

} // namespace

void RegisterSocket(Napi::Env env, Napi::Object exports) {
  exports.Set("connectTcp", Napi::Function::New(env, ConnectTcp));
  exports.Set("connectUnix", Napi::Function::New(env, ConnectUnix));
  exports.Set("setReceiveTimeout", Napi::Function::New(env, SetReceiveTimeout));
  exports.Set("setInterrupting", Napi::Function::New(env, SetInterrupting));
  exports.Set("send", Napi::Function::New(env, Send));
  exports.Set("receive", Napi::Function::New(env, Receive));
  exports.Set("awaitWritable", Napi::Function::New(env, Await<POLLIN | POLLOUT>));
  exports.Set("awaitReadable", Napi::Function::New(env, Await<POLLIN>));
  exports.Set("receiveLine", Napi::Function::New(env, ReceiveLine));
  exports.Set("finishSending", Napi::Function::New(env, FinishSending));
  exports.Set("hangUp", Napi::Function::New(env, HangUp));
}

} // namespace rsc
