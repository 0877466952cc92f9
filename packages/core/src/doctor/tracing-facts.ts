import { errno } from '../abi/errno.js';
import { tried, type Fact } from './fact.js';
import type { Machine } from './machine.js';
import { hasCapability, tracerOf } from './status.js';

/** Whether programs can be traced, and what decides it. */
export function tracingFacts(machine: Machine): Fact[] {
  const { probes } = machine;
  const remedy = tracingRemedy(machine);
  const memory = probes.probeMemory();
  return [
    tried({
      name: 'ptrace',
      needed: true,
      result: probes.probeSeize(),
      call: 'ptrace',
      yes: 'rsc can stop programs and set the results of their calls',
      no: 'rsc cannot stop programs',
      remedy,
    }),
    yama(machine),
    otherTracer(machine),
    tracingCapability(machine),
    tried({
      name: 'process_vm_readv',
      needed: true,
      result: memory,
      call: 'process_vm_readv',
      yes: 'rsc can read what calls point to',
      no: 'rsc cannot read what calls point to',
      remedy: memory === -errno.ENOSYS ? 'boot a kernel with CONFIG_CROSS_MEMORY_ATTACH' : remedy,
    }),
    tried({
      name: 'pidfd_getfd',
      isForNotices: true,
      result: probes.probeDescriptor(),
      call: 'pidfd_getfd',
      yes: 'descriptors of a program can be had, as the engine notify needs',
      no: 'the engine notify does not work',
      remedy,
    }),
  ];
}

function yama(machine: Machine): Fact {
  const scope = scopeOf(machine);
  const fact = { name: 'yama ptrace_scope', needed: false };
  if (scope === undefined)
    return { ...fact, allowed: true, means: 'this kernel has no Yama, which could forbid ptrace' };
  if (scope === 0) return { ...fact, allowed: true, means: '0: processes of the same user may be traced' };
  if (scope === 1) return { ...fact, allowed: true, ...scopeOfDescendants(machine) };
  if (scope === 2 && hasCapability(machine, 'CAP_SYS_PTRACE'))
    return { ...fact, allowed: true, means: '2: only CAP_SYS_PTRACE may trace, which rsc has' };
  const means =
    scope === 2 ? '2: only CAP_SYS_PTRACE may trace' : `${scope}: nothing may be traced until the next boot`;
  return { ...fact, allowed: false, means, remedy: yamaRemedy(scope) };
}

function scopeOfDescendants(machine: Machine): Pick<Fact, 'means' | 'deniesAttach'> {
  if (hasCapability(machine, 'CAP_SYS_PTRACE'))
    return { means: '1: rsc may trace what it starts and, with CAP_SYS_PTRACE, what runs already' };
  return { means: '1: rsc may trace what it starts, but nothing that runs already', deniesAttach: true };
}

function otherTracer(machine: Machine): Fact {
  const tracer = tracerOf(machine);
  const fact = { name: 'no other tracer', needed: false };
  if (tracer === 0) return { ...fact, allowed: true, means: 'nothing traces rsc' };
  return {
    ...fact,
    allowed: false,
    means: `process ${tracer} traces rsc; what it traces as well, rsc cannot`,
    remedy: otherTracerRemedy(tracer),
  };
}

function tracingCapability(machine: Machine): Fact {
  const fact = { name: 'CAP_SYS_PTRACE', needed: false };
  if (hasCapability(machine, 'CAP_SYS_PTRACE'))
    return { ...fact, allowed: true, means: 'processes of all users may be traced' };
  return {
    ...fact,
    allowed: false,
    means: 'only processes of this user may be traced, and their set-user-ID bits count for nothing',
    remedy: 'run rsc as root, or in a container with CAP_SYS_PTRACE',
  };
}

/** What may stand against ptrace, the surest first. */
function tracingRemedy(machine: Machine): string {
  const tracer = tracerOf(machine);
  const scope = scopeOf(machine) ?? 0;
  if (tracer !== 0) return otherTracerRemedy(tracer);
  if (scope >= 2) return yamaRemedy(scope);
  return 'run rsc in a container with CAP_SYS_PTRACE';
}

function otherTracerRemedy(tracer: number): string {
  return `start rsc outside of process ${tracer}, a debugger or strace`;
}

function yamaRemedy(scope: number): string {
  return scope === 2
    ? 'sysctl kernel.yama.ptrace_scope=1'
    : 'boot with kernel.yama.ptrace_scope=1 in sysctl.conf';
}

function scopeOf(machine: Machine): number | undefined {
  const text = machine.read('/proc/sys/kernel/yama/ptrace_scope');
  return text === undefined ? undefined : Number(text);
}
