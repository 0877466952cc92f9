import { claimsSurely } from '../tracer/choice.js';
import { tried, type Fact } from './fact.js';
import { ProgramType, type Machine } from './machine.js';

const BTF = '/sys/kernel/btf/vmlinux';

/** A call and a hook of the kinds that veto programs refuse (ClaimMachine.openClaims). */
const CALL = '__x64_sys_openat';
const HOOK = 'security_inode_permission';

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
  return [
    program('eBPF', ProgramType.socketFilter, 'programs'),
    program('eBPF tracing', ProgramType.rawTracepoint, 'tracing programs'),
    unprivileged(machine),
    btf(machine),
    ...claimFacts(machine),
  ];
}

/** Whether calls can be claimed, and what can keep a claimed call from running here. */
function claimFacts({ probes, release }: Machine): Fact[] {
  const veto = (
    name: string,
    strength: 'exact' | 'wide',
    refused: string,
    yes: string,
    remedy: string,
  ): Fact =>
    tried({
      name,
      veto: strength,
      result: probes.probeClaims([refused]),
      call: 'bpf',
      yes,
      no: `${refused} cannot be refused`,
      remedy,
    });
  return [
    tried({
      name: 'eBPF claims',
      result: probes.probeClaims([]),
      call: 'bpf',
      yes: claimsSurely(release)
        ? 'calls can be claimed as they begin; those that are not cost no stop'
        : 'calls can be claimed as they begin, but under load this kernel may, seldom, miss some',
      no: 'calls cannot be claimed as they begin',
      remedy: 'run rsc as root, or with CAP_BPF and CAP_PERFMON, on a kernel with BTF',
    }),
    veto(
      'eBPF exact veto',
      'exact',
      CALL,
      'a claimed call is skipped whole',
      'boot a kernel that lets programs modify calls, as 7.2 does',
    ),
    veto(
      'eBPF wide veto',
      'wide',
      HOOK,
      'a claimed call fails at the security hooks, before it changes anything here; not close, dup and select',
      'boot a kernel that allows fmod_ret programs, or asks eBPF programs in its security hooks',
    ),
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
