import { describeCall, type DescribedCall, type DescribedRow } from '@rsc/core/abi/describe';
import { nearestName } from '@rsc/core/abi/lookup';
import { parseSyscallSet } from '@rsc/core/abi/sets';
import { syscallNames, type SyscallName } from '@rsc/core/abi/table';
import { RscError } from '@rsc/core/errors';
import { localPathsFor, type Exec } from '@rsc/core/tracer/local-paths';
import { columns } from './columns.js';

/** What a user asks of `rsc syscalls`. */
export interface ListingRequest {
  readonly name?: string | undefined;
  readonly set?: string | undefined;
  readonly json?: boolean | undefined;
  readonly 'local-paths'?: boolean | undefined;
  /** Where programs come from, for the local paths. */
  readonly exec: Exec;
}

/** What `rsc syscalls` prints. Throws RSC_SYSCALL_UNKNOWN. */
export function listing(request: ListingRequest): string {
  const { json = false } = request;
  if (request['local-paths']) {
    const paths = localPathsFor(request.exec).map(({ path, why }) => ({ path, why }));
    return json ? asJson(paths) : columns(paths.map(({ path, why }) => [path, why]));
  }
  if (request.name !== undefined) {
    const call = describeCall(knownName(request.name));
    return json ? asJson(call) : pageOf(call);
  }
  const calls = namesIn(request.set).map(describeCall);
  return json
    ? asJson(calls)
    : columns(calls.map(({ name, sets, support }) => [name, support, sets.join(',')]));
}

function namesIn(set: string | undefined): readonly SyscallName[] {
  if (set === undefined) return syscallNames;
  const { names } = parseSyscallSet(set);
  return syscallNames.filter((name) => names.has(name));
}

function knownName(name: string): SyscallName {
  const known = syscallNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const nearest = nearestName(name);
  throw new RscError(
    'RSC_SYSCALL_UNKNOWN',
    `cannot describe ${name}: there is no such system call`,
    nearest === undefined ? 'rsc syscalls' : `rsc syscalls ${nearest}`,
  );
}

function pageOf(call: DescribedCall): string {
  const numbers = Object.entries(call.numbers).map(([arch, number]) => `${number} on ${arch}`);
  const head = columns([
    ['number', numbers.join(', ')],
    ['sets', call.sets.join(', ')],
    ['support', call.support],
  ]);
  if (call.commands === undefined) return `${signatureOf(call.name, call)}\n${head}${factsOf(call)}`;
  const commands = [...Object.entries(call.commands), ['all others', call] as const];
  return [
    `${call.name}\n${head}`,
    ...commands.map(([command, row]) => `${signatureOf(command, row)}\n${factsOf(row)}`),
  ].join('\n');
}

function signatureOf(name: string, { args }: DescribedRow): string {
  return `${name}(${args.map((arg) => arg.name).join(', ')})`;
}

function factsOf(row: DescribedRow): string {
  return columns([
    ...row.args.map(({ name, kind }): [string, string] => [name, kind]),
    ['returns', row.success],
    ['runs', row.runs],
    ...row.caveats.map((text): [string, string] => ['remark', text]),
  ]);
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
