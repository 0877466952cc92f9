// rsc-twin: executes the system calls of one session, within a sandbox. The server starts it with the
// session's connection, after the handshake, and it knows no system call by name: which numbers a session may
// use is the server's list, what their arguments mean is the client's knowledge, and what they may reach is
// up to the kernel.

#include "call.h"
#include "filter.h"
#include "interruptible.h"
#include "leader.h"
#include "options.h"
#include "refusal.h"
#include "sandbox.h"
#include "socket.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

using namespace twin;

// A session must not find anything of the server's, by whatever number.
static void close_all_but(int a, int b) {
  unsigned low = std::min(a, b), high = std::max(a, b);
  close_range(3, low - 1, 0);
  close_range(low + 1, high - 1, 0);
  close_range(high + 1, ~0u, 0);
}

static void silence_stdio() {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0)
    refuse(kSandboxDenied, errno,
           "cannot keep the session from the server's standard streams: open of /dev/null");
  for (int fd = 0; fd < 3; fd++)
    dup2(null, fd);
  if (null > 2) close(null);
}

static void set_up_signals() {
  // These come from calls, which answer with an errno as well (EPIPE, EFBIG), or from descriptors (F_SETOWN):
  // the client gives its tracee the signals that are due.
  for (int number : {SIGPIPE, SIGXFSZ, SIGIO, SIGURG})
    signal(number, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (int error = rsc::install_interrupt(SIGRTMIN))
    refuse(kSandboxDenied, error, "cannot make calls interruptible: sigaction");
}

int main(int argc, char** argv) {
  Options options = parse_options(argc, argv);
  set_control(options.control);
  close_all_but(options.socket, options.control);
  if (int error = adopt_connection(options.socket))
    refuse(kSandboxDenied, error, "cannot take over descriptor %d as the connection: fcntl", options.socket);
  silence_stdio();
  set_up_signals();
  enter_sandbox(options);
  for (unsigned number : options.allow)
    allow_number(number);
  install_filter(options.allow);
  announce_ready();

  Thread& self = *found_registry();
  hand_over(self, *find_twin(0));
  work(self);
}
