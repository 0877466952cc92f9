import { constant } from '../../abi/constants.js';
import { errno } from '../../abi/errno.js';
import type { Fact } from '../../abi/vocabulary.js';
import { PATH_MAX, type Call } from '../call.js';
import type { Description } from '../descriptors.js';
import type { ProcessOf } from '../magic-links.js';
import type { TraceeProcess } from '../process.js';
import type { Refused, Route, Router } from '../router.js';
import type { SharedImage } from '../shared-image.js';
import type { Stepper } from '../steps.js';
import type { WarnOnce } from '../warn.js';

/** The fact of a row that is of kind `K`. */
export type Named<K> = Extract<Fact, { readonly kind: K }>;

/** What every kind of call needs to be carried out. */
export class Context {
  /** The remote files that tracees map, shared. */
  readonly images = new Map<string, SharedImage>();
  /** Links that tracees have made on the server, and that lead to paths of this machine, with these. */
  readonly strayLinks = new Map<string, string>();
  /** The first program has been executed: until then the policy denies nothing, for it is rsc that acts. */
  isBegun = false;
  /** Makes the threads begin anew that may wait here alone for an open file which has to do with the server from now on. */
  wakeWaiters: (description: Description) => void = () => undefined;
  /** The traced process with a thread of that id. */
  processOf: ProcessOf = () => undefined;
  /** All processes that are traced. */
  processes: () => ReadonlySet<TraceeProcess> = () => new Set();
  private readonly text = Buffer.alloc(PATH_MAX);

  constructor(
    readonly step: Stepper,
    readonly router: Router,
    private readonly warn: WarnOnce,
    /** Whether tracees may be given filters: they keep them to their end. */
    readonly addsFilters: boolean,
  ) {}

  /** Where the call goes; refused where it is remote and not supported there. */
  routeOf(call: Call): Route {
    return this.supported(call, this.router.routeOf(call));
  }

  /** The route, or where it is remote and the call not supported there, the answer that it gets. */
  supported(call: Call, route: Route): Route {
    const { facts } = call.row;
    if (route.side === 'remote') {
      const unsupported = facts.find((fact) => fact.kind === 'remoteUnsupported');
      if (unsupported?.kind !== 'remoteUnsupported') return route;
      return { side: 'refused', errno: errno[unsupported.errno], because: unsupported.because };
    }
    return route;
  }

  /** The answer to a call that the policy denies. Its strings have been read. */
  denialOf(call: Call): Refused | undefined {
    return this.isBegun ? this.router.denialOf(call) : undefined;
  }

  /** The result of a call that is not run. The operator is told of it once. */
  refusal(call: Call, { errno: number, because }: Refused): bigint {
    if (because !== undefined) this.warn(call, number, because);
    return BigInt(-number);
  }

  /** Tells the operator, once for each syscall, what a call could not do though its result does not say so. */
  complain(call: Call, errno: number, because: string): void {
    this.warn(call, errno, because);
  }

  /**
   * Reads the call's strings. A negated errno when one of its paths cannot be had. One that is too long is cut off where it
   * still is too long: whether that or something else is wrong with the call first, a kernel knows.
   */
  readStrings(call: Call): bigint | undefined {
    if (!call.hasStrings) {
      const { registers, process } = call.thread;
      call.takeStrings((register) => this.readString(process.pid, registers.argument(register)));
    }
    return call.unreadable;
  }

  private readString(pid: number, pointer: bigint): string | number {
    const read = this.step.kernel.readString(pid, pointer, this.text, 0, PATH_MAX);
    const length = read === -errno.ENAMETOOLONG ? PATH_MAX : read;
    return length < 0 ? length : this.text.toString('latin1', 0, length);
  }

  /** Whether the argument has O_CLOEXEC. */
  closesOnExec(call: Call, name: string): boolean {
    return (this.flagsOf(call, name) & constant('O_CLOEXEC')) !== 0;
  }

  /** Whether an open may make a file or truncate one: by its flags, or always where it has none (creat(2)). */
  changesFile(call: Call, flags: string | undefined): boolean {
    if (flags === undefined) return true;
    return (this.flagsOf(call, flags) & (constant('O_CREAT') | constant('O_TRUNC'))) !== 0;
  }

  /** The argument as flags; of a struct its first word has them (openat2(2)). */
  flagsOf(call: Call, name: string): number {
    const pointsToFlags = call.row.args[name]?.kind === 'bytes';
    if (!pointsToFlags) return call.int(name);
    const word = Buffer.alloc(8);
    this.step.read(call.thread, call.arg(name), word);
    return word.readUInt32LE();
  }
}
