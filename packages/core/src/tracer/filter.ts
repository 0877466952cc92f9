/** The seccomp(2) filter of a tracee: classic BPF over struct seccomp_data (linux/seccomp.h, linux/filter.h). */

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_ABOVE = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const JUMP_IF_BITS = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

/** SECCOMP_RET_* (linux/seccomp.h). */
const Verdict = { allow: 0x7fff0000, stop: 0x7ff00000, notify: 0x7fc00000 } as const;

const offsetOfNumber = 0;
const offsetOfArch = 4;
/** Offset of the low half of argument i on a little-endian machine. */
const offsetOfArgument = (index: number) => 16 + 8 * index;

const auditArch: Readonly<Record<string, number>> = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** How a call is caught: by a notice to the tracer, or by a ptrace stop, in which the thread can do something else. */
export interface Trap {
  readonly by: 'notify' | 'stop';
  /** The call is let pass when any of `bits` is set in its argument `argument`. */
  readonly unless?: { readonly argument: number; readonly bits: number } | undefined;
}

/**
 * Which calls are caught: those in `caught` by number and, in the way `others`, each above `lastKnown`, which no row
 * describes, and each of another architecture.
 */
export interface Traps {
  readonly caught: ReadonlyMap<number, Trap>;
  readonly others: Trap['by'];
  readonly lastKnown: number;
}

/** Builds the filter that catches these calls; all others pass without a stop. */
export function buildFilter(arch: 'x86_64' | 'aarch64', { caught, others, lastKnown }: Traps): Buffer {
  const program: Instruction[] = [
    [LOAD, 0, 0, offsetOfArch],
    [JUMP_EQUAL, 1, 0, auditArch[arch] ?? 0],
    [RETURN, 0, 0, Verdict[others]],
    [LOAD, 0, 0, offsetOfNumber],
    [JUMP_ABOVE, 0, 1, lastKnown],
    [RETURN, 0, 0, Verdict[others]],
    ...[...caught].flatMap(([number, trap]) => instructionsOf(number, trap)),
    [RETURN, 0, 0, Verdict.allow],
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, operand], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  });
  return bytes;
}

function instructionsOf(number: number, { by, unless }: Trap): readonly Instruction[] {
  const verdict: Instruction = [RETURN, 0, 0, Verdict[by]];
  if (unless === undefined) return [[JUMP_EQUAL, 0, 1, number], verdict];
  return [
    [JUMP_EQUAL, 0, 4, number],
    [LOAD, 0, 0, offsetOfArgument(unless.argument)],
    [JUMP_IF_BITS, 0, 1, unless.bits],
    [RETURN, 0, 0, Verdict.allow],
    verdict,
  ];
}
