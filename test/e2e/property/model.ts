import { Chance } from './chance';

export type Kind = 'file' | 'directory' | 'link' | 'local';
type Who = 'A' | 'B';

/** How a working directory is named where a slot names a directory. */
export const HERE = -1;

/** Slots 0 to 5 hold descriptors of the server's, the others of this machine's. */
const REMOTE_SLOTS = [0, 1, 2, 3, 4, 5];
const LOCAL_SLOTS = [6, 7];

const plain = ['a', 'b', 'c', 'd', 'e'];
const nested = plain.flatMap((folder) => ['a', 'b', 'e'].map((name) => `${folder}/${name}`));
/** A dash stands for the empty name, ~ for the directory in which the sequence begins, longN for N bytes. */
const odd = [
  '-',
  '.',
  '..',
  'a/',
  'd/',
  'nowhere/a',
  'd/../a',
  './b',
  'd//a',
  '~/a',
  '~',
  'long255',
  'long256',
  'long4096',
];

/**
 * What is believed of files and descriptors. It makes operations likely to succeed, and need not be right: an operation
 * that fails is worth as much.
 */
export class Model {
  private readonly names = new Map<string, Kind>();
  private readonly slots: Record<Who, Map<number, Kind>> = { A: new Map(), B: new Map() };
  /** Whose turn it is. */
  who: Who = 'A';

  constructor(readonly chance: Chance) {}

  /** The other process begins, with copies of the descriptors or with the same ones. */
  fork(shares: boolean): void {
    this.slots.B = shares ? this.slots.A : new Map(this.slots.A);
  }

  /** Something that is there, mostly of that kind. */
  there(...kinds: readonly Kind[]): string {
    const known = [...this.names].filter(([, kind]) => kinds.length === 0 || kinds.includes(kind));
    const [name] = known.length > 0 && this.chance.happens(85) ? this.chance.of(known) : [this.any()];
    return name;
  }

  /** A name that is free, mostly, in a directory that is there. */
  free(): string {
    const free = [...plain, ...nested].filter((name) => !this.names.has(name) && this.hasParent(name));
    return free.length > 0 && this.chance.happens(85) ? this.chance.of(free) : this.any();
  }

  any(): string {
    if (this.chance.happens(45)) return this.chance.of(plain);
    return this.chance.happens(60) ? this.chance.of(nested) : this.chance.of(odd);
  }

  make(name: string, kind: Kind): void {
    if (!this.names.has(name) && this.hasParent(name)) this.names.set(name, kind);
  }

  remove(name: string): void {
    this.names.delete(name);
  }

  move(from: string, to: string): void {
    const kind = this.names.get(from);
    if (kind === undefined || !this.hasParent(to)) return;
    this.names.delete(from);
    this.names.set(to, kind);
  }

  kindOf(name: string): Kind | undefined {
    return this.names.get(name);
  }

  /** A slot whose descriptor is open, mostly, and of that kind. */
  slot(...kinds: readonly Kind[]): number {
    const known = [...this.slots[this.who]].filter(([, kind]) => kinds.includes(kind)).map(([slot]) => slot);
    return known.length > 0 && this.chance.happens(90) ? this.chance.of(known) : this.chance.of(REMOTE_SLOTS);
  }

  /** Whether a descriptor of that kind is open. */
  has(kind: Kind): boolean {
    return [...this.slots[this.who].values()].includes(kind);
  }

  file(): number {
    return this.chance.happens(93) ? this.slot('file') : this.slot('directory', 'link');
  }

  /** A slot for a new descriptor of the server's: a free one, mostly. */
  newSlot(): number {
    const free = REMOTE_SLOTS.filter((slot) => !this.slots[this.who].has(slot));
    return free.length > 0 && this.chance.happens(90) ? this.chance.of(free) : this.chance.of(REMOTE_SLOTS);
  }

  localSlot(): number {
    return this.chance.of(LOCAL_SLOTS);
  }

  /** The directory from which a name is looked up. */
  directory(): number {
    return this.chance.happens(85) ? HERE : this.slot('directory');
  }

  open(slot: number, kind: Kind | undefined): void {
    if (kind !== undefined) this.slots[this.who].set(slot, kind);
  }

  close(slot: number): void {
    this.slots[this.who].delete(slot);
  }

  copy(from: number, to: number): void {
    this.open(to, this.slots[this.who].get(from));
  }

  length(): number {
    if (this.chance.happens(75)) return this.chance.below(300);
    return this.chance.of([0, 1, 511, 4095, 4096, 4097, 9000, 70_000]);
  }

  /** A place in a file that is read, which may be anywhere. */
  place(): number {
    if (this.chance.happens(75)) return this.chance.below(400);
    return this.chance.of([0, 4095, 4096, 8192, 100_000, -1, 2 ** 40]);
  }

  /** A place in a file that is written: the file is as long afterwards. */
  nearPlace(): number {
    return this.chance.happens(85) ? this.chance.below(5000) : this.chance.of([0, 4096, 12_288, 70_000, -1]);
  }

  placeOrNone(): number {
    return this.chance.happens(50) ? -1 : this.chance.below(400);
  }

  /** The number that a copy of a descriptor is to have. */
  number(): number {
    return this.chance.happens(85) ? 3 + this.chance.below(10) : this.chance.of([20, 100, -1, 499]);
  }

  /** Its owner may always do everything, so that who is not root can compare and remove what is left. */
  mode(): string {
    return `0${this.chance.of([0o700, 0o755, 0o777, 0o711, 0o744, 0o4755, 0o2755, 0o6777, 0o1777]).toString(8)}`;
  }

  private hasParent(name: string): boolean {
    const parent = name.slice(0, Math.max(name.lastIndexOf('/'), 0));
    return parent === '' || this.names.get(parent) === 'directory';
  }
}
