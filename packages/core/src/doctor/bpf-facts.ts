import { tried, type Fact } from './fact.js';
import { ProgramType, type Machine } from './machine.js';

const BTF = '/sys/kernel/btf/vmlinux';

/** What the machine has of eBPF, by which the engines ebpf and hybrid claim calls. */
export function bpfFacts(machine: Machine): Fact[] {
  const { probes } = machine;
  const program = (name: string, type: number, what: string): Fact =>
    tried({
      name,
      result: probes.probeProgram(type),
      call: 'bpf',
      yes: `${what} can be loaded`,
      no: 'the engines ebpf and hybrid do not work',
      remedy: 'run rsc as root, or with CAP_BPF and CAP_PERFMON',
    });
  const veto = (name: string, strength: 'exact' | 'wide', point: string, what: string): Fact =>
    tried({
      name,
      veto: strength,
      result: probes.probeClaims([point]),
      call: 'bpf',
      yes: `the engine ebpf can keep calls from their effect here: ${what}`,
      no: `${what} is not to be had`,
      remedy: 'none is needed where the other veto works, or the engines without eBPF do',
    });
  return [
    program('eBPF', ProgramType.socketFilter, 'programs'),
    program('eBPF tracing', ProgramType.rawTracepoint, 'tracing programs'),
    veto('eBPF exact veto', 'exact', '__x64_sys_openat', 'calls are skipped whole'),
    veto('eBPF wide veto', 'wide', 'security_inode_permission', 'security hooks refuse them'),
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
    means: `there is no ${BTF}, by which the engines ebpf and hybrid find their way`,
    remedy: 'boot a kernel with CONFIG_DEBUG_INFO_BTF',
  };
}
