// How the kernel runs programs at the entry of calls.
#pragma once

namespace loader {

// Whether a task can be preempted in a tracing program there, as far as is known. Throws Failure.
bool EntryIsPreemptible();

} // namespace loader
