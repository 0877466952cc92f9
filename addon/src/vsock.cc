// Sockets between virtual machines (vsock(7)): connected, or listened on.
#include "connect.h"
#include "kernel.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

namespace rsc {
namespace {

sockaddr_vm Place(Napi::Value cid, uint32_t port) {
  sockaddr_vm place = {};
  place.svm_family = AF_VSOCK;
  place.svm_cid = cid.As<Napi::Number>().Uint32Value();
  place.svm_port = port;
  return place;
}

const sockaddr* Generic(const sockaddr_vm& place) {
  return reinterpret_cast<const sockaddr*>(&place);
}

// A new socket that has the place. Throws with the step and errno.
int Bound(Napi::Env env, const sockaddr_vm& place, int flags) {
  int handle = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (handle < 0) ThrowErrno(env, "socket", errno);
  if (bind(handle, Generic(place), sizeof place) == 0) return handle;
  int error = errno;
  close(handle);
  ThrowErrno(env, "bind", error);
}

// connectVsock(from, cid, port, timeoutMs): a connected, blocking socket, whose own CID is `from`.
Napi::Value ConnectVsock(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int timeoutMs = info[3].As<Napi::Number>().Int32Value();
  int handle = Bound(env, Place(info[0], VMADDR_PORT_ANY), 0);
  // The kernel's own limit is 2 s.
  timeval limit{timeoutMs / 1000, (timeoutMs % 1000) * 1000};
  setsockopt(handle, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit, sizeof limit);
  sockaddr_vm peer = Place(info[1], info[2].As<Napi::Number>().Uint32Value());
  return Number(env, Connect(env, handle, Generic(peer), sizeof peer, timeoutMs));
}

// listenVsock(cid, port, backlog): {socket, port} of a listening socket that does not block; port 0 takes a
// free one.
Napi::Value ListenVsock(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  uint32_t port = info[1].As<Napi::Number>().Uint32Value();
  sockaddr_vm place = Place(info[0], port == 0 ? VMADDR_PORT_ANY : port);
  int handle = Bound(env, place, SOCK_NONBLOCK);
  socklen_t length = sizeof place;
  if (listen(handle, info[2].As<Napi::Number>().Int32Value()) != 0 ||
      getsockname(handle, reinterpret_cast<sockaddr*>(&place), &length) != 0) {
    int error = errno;
    close(handle);
    ThrowErrno(env, "listen", error);
  }
  Napi::Object listening = Napi::Object::New(env);
  listening.Set("socket", Number(env, handle));
  listening.Set("port", Number(env, place.svm_port));
  return listening;
}

// acceptVsock(socket): {socket, cid, port} of a connection; -errno when there is none.
Napi::Value AcceptVsock(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  sockaddr_vm peer = {};
  socklen_t length = sizeof peer;
  int handle;
  do
    handle = accept4(info[0].As<Napi::Number>().Int32Value(), reinterpret_cast<sockaddr*>(&peer), &length,
                     SOCK_CLOEXEC);
  while (handle < 0 && errno == EINTR);
  if (handle < 0) return Number(env, -errno);
  Napi::Object accepted = Napi::Object::New(env);
  accepted.Set("socket", Number(env, handle));
  accepted.Set("cid", Number(env, peer.svm_cid));
  accepted.Set("port", Number(env, peer.svm_port));
  return accepted;
}

} // namespace

void RegisterVsock(Napi::Env env, Napi::Object exports) {
  exports.Set("connectVsock", Napi::Function::New(env, ConnectVsock));
  exports.Set("listenVsock", Napi::Function::New(env, ListenVsock));
  exports.Set("acceptVsock", Napi::Function::New(env, AcceptVsock));
}

} // namespace rsc
