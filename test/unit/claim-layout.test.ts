import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as layout from '@rsc/core/tracer/claim-layout';

const programs = resolve(__dirname, '../../../bpf');

/** A type as `bpftool btf dump -j` gives it. */
interface BtfType {
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly members?: readonly { readonly name: string; readonly bits_offset: number }[];
  readonly values?: readonly { readonly name: string; readonly val: number }[];
}

const structs = [
  'claim_rule',
  'claim_slot',
  'claim_lane',
  'claim_event',
  'claim_prefix',
  'claim_saved',
  'claim_group',
  'claim_bucket',
  'claim_mark',
  'claim_mark_bucket',
];
const enums = [
  'limit',
  'kind',
  'rule_flag',
  'group_flag',
  'mark_kind',
  'mark_flag',
  'side',
  'counter',
  'event_kind',
];

/** The types of bpf/claims.h, as the compiler of the programs lays them out. */
function typesOfHeader(): readonly BtfType[] {
  const folder = mkdtempSync(join(tmpdir(), 'rsc-btf-'));
  const object = join(folder, 'claims.o');
  const variables = [
    ...structs.map((name) => `struct ${name} a_${name};`),
    ...enums.map((name) => `enum claim_${name} a_${name};`),
  ];
  try {
    execFileSync('clang', ['-target', 'bpf', '-g', '-I', programs, '-x', 'c', '-c', '-', '-o', object], {
      input: `#include "claims.h"\n${variables.join('\n')}\n`,
    });
    const dump = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', object], { encoding: 'utf8' });
    return (JSON.parse(dump) as { types: BtfType[] }).types;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the memory that the eBPF programs read', () => {
  let types: readonly BtfType[];

  before(() => (types = typesOfHeader()));

  const struct = (name: string): BtfType => {
    const found = types.find((type) => type.kind === 'STRUCT' && type.name === name);
    if (found === undefined) throw new Error(`bpf/claims.h has no struct ${name}`);
    return found;
  };
  const offsets = (name: string): Record<string, number> =>
    Object.fromEntries((struct(name).members ?? []).map((member) => [member.name, member.bits_offset / 8]));
  /** The words of an enum, as TypeScript writes them. */
  const words = (name: string, prefix: string): Record<string, number> => {
    const found = types.find((type) => type.kind === 'ENUM' && type.name === `claim_${name}`);
    const camel = (word: string): string =>
      word
        .slice(prefix.length)
        .toLowerCase()
        .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    return Object.fromEntries((found?.values ?? []).map((value) => [camel(value.name), value.val]));
  };

  it('has rules where TypeScript writes them', () => {
    const { unless_argument, unless_bits, unused, ...rest } = offsets('claim_rule');

    expect(unused).to.equal(14);
    expect({ ...rest, unlessArgument: unless_argument, unlessBits: unless_bits }).to.deep.equal(layout.Rule);
    expect(struct('claim_rule').size).to.equal(layout.RULE_BYTES);
  });

  it('has slots, lanes and events where TypeScript reads and writes them', () => {
    const inWords = Object.entries(offsets('claim_slot')).map(([name, offset]) => [name, offset / 8]);

    expect(Object.fromEntries(inWords)).to.deep.equal(layout.Slot);
    expect(struct('claim_slot').size).to.equal(layout.SLOT_WORDS * 8);
    expect(struct('claim_lane').size).to.equal(layout.LANE_WORDS * 8);
    expect(offsets('claim_event')).to.deep.equal({ thread: 0, number: 4, kind: 8 });
    expect(struct('claim_event').size).to.equal(layout.EVENT_WORDS * 4);
  });

  it('has groups of processes where TypeScript writes them', () => {
    expect(offsets('claim_group')).to.deep.equal({ process: 0, slot: 4, flags: 6 });
    expect(layout.Group).to.deep.equal({ process: 0, slot: 1 });
    expect(struct('claim_group').size).to.equal(layout.GROUP_WORDS * 4);
    expect(struct('claim_bucket').size).to.equal(layout.WAY_COUNT * layout.GROUP_WORDS * 4);
  });

  it('has marks of threads where TypeScript reads and writes them', () => {
    const inWords = Object.entries(offsets('claim_mark')).map(([name, offset]) => [name, offset / 4]);

    expect(Object.fromEntries(inWords)).to.deep.equal(layout.Mark);
    expect(struct('claim_mark').size).to.equal(layout.MARK_WORDS * 4);
    expect(struct('claim_mark_bucket').size).to.equal(layout.MARK_WAY_COUNT * layout.MARK_WORDS * 4);
  });

  it('has what was saved of a call where TypeScript reads it', () => {
    const { unused, ...rest } = offsets('claim_saved');

    expect(unused).to.equal(4);
    expect(rest).to.deep.equal(layout.Saved);
    expect(struct('claim_saved').size).to.equal(layout.SAVED_BYTES);
  });

  it('holds as many of each as TypeScript takes it to', () => {
    const { looks, ...limits } = words('limit', 'CLAIM_');

    expect(looks).to.be.above(0);
    expect(limits).to.deep.equal({
      rules: layout.RULE_COUNT,
      generations: layout.GENERATIONS,
      slots: layout.SLOT_COUNT,
      buckets: layout.BUCKET_COUNT,
      ways: layout.WAY_COUNT,
      markBuckets: layout.MARK_BUCKET_COUNT,
      markWays: layout.MARK_WAY_COUNT,
      descriptors: layout.DESCRIPTOR_COUNT,
      lanes: layout.LANE_COUNT,
      prefix: layout.PREFIX_MAX,
      path: layout.PATH_MAX,
      sets: layout.SET_COUNT,
      time: layout.TIME_BYTES,
      noArgument: layout.NO_ARGUMENT,
    });
  });

  it('has the same words for the same numbers', () => {
    const { counters, ...counter } = words('counter', 'CLAIM_');

    expect(words('kind', 'CLAIM_')).to.deep.equal(layout.RuleKind);
    expect(words('rule_flag', 'CLAIM_')).to.deep.equal(layout.RuleFlag);
    expect(words('mark_kind', 'CLAIM_MARK_')).to.deep.equal(layout.MarkKind);
    expect(words('mark_flag', 'CLAIM_MARK_')).to.deep.equal(layout.MarkFlag);
    expect(words('group_flag', 'CLAIM_GROUP_')).to.deep.equal(layout.GroupFlag);
    expect(words('side', 'CLAIM_SIDE_')).to.deep.equal(layout.Side);
    expect(words('event_kind', 'CLAIM_EVENT_')).to.deep.equal(layout.EventKind);
    expect(counter).to.deep.equal(layout.Counter);
    expect(counters).to.equal(Object.keys(layout.Counter).length);
  });
});
