// Leader and followers (Schmidt et al., "Leader/Followers", 2000): exactly one thread reads the connection;
// it executes what cannot block itself, and passes the leadership on before anything else.
#pragma once

#include "twin.h"

namespace twin {

// The life of a thread: follows orders until it has to leave.
void work(Thread& self);

} // namespace twin
