/** Signals: between the processes of the tracee's machine. */
import {
  vetoedBy,
  addr,
  call,
  failsWhenStopped,
  fd,
  flags,
  i32,
  inStruct,
  local,
  never,
  resumes,
  u32,
  u64,
  value,
  zero,
} from '../vocabulary.js';

const sig = flags('SIG');

export const signals = {
  kill: call({ pid: i32, sig }, zero, local, vetoedBy('task_kill')),
  tkill: call({ tid: i32, sig }, zero, local, vetoedBy('task_kill')),
  tgkill: call({ tgid: i32, tid: i32, sig }, zero, local, vetoedBy('task_kill')),
  pidfd_send_signal: call({ pidfd: fd, sig, info: addr, flags: u32 }, zero, local, vetoedBy('task_kill')),
  rt_sigqueueinfo: call({ tgid: i32, sig, info: addr }, zero, local, vetoedBy('task_kill')),
  rt_tgsigqueueinfo: call({ tgid: i32, tid: i32, sig, info: addr }, zero, local, vetoedBy('task_kill')),
  rt_sigaction: call({ signum: sig, act: addr, oldact: addr, sigsetsize: u64 }, zero, local),
  rt_sigprocmask: call({ how: i32, set: addr, oldset: addr, sigsetsize: u64 }, zero, local),
  rt_sigpending: call({ set: addr, sigsetsize: u64 }, zero, local),
  rt_sigsuspend: call({ mask: addr, sigsetsize: u64 }, value, local),
  rt_sigtimedwait: call(
    { set: addr, info: addr, timeout: inStruct('timespec'), sigsetsize: u64 },
    value,
    local,
    failsWhenStopped,
  ),
  rt_sigreturn: call({}, never, local),
  sigaltstack: call({ ss: addr, old_ss: addr }, zero, local),
  pause: call({}, value, local),
  restart_syscall: call({}, value, local, resumes),
};
