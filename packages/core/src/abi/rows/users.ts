/** Users, groups and capabilities: of the tracee, unless the user asks for the server's by name. */
import {
  looks,
  addr,
  call,
  caveat,
  i32,
  local,
  namedOnly,
  outStruct,
  u64,
  value,
  zero,
} from '../vocabulary.js';

const twinKeeps = caveat('the twin keeps its user, groups and capabilities');

export const users = {
  getuid: call({}, value, namedOnly, looks),
  geteuid: call({}, value, namedOnly, looks),
  getgid: call({}, value, namedOnly, looks),
  getegid: call({}, value, namedOnly, looks),
  getresuid: call(
    { ruid: outStruct('int'), euid: outStruct('int'), suid: outStruct('int') },
    zero,
    namedOnly,
    looks,
  ),
  getresgid: call(
    { rgid: outStruct('int'), egid: outStruct('int'), sgid: outStruct('int') },
    zero,
    namedOnly,
    looks,
  ),
  getgroups: call({ size: i32, list: addr }, value, local, looks),
  setuid: call({ uid: i32 }, zero, local, twinKeeps),
  setgid: call({ gid: i32 }, zero, local, twinKeeps),
  setreuid: call({ ruid: i32, euid: i32 }, zero, local, twinKeeps),
  setregid: call({ rgid: i32, egid: i32 }, zero, local, twinKeeps),
  setresuid: call({ ruid: i32, euid: i32, suid: i32 }, zero, local, twinKeeps),
  setresgid: call({ rgid: i32, egid: i32, sgid: i32 }, zero, local, twinKeeps),
  setfsuid: call({ fsuid: i32 }, value, local, twinKeeps),
  setfsgid: call({ fsgid: i32 }, value, local, twinKeeps),
  setgroups: call({ size: u64, list: addr }, zero, local, twinKeeps),
  capget: call({ hdrp: addr, datap: addr }, zero, local, looks),
  capset: call({ hdrp: addr, datap: addr }, zero, local, twinKeeps),
};
