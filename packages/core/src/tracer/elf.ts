/** What execve(2) reads of a program's file: elf(5), and for scripts the section "Interpreter scripts". */

/** The kernel looks at so much of a file to tell what it is (linux/binfmts.h: BINPRM_BUF_SIZE). */
export const HEAD_BYTES = 256;

const HEADER_BYTES = 64;
const MAGIC = 0x7f454c46;
const CLASS_64 = 2;
const PT_INTERP = 3;
/** Offsets in Elf64_Ehdr and Elf64_Phdr. */
const Header = { class: 4, tableOffset: 32, entryBytes: 54, entries: 56 } as const;
const Entry = { type: 0, offset: 8, fileBytes: 32 } as const;
const ENTRY_BYTES = 56;

/** Where a program names its interpreter: of its program header, and of the name. Offsets in the file. */
export interface InterpreterName {
  readonly entry: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Reads `length` bytes of the file at `offset`: fewer where it ends. */
export type ReadAt = (offset: number, length: number) => Buffer;

/** Where the 64-bit program names the interpreter that starts it; undefined for a static one, and for what is no program. */
export function interpreterNameIn(read: ReadAt): InterpreterName | undefined {
  const head = read(0, HEADER_BYTES);
  if (head.length < HEADER_BYTES || head.readUInt32BE() !== MAGIC || head[Header.class] !== CLASS_64)
    return undefined;
  if (head.readUInt16LE(Header.entryBytes) !== ENTRY_BYTES) return undefined;
  const start = Number(head.readBigUInt64LE(Header.tableOffset));
  const table = read(start, head.readUInt16LE(Header.entries) * ENTRY_BYTES);
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    if (table.readUInt32LE(at + Entry.type) !== PT_INTERP) continue;
    const offset = Number(table.readBigUInt64LE(at + Entry.offset));
    return { entry: start + at, offset, bytes: Number(table.readBigUInt64LE(at + Entry.fileBytes)) };
  }
  return undefined;
}

/** The fields of the program header that say where the name is, and where they belong: [offset, bytes]. */
export function pointingTo(
  { entry }: InterpreterName,
  offset: number,
  bytes: number,
): [offset: number, bytes: Buffer][] {
  return [
    [entry + Entry.offset, wordOf(offset)],
    [entry + Entry.fileBytes, wordOf(bytes)],
  ];
}

/** The first line of a script. */
export interface ScriptLine {
  readonly interpreter: string;
  /** All that stands behind the interpreter, as one word. */
  readonly argument: string | undefined;
}

/** Reads `#!` lines as the kernel does (fs/binfmt_script.c); undefined for what is no script, 'malformed' for ENOEXEC. */
export function scriptLineOf(head: Buffer): ScriptLine | 'malformed' | undefined {
  const text = head.toString('latin1');
  if (!text.startsWith('#!')) return undefined;
  const end = /[\n\0]/.exec(text)?.index;
  const line = text.slice(2, end).replace(/^[ \t]+/, '');
  const match = /^([^ \t]+)(?:[ \t]+(.*?))?[ \t]*$/s.exec(line);
  const [, interpreter, argument] = match ?? [];
  // A line that does not end may have lost the end of its path.
  if (interpreter === undefined || (end === undefined && head.length >= HEAD_BYTES && interpreter === line))
    return 'malformed';
  return { interpreter, argument: argument === '' ? undefined : argument };
}

function wordOf(value: number): Buffer {
  const word = Buffer.alloc(8);
  word.writeBigUInt64LE(BigInt(value));
  return word;
}
