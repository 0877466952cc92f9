import { tried, type Fact } from './fact.js';
import { ProgramType, type Machine } from './machine.js';

const BTF = '/sys/kernel/btf/vmlinux';

/** What the machine has of eBPF, which no engine uses yet. */
export function bpfFacts(machine: Machine): Fact[] {
  const { probes } = machine;
  const program = (name: string, type: number, what: string): Fact =>
    tried({
      name,
      result: probes.probeProgram(type),
      call: 'bpf',
      yes: `${what} can be loaded; rsc run does without`,
      no: 'rsc run does without',
      remedy: 'run rsc as root, or with CAP_BPF and CAP_PERFMON',
    });
  return [
    program('eBPF', ProgramType.socketFilter, 'programs'),
    program('eBPF tracing', ProgramType.rawTracepoint, 'tracing programs'),
    unprivileged(machine),
    btf(machine),
  ];
}

function unprivileged(machine: Machine): Fact {
  const value = machine.read('/proc/sys/kernel/unprivileged_bpf_disabled');
  const fact = { name: 'eBPF without privilege', needed: false };
  if (value === '0') return { ...fact, allowed: true, means: 'kernel.unprivileged_bpf_disabled is 0' };
  return {
    ...fact,
    allowed: false,
    means: value === undefined ? 'this kernel has no eBPF' : `kernel.unprivileged_bpf_disabled is ${value}`,
    remedy: 'grant CAP_BPF to who needs it: it is off for safety',
  };
}

function btf(machine: Machine): Fact {
  const fact = { name: 'BTF', needed: false };
  if (machine.has(BTF)) return { ...fact, allowed: true, means: `${BTF} describes the types of this kernel` };
  return {
    ...fact,
    allowed: false,
    means: `there is no ${BTF}; rsc run does without`,
    remedy: 'boot a kernel with CONFIG_DEBUG_INFO_BTF',
  };
}
