import { expect } from 'chai';
import { parseCall } from '@rsc/core/policy/call-text';
import { CompiledPolicy } from '@rsc/core/policy/compile';
import { explain } from '@rsc/core/policy/explain';
import { policyOfPreset, policyOfSet, type Policy, type Rule, type Side } from '@rsc/core/policy/policy';
import { Router } from '@rsc/core/tracer/router';
import { callOf, remoteDescriptor, thread } from './tracee';

const rules: readonly Rule[] = [
  { paths: ['/data/secret/**'], route: 'deny', errno: 'EACCES' },
  { program: ['/bin/git'], paths: ['/data/**'], route: 'local' },
  { syscalls: 'file,!rename', paths: ['/data/**', '/usr/share/x'], route: 'remote' },
  { syscalls: 'stat', program: ['/**/tool'], route: 'remote' },
  { syscalls: 'write,fstat', origin: 'remote', route: 'deny', errno: 'EROFS' },
];
const policies: Readonly<Record<string, Policy>> = {
  'rules of every kind': { version: 1, rules, default: 'local' },
  'the same with another default': { version: 1, rules, default: 'remote' },
  'the same before a preset': { version: 1, rules, preset: 'dev', default: 'local' },
  'the preset all': policyOfPreset('all'),
  'the preset net': policyOfPreset('net'),
  'a set': policyOfSet('file,getppid,!chroot'),
};

const paths = [
  '/data/x',
  '/data/secret',
  '/usr/share/x',
  '/usr/bin/x',
  '/x.py',
  '/',
  '/bin/git',
  '/home/me/tool',
];
const programs = ['/bin/git', '/home/me/tool', '/usr/bin/cat'];

/** Calls as text and as registers: a path is what the first registers point to, a descriptor is 4. */
const calls = [
  ...paths.flatMap((path) =>
    ['stat', 'open', 'chdir', 'chroot', 'swapon'].map((name) => ({ name, paths: [path] })),
  ),
  ...paths.flatMap((from) => paths.map((to) => ({ name: 'rename', paths: [from, to] }))),
  ...['write', 'fstat', 'read', 'socket', 'getppid', 'getpid', 'umask'].map((name) => ({ name, paths: [] })),
];

/** Where the tracer sends it. */
function routed(policy: Policy, call: (typeof calls)[number], program: string, origin: Side): string {
  const caller = thread(undefined);
  caller.process.image = program;
  if (origin === 'remote') caller.process.descriptors.set(4, remoteDescriptor(4));
  const router = new Router(new CompiledPolicy(policy));
  const made = callOf(caller, call.name, [4n, 4n, 0n], Object.fromEntries(call.paths.entries()));
  const denied = router.mayDeny(made) && router.denialOf(made);
  if (denied) return 'is denied';
  const route = router.routeOf(made);
  if (route.side === 'refused') return 'is refused';
  const unsupported = made.row.facts.some(({ kind }) => kind === 'remoteUnsupported');
  return route.side === 'local' ? 'runs here' : unsupported ? 'is refused' : 'runs there';
}

/** Where the explanation has it. */
function explained(
  policy: Policy,
  { name, paths }: (typeof calls)[number],
  program: string,
  origin: Side,
): string {
  const text =
    paths.length > 0 ? paths.map((path) => JSON.stringify(path)).join() : takesNothing(name) ? '' : '4';
  const { outcome } = explain(policy, parseCall(`${name}(${text})`), { program, origin, directory: '/' });
  if (outcome.startsWith('runs where its descriptor is'))
    return origin === 'remote' ? 'runs there' : 'runs here';
  return outcome.replace(/^runs on .*/, 'runs there').replace(/:.*/, '');
}

function takesNothing(name: string): boolean {
  return name.startsWith('get');
}

describe('an explanation says what the tracer does', () => {
  for (const [title, policy] of Object.entries(policies)) {
    it(`by ${title}`, () => {
      const cases = calls.flatMap((call) =>
        programs.flatMap((program) =>
          (['local', 'remote'] as const).map((origin) => ({ call, program, origin })),
        ),
      );
      const differing = cases.filter(
        ({ call, program, origin }) =>
          explained(policy, call, program, origin) !== routed(policy, call, program, origin),
      );

      expect(
        differing.map(({ call, program, origin }) => [
          `${call.name}(${call.paths.join()}) of ${program}, ${origin}`,
          explained(policy, call, program, origin),
          routed(policy, call, program, origin),
        ]),
      ).to.deep.equal([]);
    });
  }
});
