/** The seccomp(2) filter of a tracee: classic BPF over struct seccomp_data (linux/seccomp.h, linux/filter.h). */

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_ABOVE = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const JUMP_IF_BITS = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

const ALLOW = 0x7fff0000;
const TRACE = 0x7ff00000;

const offsetOfNumber = 0;
const offsetOfArch = 4;
/** Offset of the low half of argument i on a little-endian machine. */
const offsetOfArgument = (index: number) => 16 + 8 * index;

const auditArch: Readonly<Record<string, number>> = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** A call that is let pass when any of `bits` is set in its argument `argument`. */
export interface PassCondition {
  readonly argument: number;
  readonly bits: number;
}

/**
 * Builds the filter that stops the thread (SECCOMP_RET_TRACE) at each call in `trapped`, at each call above
 * `lastKnown`, which no row describes, and at each call of another architecture; all others pass without a stop.
 */
export function buildFilter(
  arch: 'x86_64' | 'aarch64',
  trapped: ReadonlyMap<number, PassCondition | undefined>,
  lastKnown: number,
): Buffer {
  const plain = [...trapped].filter(([, condition]) => condition === undefined).map(([number]) => number);
  const conditional = [...trapped].flatMap(([number, condition]) =>
    condition ? [{ number, ...condition }] : [],
  );
  const program: Instruction[] = [
    [LOAD, 0, 0, offsetOfArch],
    [JUMP_EQUAL, 1, 0, auditArch[arch] ?? 0],
    [RETURN, 0, 0, TRACE],
    [LOAD, 0, 0, offsetOfNumber],
    [JUMP_ABOVE, 0, 1, lastKnown],
    [RETURN, 0, 0, TRACE],
    ...conditional.flatMap(({ number, argument, bits }): Instruction[] => [
      [JUMP_EQUAL, 0, 4, number],
      [LOAD, 0, 0, offsetOfArgument(argument)],
      [JUMP_IF_BITS, 0, 1, bits],
      [RETURN, 0, 0, ALLOW],
      [RETURN, 0, 0, TRACE],
    ]),
    ...plain.flatMap((number): Instruction[] => [
      [JUMP_EQUAL, 0, 1, number],
      [RETURN, 0, 0, TRACE],
    ]),
    [RETURN, 0, 0, ALLOW],
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
