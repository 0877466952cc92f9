/**
 * The closed list of what can go wrong for the operator. Codes are stable, messages are not.
 *
 * An errno that a tracee sees is never an RscError, and a programmer's mistake is a plain TypeError.
 */
export type RscErrorCode =
  | 'RSC_ADDRESS_INVALID'
  | 'RSC_ARCH_MISMATCH'
  | 'RSC_ATTACH_REFUSED'
  | 'RSC_CONNECTION_LOST'
  | 'RSC_CONNECT_FAILED'
  | 'RSC_DETACH_REFUSED'
  | 'RSC_ENGINE_UNAVAILABLE'
  | 'RSC_EXECUTOR_FAILED'
  | 'RSC_FILE_UNREADABLE'
  | 'RSC_FILE_UNWRITABLE'
  | 'RSC_LISTEN_FAILED'
  | 'RSC_LISTEN_UNSAFE'
  | 'RSC_NATIVE_MISSING'
  | 'RSC_OPTION_INVALID'
  | 'RSC_POLICY_INVALID'
  | 'RSC_POLICY_NOT_FOLLOWED'
  | 'RSC_PROGRAM_NOT_EXECUTABLE'
  | 'RSC_PROGRAM_NOT_FOUND'
  | 'RSC_PROTOCOL_VIOLATION'
  | 'RSC_PTRACE_DENIED'
  | 'RSC_ROOT_INVALID'
  | 'RSC_SANDBOX_DENIED'
  | 'RSC_SECCOMP_DENIED'
  | 'RSC_SERVER_FULL'
  | 'RSC_SESSION_REFUSED'
  | 'RSC_SESSION_SILENT'
  | 'RSC_SESSION_UNKNOWN'
  | 'RSC_SYSCALL_UNKNOWN'
  | 'RSC_TOKEN_MISSING'
  | 'RSC_TOKEN_WRONG'
  | 'RSC_VERSION_MISMATCH';

/**
 * An error for the operator: what could not be done, to which named thing, because of what.
 * `suggestion` is what to do next, in words or as a command that can be pasted.
 */
export class RscError extends Error {
  override readonly name = 'RscError';

  constructor(
    readonly code: RscErrorCode,
    message: string,
    readonly suggestion?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the operator wrote is wrong, whatever the machine is like. */
const usage: ReadonlySet<RscErrorCode> = new Set([
  'RSC_SYSCALL_UNKNOWN',
  'RSC_ADDRESS_INVALID',
  'RSC_OPTION_INVALID',
  'RSC_POLICY_INVALID',
]);

/** The exit status that `rsc` gives for an operator's error: as env(1) and strace(1) number them. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof RscError)) return 125;
  if (error.code === 'RSC_PROGRAM_NOT_FOUND') return 127;
  if (error.code === 'RSC_PROGRAM_NOT_EXECUTABLE') return 126;
  if (usage.has(error.code)) return 2;
  return 125;
}
