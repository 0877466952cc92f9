// Tells JavaScript when a descriptor can be read or written, by the event loop of its thread: for descriptors
// of which Node itself knows nothing.
#include "kernel.h"
#include <uv.h>

namespace rsc {
namespace {

// new Readiness(descriptor, ready): ready(readable, writable) is called as long as one of the two is wanted
// and there. To be closed before the descriptor is.
class Readiness : public Napi::ObjectWrap<Readiness> {
public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Readiness",
        {InstanceMethod("want", &Readiness::Want), InstanceMethod("close", &Readiness::Close)});
  }

  explicit Readiness(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<Readiness>(info), context_(info.Env(), "rsc.Readiness") {
    Napi::Env env = info.Env();
    uv_loop_t* loop;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) ThrowErrno(env, "event loop", ENOSYS);
    poll_ = new uv_poll_t;
    if (int error = uv_poll_init(loop, poll_, info[0].As<Napi::Number>().Int32Value()); error != 0) {
      delete poll_;
      ThrowErrno(env, "poll", -error);
    }
    poll_->data = this;
    ready_ = Napi::Persistent(info[1].As<Napi::Function>());
    // What is polled lives on when JavaScript has lost it, as the sockets of Node do.
    Ref();
    napi_add_env_cleanup_hook(env, CloseAtEnd, this);
  }

private:
  // want(readable, writable): what is waited for from now on; while it is something, the process does not
  // end.
  Napi::Value Want(const Napi::CallbackInfo& info) {
    if (poll_ == nullptr) throw Napi::TypeError::New(info.Env(), "the readiness has been closed");
    int events = (info[0].As<Napi::Boolean>().Value() ? UV_READABLE : 0) |
                 (info[1].As<Napi::Boolean>().Value() ? UV_WRITABLE : 0);
    int result = events == 0 ? uv_poll_stop(poll_) : uv_poll_start(poll_, events, OnReady);
    return Number(info.Env(), result);
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    if (poll_ != nullptr) {
      napi_remove_env_cleanup_hook(info.Env(), CloseAtEnd, this);
      ClosePoll();
      Unref();
    }
    return info.Env().Undefined();
  }

  void ClosePoll() {
    uv_close(reinterpret_cast<uv_handle_t*>(poll_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
    poll_ = nullptr;
  }

  static void CloseAtEnd(void* self) { static_cast<Readiness*>(self)->ClosePoll(); }

  // An error of the descriptor is told as all that can be wanted: reading and writing say which it is.
  static void OnReady(uv_poll_t* poll, int status, int events) {
    auto* self = static_cast<Readiness*>(poll->data);
    Napi::Env env = self->Env();
    Napi::HandleScope scope(env);
    bool readable = status < 0 || (events & UV_READABLE);
    bool writable = status < 0 || (events & UV_WRITABLE);
    try {
      self->ready_.MakeCallback(self->Value(),
                                {Napi::Boolean::New(env, readable), Napi::Boolean::New(env, writable)},
                                self->context_);
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());
    }
  }

  uv_poll_t* poll_ = nullptr;
  Napi::FunctionReference ready_;
  Napi::AsyncContext context_;
};

} // namespace

void RegisterReadiness(Napi::Env env, Napi::Object exports) {
  exports.Set("Readiness", Readiness::Define(env));
}

} // namespace rsc
