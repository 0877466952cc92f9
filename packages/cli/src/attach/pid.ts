import { RscError } from '@rsc/core/errors';

/** The largest process id of any kernel (PID_MAX_LIMIT). */
const MAX_PID = 1 << 22;

/** The id of a process, as a user writes it. Throws RSC_OPTION_INVALID. */
export function parsePid(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid > 0 && pid <= MAX_PID) return pid;
  throw new RscError(
    'RSC_OPTION_INVALID',
    `${JSON.stringify(text)} is not the id of a process`,
    'see which processes there are: ps -e',
  );
}
