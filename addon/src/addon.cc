#include "kernel.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  rsc::RegisterSpawn(env, exports);
  rsc::RegisterTrace(env, exports);
  rsc::RegisterMemory(env, exports);
  rsc::RegisterSocket(env, exports);
  rsc::RegisterVsock(env, exports);
  rsc::RegisterReadiness(env, exports);
  rsc::RegisterListener(env, exports);
  rsc::RegisterProbe(env, exports);
  rsc::RegisterClaims(env, exports);
  return exports;
}

NODE_API_MODULE(rsc, Init)
