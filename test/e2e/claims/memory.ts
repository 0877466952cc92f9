import { numberOf } from '@rsc/core/abi/lookup';
import {
  DESCRIPTOR_COUNT,
  NO_ARGUMENT,
  Rule,
  RULE_BYTES,
  RULE_COUNT,
  RuleKind,
  Slot,
  SLOT_WORDS,
} from '@rsc/core/tracer/claim-layout';
import type { ClaimMachine, ClaimMemory } from '@rsc/core/tracer/claims';
import type { Generation, RuleWords } from './scenario';

/** Writes what the programs read. */
export function writeGeneration(
  machine: ClaimMachine,
  memory: ClaimMemory,
  index: number,
  { rules, prefixes = {} }: Generation,
): void {
  for (const [name, words] of Object.entries(rules))
    writeRule(memory, index * RULE_COUNT + numberOf('x86_64', name), words);
  for (const [prefix, side] of Object.entries(prefixes))
    mustBe0(machine.setPrefix(index, Buffer.from(prefix), side), `setPrefix ${prefix}`);
}

function writeRule(memory: ClaimMemory, index: number, words: RuleWords): void {
  const bytes = new Uint8Array(memory.rules, index * RULE_BYTES, RULE_BYTES);
  const view = new DataView(memory.rules, index * RULE_BYTES, RULE_BYTES);
  const pair = (at: number, [first = NO_ARGUMENT, second = NO_ARGUMENT]: readonly number[] = []): void =>
    bytes.set([first, second], at);
  view.setUint8(Rule.flags, words.flags ?? 0);
  pair(Rule.descriptors, words.descriptors);
  pair(Rule.directories, words.directories);
  pair(Rule.paths, words.paths);
  view.setUint8(Rule.unlessArgument, words.unlessArgument ?? NO_ARGUMENT);
  view.setBigUint64(Rule.unlessBits, BigInt(words.unlessBits ?? 0), true);
  view.setUint8(Rule.kind, words.kind ?? RuleKind.always);
}

export function writeSlot(memory: ClaimMemory, slot: number, remote: readonly number[]): void {
  const words = new BigUint64Array(memory.slots, slot * SLOT_WORDS * 8, SLOT_WORDS);
  words[Slot.remotes] = BigInt(remote.length);
  for (const descriptor of remote) {
    if (descriptor >= DESCRIPTOR_COUNT) continue;
    const word = Slot.bits + Math.floor(descriptor / 64);
    words[word] = (words[word] ?? 0n) | (1n << BigInt(descriptor % 64));
  }
}

export function mustBe0(result: number, what: string): void {
  if (result !== 0) throw new Error(`${what} returned ${result}`);
}
