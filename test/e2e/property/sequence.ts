import { constants } from 'node:fs';
import { Chance } from './chance';
import { HERE, Model } from './model';
import { operations } from './operations';

/** Operations for the guest program `property`, a line each: who does it, what, and its arguments. */
export type Sequence = readonly string[];

const weighted = operations.flatMap(([weight, write]) => Array<typeof write>(weight).fill(write));

/** The sequence of a seed: always the same one. */
export function sequenceOf(seed: number): Sequence {
  const chance = new Chance(seed);
  const model = new Model(chance);
  const lines = scene(model).map((operation) => `A ${operation}`);
  const length = 6 + chance.below(22);
  const forkAt = chance.happens(40) ? chance.below(length) : length;
  for (let i = 0; i < length; i++) {
    if (i === forkAt) lines.push(fork(model));
    if (i >= forkAt && chance.happens(30)) model.who = model.who === 'A' ? 'B' : 'A';
    if (i > forkAt && chance.happens(3)) lines.push('A exit');
    const operation = chance.of(weighted)(model);
    lines.push(`${model.who} ${operation}`);
  }
  return lines;
}

/** Something to work on, most of the time. */
function scene(model: Model): string[] {
  const { chance } = model;
  const lines: string[] = [];
  for (const name of ['d', 'e', 'd/e']) {
    if (!chance.happens(50)) continue;
    model.make(name, 'directory');
    lines.push(`mkdir ${HERE} ${name} 0755`);
  }
  if (chance.happens(80)) {
    const slot = model.newSlot();
    model.make('a', 'file');
    model.open(slot, 'file');
    lines.push(`open ${slot} ${HERE} a ${constants.O_RDWR | constants.O_CREAT} 0644`);
    lines.push(`write ${slot} ${model.length()} 1`);
  }
  return lines;
}

/** The second process has copies of what the first one has, or shares it. */
function fork(model: Model): string {
  const shares = { descriptors: model.chance.happens(30), directory: model.chance.happens(20) };
  model.fork(shares.descriptors);
  return `A fork ${Number(shares.descriptors) + 2 * Number(shares.directory)}`;
}
