/** Asks the C compiler what kernel headers say. Only x86 gcc is needed: both architectures lay data out alike (LP64). */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const architectures = ['x86_64', 'aarch64'];

/** Where the headers of `arch` are: in a directory by fetch-kernel-headers.sh, or as Debian installs them. */
export function headersOf(arch, directory) {
  const roots = directory
    ? [[join(directory, 'usr/include', `${arch}-linux-gnu`), join(directory, 'usr/include')]]
    : [[`/usr/include/${arch}-linux-gnu`, '/usr/include'], [`/usr/${arch}-linux-gnu/include`]];
  const paths = roots.find(([first]) => existsSync(join(first, 'asm', 'unistd.h')));
  return paths && { arch, paths };
}

/** The version that a fetched directory names, or of the installed package. */
export function versionOf(directory) {
  if (directory) return readFileSync(join(directory, 'version'), 'utf8').trim();
  return execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'linux-libc-dev'], { encoding: 'utf8' });
}

/** The names of all macros without parameters that `header` defines itself or by what it includes. */
export function macrosOf(headers, header) {
  if (!has(headers, header)) return [];
  const text = gcc(headers, ['-E', '-dM'], `#include <linux/types.h>\n#include <${header}>\n`);
  return [...text.matchAll(/^#define ([A-Za-z_]\w*) \S/gm)].map(([, name]) => name);
}

export function has(headers, header) {
  return headers.paths.some((path) => existsSync(join(path, header)));
}

/** The value of each integer expression: { name: number }. What does not compile is left out. */
export function valuesOf(headers, includes, expressions) {
  const present = includes.filter((header) => has(headers, header));
  return bisect(headers, present, Object.entries(expressions));
}

function bisect(headers, includes, entries) {
  if (entries.length === 0) return {};
  const values = compile(headers, includes, entries);
  if (values) return values;
  if (entries.length === 1) return {};
  const middle = entries.length >> 1;
  return {
    ...bisect(headers, includes, entries.slice(0, middle)),
    ...bisect(headers, includes, entries.slice(middle)),
  };
}

/** Each value becomes a word in the assembly: nothing runs, so foreign headers work too. */
function compile(headers, includes, entries) {
  // Some headers of the kernel expect the type from the C library.
  const lines = ['typedef __SIZE_TYPE__ size_t;'];
  lines.push(...includes.map((header) => `#include <${header}>`));
  entries.forEach(([, expression], index) =>
    lines.push(`const long long rsc_${index} = (long long)(${expression});`),
  );
  let assembly;
  try {
    assembly = gcc(
      headers,
      ['-S', '-fno-zero-initialized-in-bss', '-O0', '-o', '-'],
      lines.join('\n') + '\n',
    );
  } catch {
    return undefined;
  }
  const found = new Map();
  // A zero is not written as a number but as eight bytes of nothing.
  for (const [, index, value] of assembly.matchAll(/^rsc_(\d+):\s*\n\s*\.(?:quad\s+(-?\d+)|zero\s+8)/gm)) {
    found.set(index, value ?? 0);
  }
  return Object.fromEntries(entries.map(([name], index) => [name, Number(found.get(String(index)))]));
}

function gcc({ arch, paths }, flags, source) {
  const machine = arch === 'x86_64' ? [] : ['-U__x86_64__', '-U__i386__', `-D__${arch}__`];
  const where = paths.flatMap((path) => ['-isystem', path]);
  return execFileSync(
    'gcc',
    ['-x', 'c', '-w', '-nostdinc', '-D_GNU_SOURCE', ...machine, ...where, ...flags, '-'],
    {
      input: source,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
}

/** What strerror(3) of this machine's C library says of each number. */
export function errorTexts(numbers) {
  const scratch = mkdtempSync(join(tmpdir(), 'rsc-abi-'));
  try {
    const source = join(scratch, 'strerror.c');
    const program = join(scratch, 'strerror');
    const lines = numbers.map((number) => `puts(strerror(${number}));`);
    writeFileSync(
      source,
      `#include <stdio.h>\n#include <string.h>\nint main(void) { ${lines.join(' ')} return 0; }\n`,
    );
    execFileSync('gcc', ['-w', '-o', program, source]);
    return execFileSync(program, { encoding: 'utf8', env: { LC_ALL: 'C' } })
      .trimEnd()
      .split('\n');
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
