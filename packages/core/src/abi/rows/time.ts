/** Clocks: the tracee's own, unless the user asks for the server's by name. Timers and sleeping are local. */
import {
  looks,
  addr,
  call,
  caveat,
  flags,
  i32,
  inStruct,
  local,
  namedOnly,
  outStruct,
  u32,
  u64,
  value,
  zero,
} from '../vocabulary.js';

const clockid = flags('CLOCK_');
const vdso = caveat('most programs ask the vDSO, which is no system call');

export const time = {
  time: call({ tloc: outStruct('long') }, value, namedOnly, vdso, looks),
  gettimeofday: call({ tv: outStruct('timeval'), tz: outStruct('timezone') }, zero, namedOnly, vdso, looks),
  clock_gettime: call({ clockid, tp: outStruct('timespec') }, zero, namedOnly, vdso, looks),
  clock_getres: call({ clockid, res: outStruct('timespec') }, zero, namedOnly, vdso, looks),
  settimeofday: call({ tv: inStruct('timeval'), tz: inStruct('timezone') }, zero, local),
  clock_settime: call({ clockid, tp: inStruct('timespec') }, zero, local),
  adjtimex: call({ buf: addr }, value, local),
  clock_adjtime: call({ clockid, buf: addr }, value, local),
  nanosleep: call({ duration: inStruct('timespec'), rem: outStruct('timespec') }, zero, local),
  clock_nanosleep: call(
    { clockid, flags: u32, t: inStruct('timespec'), remain: outStruct('timespec') },
    zero,
    local,
  ),
  alarm: call({ seconds: u32 }, value, local),
  getitimer: call({ which: i32, curr_value: addr }, zero, local),
  setitimer: call({ which: i32, new_value: addr, old_value: addr }, zero, local),
  times: call({ buf: addr }, value, local),
  timer_create: call({ clockid, sevp: addr, timerid: addr }, zero, local),
  timer_settime: call({ timerid: u64, flags: u32, new_value: addr, old_value: addr }, zero, local),
  timer_gettime: call({ timerid: u64, curr_value: addr }, zero, local),
  timer_getoverrun: call({ timerid: u64 }, value, local),
  timer_delete: call({ timerid: u64 }, zero, local),
};
