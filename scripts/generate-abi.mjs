/**
 * Writes packages/core/src/abi/*.generated.ts from the newest kernel headers that Debian has, which it fetches to
 * build/kernel-headers where they are not there yet; `--headers DIR` names other ones of fetch-kernel-headers.sh.
 * `--check` writes nothing: it fails where the headers that are installed differ from what is checked in. What is
 * checked in may know more than they do. Exit status 3: there are no headers to compare with.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { also, families, kernelErrors, structs, unwanted, written } from './abi-manifest.mjs';
import { architectures, errorTexts, headersOf, macrosOf, valuesOf, versionOf } from './kernel-headers.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'packages/core/src/abi');
const EXIT_NO_HEADERS = 3;

const { values: options } = parseArgs({
  options: { headers: { type: 'string' }, check: { type: 'boolean' } },
});

if (!options.check) options.headers ??= fetched();
const installed = architectures.map((arch) => headersOf(arch, options.headers)).filter(Boolean);
if (options.check) check();
else generate();

function generate() {
  if (installed.length < architectures.length) {
    console.error(
      'cannot generate: kernel headers of both architectures are needed (scripts/fetch-kernel-headers.sh)',
    );
    process.exit(EXIT_NO_HEADERS);
  }
  const known = Object.fromEntries(installed.map((headers) => [headers.arch, everythingOf(headers)]));
  const of = (part) => Object.fromEntries(architectures.map((arch) => [arch, known[arch][part]]));
  write('numbers', 'The number of each system call.', 'numbers', of('numbers'));
  write('constants', 'The constants that arguments are made of.', 'constants', of('constants'));
  write('structs', 'Sizes in bytes, and [offset, size, signed] of the fields.', 'structs', of('structs'));
  write(
    'errno',
    'The number and text of each error; both architectures have the same.',
    'errors',
    errorsOf(known),
  );
}

function fetched() {
  const directory = join(root, 'build/kernel-headers');
  if (!existsSync(join(directory, 'version'))) {
    execFileSync(join(root, 'scripts/fetch-kernel-headers.sh'), [directory], { stdio: 'inherit' });
  }
  return directory;
}

function everythingOf(headers) {
  return {
    numbers: numbersOf(headers),
    constants: constantsOf(headers),
    structs: structsOf(headers),
    errno: errnoOf(headers),
  };
}

function numbersOf(headers) {
  const names = macrosOf(headers, 'asm/unistd.h').filter(
    (name) => /^__NR_[a-z_]\w*$/.test(name) && name !== '__NR_syscalls',
  );
  const values = valuesOf(
    headers,
    ['asm/unistd.h'],
    Object.fromEntries(names.map((name) => [name.slice(5), name])),
  );
  delete values.arch_specific_syscall;
  return sorted(values);
}

function constantsOf(headers) {
  const known = Object.fromEntries(written.map(([name, value]) => [name, value]));
  for (const [header, wanted] of families) {
    const names = macrosOf(headers, header).filter((name) => wanted.test(name) && !unwanted.test(name));
    Object.assign(
      known,
      valuesOf(headers, [...also, header], Object.fromEntries(names.map((name) => [name, name]))),
    );
  }
  return Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function structsOf(headers) {
  const known = {};
  for (const [name, type, header, fields] of structs) {
    const names = typeof fields === 'string' ? fields.split(' ') : fields;
    const wanted = { size: `sizeof(${type})` };
    for (const field of names) {
      wanted[`${field}:0`] = `__builtin_offsetof(${type}, ${field})`;
      wanted[`${field}:1`] = `sizeof(((${type} *)0)->${field})`;
      wanted[`${field}:2`] = `(__typeof__(((${type} *)0)->${field}))-1 < 0`;
    }
    const values = valuesOf(headers, ['linux/types.h', header], wanted);
    if (values.size === undefined) continue;
    const layout = names.map((field) => [field, [0, 1, 2].map((part) => values[`${field}:${part}`])]);
    known[name] = {
      size: values.size,
      fields: Object.fromEntries(layout.map(([f, [at, size, signed]]) => [f, [at, size, Boolean(signed)]])),
    };
  }
  return known;
}

function errnoOf(headers) {
  const names = macrosOf(headers, 'linux/errno.h').filter((name) => /^E[A-Z0-9]+$/.test(name));
  return valuesOf(headers, ['linux/errno.h'], Object.fromEntries(names.map((name) => [name, name])));
}

function errorsOf(known) {
  const [numbers, other] = architectures.map((arch) => sorted(known[arch].errno));
  if (JSON.stringify(numbers) !== JSON.stringify(other))
    throw new Error('the architectures have different errors');
  const names = Object.keys(numbers);
  const texts = errorTexts(Object.values(numbers));
  const errors = names.map((name, index) => [name, { number: numbers[name], text: texts[index] }]);
  return Object.fromEntries([
    ...errors,
    ...kernelErrors.map(([name, number, text]) => [name, { number, text }]),
  ]);
}

function sorted(numbers) {
  return Object.fromEntries(Object.entries(numbers).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)));
}

function write(file, summary, name, data) {
  const header = `// Generated by \`make generate\` (scripts/generate-abi.mjs) from linux-libc-dev ${versionOf(options.headers)}. Do not edit.\n`;
  const [common, own] = split(data);
  const shared = common ? `const common = ${literal(common)} as const;\n\n` : '';
  const text = `${header}\n${shared}/** ${summary} */\nexport const ${name} = ${literal(own)} as const;\n`;
  writeFileSync(join(target, `${file}.generated.ts`), text);
}

/** What both architectures have alike stands once; each then has only what differs. Numbers are apart: all differ. */
function split(data) {
  const [one, other] = architectures.map((arch) => data[arch]);
  if (!one || 'read' in one) return [undefined, data];
  const alike = Object.keys(one).filter((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]));
  const rest = (all) => Object.entries(all).filter(([key]) => !alike.includes(key));
  const own = architectures.map((arch) => [
    arch,
    { '...common': undefined, ...Object.fromEntries(rest(data[arch])) },
  ]);
  return [Object.fromEntries(alike.map((key) => [key, one[key]])), Object.fromEntries(own)];
}

/** JSON, with inner values of one kind on a line each and keys bare where they can be. */
function literal(data, indent = '') {
  if (Array.isArray(data)) return `[${data.map((item) => literal(item)).join(', ')}]`;
  if (typeof data !== 'object')
    return typeof data === 'string' ? `'${data.replace(/'/g, "\\'")}'` : String(data);
  const inner = `${indent}  `;
  const rows = Object.entries(data).map(([key, item]) =>
    item === undefined ? key : `${/^\w+$/.test(key) ? key : `'${key}'`}: ${literal(item, inner)}`,
  );
  const flat = `{ ${rows.join(', ')} }`;
  if (rows.length === 0) return '{}';
  if (rows.length < 5 && flat.length + indent.length < 80 && !flat.includes('\n')) return flat;
  return `{\n${rows.map((row) => `${inner}${row},\n`).join('')}${indent}}`;
}

function check() {
  if (installed.length === 0) {
    console.error('cannot check: no kernel headers are installed (apt-get install linux-libc-dev)');
    process.exit(EXIT_NO_HEADERS);
  }
  const checkedIn = Object.fromEntries(
    ['numbers', 'constants', 'structs', 'errno'].map((part) => [part, read(part)]),
  );
  const drift = installed.flatMap((headers) => {
    const found = everythingOf(headers);
    return Object.keys(found).flatMap((part) =>
      differences(
        found[part],
        part === 'errno' ? numbersIn(checkedIn.errno) : checkedIn[part][headers.arch],
        `${headers.arch}.${part}`,
      ),
    );
  });
  for (const line of drift) console.error(line);
  if (drift.length > 0) process.exit(1);
  console.log(
    `abi: ${installed.map(({ arch }) => arch).join(' and ')} agree with linux-libc-dev ${versionOf(options.headers)}`,
  );
}

/** The data of a checked-in file: literals without code, so it can be read without a compiler. */
function read(part) {
  const text = readFileSync(join(target, `${part}.generated.ts`), 'utf8');
  const [, name] = /^export const (\w+)/m.exec(text) ?? [];
  return Function(`${text.replace(/^export /gm, '').replaceAll(' as const;', ';')} return ${name};`)();
}

function numbersIn(errors) {
  return Object.fromEntries(Object.entries(errors).map(([name, { number }]) => [name, number]));
}

function differences(found, checkedIn, path) {
  if (typeof found !== 'object') {
    return found === checkedIn
      ? []
      : [`${path} is ${found} in the headers and ${checkedIn} in what is checked in`];
  }
  // Struct sizes of extensible structs grow with the kernel; so do fields that older headers do not know.
  return Object.entries(found).flatMap(([key, value]) =>
    differences(value, checkedIn?.[key], `${path}.${key}`),
  );
}
