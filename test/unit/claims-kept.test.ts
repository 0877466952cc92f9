import { expect } from 'chai';
import { CompiledPolicy } from '@rsc/core/policy/compile';
import { policyOfSet } from '@rsc/core/policy/policy';
import {
  BUCKET_COUNT,
  GENERATIONS,
  Group,
  GROUP_WORDS,
  GroupFlag,
  LANE_COUNT,
  LANE_WORDS,
  MARK_BUCKET_COUNT,
  MARK_WAY_COUNT,
  MARK_WORDS,
  RULE_BYTES,
  RULE_COUNT,
  RuleKind,
  Side,
  Slot,
  SLOT_COUNT,
  SLOT_WORDS,
  WAY_COUNT,
} from '@rsc/core/tracer/claim-layout';
import { claimPlan, unvetoed } from '@rsc/core/tracer/claim-plan';
import { linesOf } from '@rsc/core/tracer/claim-lines';
import { ClaimsKept } from '@rsc/core/tracer/claims-kept';
import type { ClaimMachine, ClaimMemory } from '@rsc/core/tracer/claims';
import { DescriptorTable } from '@rsc/core/tracer/descriptors';
import { TraceeProcess } from '@rsc/core/tracer/process';
import { remoteDescriptor } from './tracee';

/** The memory of the programs, and what they were told besides. */
class Machine implements ClaimMachine {
  readonly memory: ClaimMemory = {
    marks: new ArrayBuffer(MARK_BUCKET_COUNT * MARK_WAY_COUNT * MARK_WORDS * 4),
    rules: new ArrayBuffer(GENERATIONS * RULE_COUNT * RULE_BYTES),
    active: new ArrayBuffer(8),
    groups: new ArrayBuffer(BUCKET_COUNT * WAY_COUNT * GROUP_WORDS * 4),
    slots: new ArrayBuffer(SLOT_COUNT * SLOT_WORDS * 8),
    counters: new ArrayBuffer(LANE_COUNT * LANE_WORDS * 8),
  };
  readonly prefixes = new Map<string, number>();
  unseen = 0;

  openClaims(): ClaimMemory {
    return this.memory;
  }
  takeSaved(): boolean {
    return false;
  }
  setPrefix(generation: number, prefix: Uint8Array, side: number): number {
    if (prefix.length > 16) return -36;
    this.prefixes.set(`${generation}:${Buffer.from(prefix).toString('latin1')}`, side);
    return 0;
  }
  dropPrefixes(generation: number): number {
    for (const key of this.prefixes.keys()) if (key.startsWith(`${generation}:`)) this.prefixes.delete(key);
    return 0;
  }
  readEvents(): number {
    return 0;
  }
  countMisses(): number {
    return this.unseen;
  }
  closeClaims(): void {
    // The memory of a test ends with it.
  }

  /** The slots of the processes that are traced. */
  get groups(): ReadonlyMap<number, number> {
    const words = new Uint32Array(this.memory.groups);
    const groups = new Map<number, number>();
    for (let at = 0; at < words.length; at += GROUP_WORDS) {
      const process = words[at + Group.process] ?? 0;
      if (process !== 0) groups.set(process, (words[at + Group.slot] ?? 0) & 0xffff);
    }
    return groups;
  }

  /** How many descriptors a slot has, and which of them have a bit. */
  slot(index: number): { readonly remotes: number; readonly marked: number[] } {
    const words = new BigUint64Array(this.memory.slots, index * SLOT_WORDS * 8, SLOT_WORDS);
    const marked = Array.from({ length: 1024 }, (_, fd) => fd).filter(
      (fd) => ((words[Slot.bits + (fd >> 6)] ?? 0n) >> BigInt(fd & 63)) & 1n,
    );
    return { remotes: Number(words[Slot.remotes]), marked };
  }
}

function scene(): { machine: Machine; kept: ClaimsKept; table: DescriptorTable; process: TraceeProcess } {
  const machine = new Machine();
  const kept = new ClaimsKept(machine, machine.memory, GroupFlag.claim);
  const table = new DescriptorTable();
  return { machine, kept, table, process: new TraceeProcess(100, 0, table, { remote: undefined }) };
}

const plan = (set: string) =>
  claimPlan('x86_64', new CompiledPolicy(policyOfSet(set)), 'local', ['openat', 'read'], 'exact');

describe('what eBPF programs read', () => {
  it('has a bit for each remote descriptor of a table', () => {
    const { machine, kept, table, process } = scene();
    table.set(3, remoteDescriptor(7, '/a'));
    kept.join(process);
    table.set(70, remoteDescriptor(8, '/b'));
    table.delete(3);
    expect(machine.slot(machine.groups.get(100) ?? -1)).to.deep.equal({ remotes: 1, marked: [70] });
  });

  it('counts descriptors that have no bit', () => {
    const { machine, kept, table, process } = scene();
    kept.join(process);
    table.set(5000, remoteDescriptor(7, '/a'));
    expect(machine.slot(0)).to.deep.equal({ remotes: 1, marked: [] });
  });

  it('gives a copy of a table a slot of its own, and uses it again', () => {
    const { machine, kept, table, process } = scene();
    table.set(3, remoteDescriptor(7, '/a'));
    kept.join(process);
    const child = new TraceeProcess(101, 1, table.copy(), { remote: undefined });
    kept.join(child);
    child.descriptors.delete(3);
    expect([machine.slot(0).marked, machine.slot(1).marked]).to.deep.equal([[3], []]);
    kept.leave(child);
    kept.join(new TraceeProcess(102, 2, table.copy(), { remote: undefined }));
    expect([...machine.groups]).to.deep.equal([
      [100, 0],
      [102, 1],
    ]);
  });

  it('has one slot for processes that share a table, until both have left', () => {
    const { machine, kept, table, process } = scene();
    const other = new TraceeProcess(101, 0, table, { remote: undefined });
    kept.join(process);
    kept.join(other);
    kept.leave(process);
    table.set(4, remoteDescriptor(7, '/a'));
    expect([[...machine.groups], machine.slot(0).marked]).to.deep.equal([[[101, 0]], [4]]);
  });

  it('takes all numbers for remote while one is not known', () => {
    const { machine, kept, table, process } = scene();
    table.set(3, remoteDescriptor(7, '/a'));
    kept.join(process);
    let meanwhile = 0;
    table.presume(() => {
      meanwhile = machine.slot(0).marked.length;
    });
    expect([meanwhile, machine.slot(0).marked]).to.deep.equal([1024, [3]]);
  });

  it('changes to another policy as a whole', () => {
    const { machine, kept } = scene();
    kept.follow(plan('file'));
    const first = new Uint32Array(machine.memory.active)[0] ?? 0;
    kept.follow(plan('openat'));
    const second = new Uint32Array(machine.memory.active)[0] ?? 0;
    expect(second).to.not.equal(first);
    expect([machine.prefixes.get(`${first}:`), machine.prefixes.get(`${second}:`)]).to.deep.equal([
      Side.remote,
      Side.remote,
    ]);
    expect(kept.mayClaim(257)).to.equal(true);
  });

  it('is unsure of all that is in the nearest folder of a path that is too long', () => {
    const { machine, kept } = scene();
    kept.follow(plan('file'));
    kept.doubt('/srv/a-name-that-is-longer');
    expect(machine.prefixes.get(`${new Uint32Array(machine.memory.active)[0] ?? 0}:/srv`)).to.equal(
      Side.unsure,
    );
  });

  it('tell how many calls the kernel may have kept from them', () => {
    const { machine, kept } = scene();
    const before = linesOf(kept, 'x86_64');
    machine.unseen = 3;

    expect([before, linesOf(kept, 'x86_64'), kept.tally().unseen]).to.deep.equal([
      [],
      [
        'rsc: warning: the kernel may have kept up to 3 calls from eBPF: those among them that concern the server ran here',
      ],
      3,
    ]);
  });

  it('claims nothing that has no rule', () => {
    const { kept } = scene();
    kept.follow(plan('file'));
    expect([kept.mayClaim(0), kept.mayClaim(1), kept.mayClaim(-1)]).to.deep.equal([true, false, false]);
    expect(plan('file').rules[0]).to.equal(RuleKind.ifArguments);
  });
});

describe('the vetoes of a plan', () => {
  it('are the calls themselves, or the hooks that they meet', () => {
    const names = ['openat', 'close', 'stat', 'umount2'] as const;
    const policy = new CompiledPolicy(policyOfSet('file'));
    const refusedAt = (veto: 'exact' | 'wide' | 'none') =>
      claimPlan('x86_64', policy, 'local', names, veto).refusedAt;
    expect([refusedAt('exact'), refusedAt('wide'), refusedAt('none')]).to.deep.equal([
      [
        '__x64_sys_openat',
        '__x64_sys_close',
        '__x64_sys_umount',
        'security_file_alloc',
        'security_inode_permission',
        'security_capable',
      ],
      ['security_file_alloc', 'security_inode_permission', 'security_capable'],
      [],
    ]);
  });

  it('do not keep calls from their effect where the kernel has no hook, or allows none', () => {
    const names = ['openat', 'setrlimit', 'stat'] as const;
    expect([unvetoed(names, 'exact'), unvetoed(names, 'wide'), unvetoed(names, 'none')]).to.deep.equal([
      [],
      ['setrlimit'],
      ['openat', 'setrlimit'],
    ]);
  });
});
