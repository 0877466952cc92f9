import { errnoName } from '../abi/errno.js';
import type { Call } from './call.js';

/** Tells the operator of a call that rsc did not run, once for each syscall. */
export type WarnOnce = (call: Call, errno: number, because: string) => void;

export function warnOnce(write: (line: string) => void): WarnOnce {
  const told = new Set<string>();
  return (call, errno, because) => {
    if (told.has(call.name)) return;
    told.add(call.name);
    write(
      `rsc: warning: ${call.name} in process ${call.thread.process.pid} answered ${errnoName(errno)}: ${because}`,
    );
  };
}
