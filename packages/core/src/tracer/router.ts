import { lstatSync, readlinkSync } from 'node:fs';
import type { PathAt } from '../abi/vocabulary.js';
import { errno } from '../abi/errno.js';
import { descriptorsIn, pathsIn } from '../abi/takes.js';
import { Origin, type CompiledPolicy, type Decision } from '../policy/compile.js';
import { AT_FDCWD, type Call } from './call.js';
import { isLocalPath, localPathsFor, type Exec, type LocalPath } from './local-paths.js';
import { climbs, resolve } from './paths.js';
import type { TraceeProcess } from './process.js';

/** Where a call goes. */
export type Route =
  /** To the tracee's own kernel; `paths` by register replace paths that it would resolve from another directory. */
  | { readonly side: 'local'; readonly paths?: ReadonlyMap<number, string> }
  /** To the twin; `paths` by register are absolute, and sent in place of the tracee's. */
  | { readonly side: 'remote'; readonly paths?: ReadonlyMap<number, string> }
  | Refused;

/** A call that goes to neither side: the answer is this errno. */
export interface Refused {
  readonly side: 'refused';
  readonly errno: number;
  readonly because?: string | undefined;
}

/** Where one path leads. `name` is absolute and normalised; `send` replaces the path where the side would read it otherwise. */
export interface Place {
  readonly side: 'local' | 'remote';
  readonly name: string;
  readonly send?: string;
  /** Relative to a descriptor that is not open: either side answers EBADF. */
  readonly isAdrift?: boolean;
}

/** A name that leads to nothing. */
const NOWHERE = '/proc/self/fd';

const local: Route = { side: 'local' };
const remote: Route = { side: 'remote' };

/**
 * Chooses the side on which a call runs, from its row, the policy and the tracee's state. Paths are taken by name: what
 * is behind a symbolic link is found on the side where the link is.
 */
export class Router {
  private readonly localPaths: readonly LocalPath[];

  constructor(
    private policy: CompiledPolicy,
    /** Where programs come from. */
    readonly exec: Exec = 'local',
  ) {
    this.localPaths = localPathsFor(exec);
  }

  /** Goes by another policy from now on. A call that has asked already goes on by the one that it asked. */
  follow(policy: CompiledPolicy): void {
    this.policy = policy;
  }

  routeOf(call: Call): Route {
    const { runs } = call.row;
    const { process } = call.thread;
    switch (runs.kind) {
      case 'local':
        return local;
      case 'ownerOf':
        return this.owns(process, call.int(runs.fd)) ? remote : local;
      case 'mapping':
        return this.owns(process, call.int(runs.fd)) ? remote : local;
      case 'ownersOf': {
        const sides = runs.fds.map((fd) => this.owns(process, call.int(fd)));
        if (sides.every((isRemote) => isRemote === sides[0])) return sides[0] ? remote : local;
        const isOpen = runs.fds.every(
          (fd) => this.owns(process, call.int(fd)) || isOpenHere(process, call.int(fd)),
        );
        // The server's kernel has no such descriptor either, and knows which error comes first.
        return isOpen ? { side: 'refused', errno: errno[runs.mixed], because: runs.because } : remote;
      }
      case 'pathOf':
        return this.routeOfPaths(call, [runs.at]);
      case 'pathsOf':
        return this.routeOfPaths(call, [runs.from, runs.to]);
      case 'cwd':
        return process.directory.remote === undefined ? local : remote;
      case 'remote':
      case 'both':
        return this.decide(call).route === 'remote' ? remote : local;
      case 'namedOnly': {
        const { route, isNamed } = this.decide(call);
        return route === 'remote' && isNamed ? remote : local;
      }
      case 'ownersIn':
        return local;
      case 'refused':
        if (this.decide(call).route !== 'remote' && isSafeHere(call)) return local;
        return { side: 'refused', errno: errno[runs.errno], because: runs.because };
    }
  }

  /** Whether the policy denies some calls of that name. */
  mayDeny(call: Call): boolean {
    const policy = this.policyOf(call);
    return policy.denied.size > 0 && policy.rulesFor(call.name).mayDeny;
  }

  /** The answer to a call that the policy denies: for one of its paths, where it takes some. Its strings have been read. */
  denialOf(call: Call): Refused | undefined {
    const paths = pathsIn(call.row).filter(([, path]) => (call.strings[call.index(path)] ?? '') !== '');
    if (paths.length === 0) return this.denialAt(call);
    return paths
      .map((at) => this.denialAt(call, this.nameOf(call, at)))
      .find((denial) => denial !== undefined);
  }

  /** The same for the path `name`, to which a path of the call leads. */
  denialAt(call: Call, name?: string): Refused | undefined {
    const { route, errno: number } = this.decide(call, name);
    return route === 'deny' ? { side: 'refused', errno: number } : undefined;
  }

  /** The absolute name of a call's path, for what the tracer keeps of it. */
  nameOf(call: Call, at: PathAt): string {
    return this.placeOf(call, at).name;
  }

  /** Whether a call's path leads to the server. */
  isRemote(call: Call, at: PathAt): boolean {
    return this.placeOf(call, at).side === 'remote';
  }

  /** What the twin is asked for in place of the tracee's path: the path, and the descriptor that it is relative to. */
  sentFor(call: Call, at: PathAt): { readonly dirfd: number; readonly path: string } {
    const [dirfdName, pathName] = at;
    const { descriptors } = call.thread.process;
    const dirfd = dirfdName === undefined ? AT_FDCWD : call.int(dirfdName);
    const path = this.placeOf(call, at).send ?? call.strings[call.index(pathName)] ?? '';
    return { dirfd: descriptors.get(dirfd)?.number ?? AT_FDCWD, path };
  }

  /** The absolute name of a path on the server that begins at the process's working directory. */
  fromDirectory({ directory }: TraceeProcess, path: string): string {
    return resolve(directory.remote ?? '/', path);
  }

  /** Whether a path is relative to a remote directory, where the tracee's kernel does not stand. */
  isRelativeToRemote(call: Call, [dirfdName, pathName]: PathAt): boolean {
    if (call.strings[call.index(pathName)]?.startsWith('/') !== false) return false;
    const dirfd = dirfdName === undefined ? AT_FDCWD : call.int(dirfdName);
    const { directory, descriptors } = call.thread.process;
    return (dirfd === AT_FDCWD ? directory.remote : descriptors.get(dirfd)) !== undefined;
  }

  /** Whether a call on the path `name` would be the server's. */
  isSelected(call: Call, name: string): boolean {
    return this.sideOf(call, name, 'local') === 'remote';
  }

  private policyOf(call: Call): CompiledPolicy {
    return (call.policy ??= this.policy);
  }

  private decide(call: Call, name?: string): Decision {
    const rules = this.policyOf(call).rulesFor(call.name);
    if (rules.only !== undefined) return rules.only;
    const origins = rules.readsOrigin ? originsOf(call) : Origin.none;
    return rules.decide(call.thread.process.image, name, origins);
  }

  /** Where the path `name` leads. `base` is the side that it is relative to: a call that no rule speaks of stays there. */
  private sideOf(call: Call, name: string, base: 'local' | 'remote'): 'local' | 'remote' {
    const { route, byPath, isUnspoken } = this.decide(call, name);
    const side = isUnspoken ? base : route;
    if (side !== 'remote') return 'local';
    const { image, script } = call.thread.process;
    return name === image || name === script || (!byPath && isLocalPath(name, this.localPaths))
      ? 'local'
      : 'remote';
  }

  private owns(process: TraceeProcess, fd: number): boolean {
    return process.descriptors.get(fd) !== undefined;
  }

  private routeOfPaths(call: Call, paths: readonly PathAt[]): Route {
    const places = paths.map((at) => this.placeOf(call, at));
    const fixed = places.filter(({ isAdrift }) => !isAdrift);
    const side = fixed[0]?.side ?? 'local';
    if (fixed.some((place) => place.side !== side)) return { side: 'refused', errno: errno.EXDEV };
    let changed: Map<number, string> | undefined;
    places.forEach(({ send }, index) => {
      const at = paths[index];
      if (send !== undefined && at) (changed ??= new Map()).set(call.index(at[1]), send);
    });
    return changed ? { side, paths: changed } : side === 'remote' ? remote : local;
  }

  private placeOf(call: Call, at: PathAt): Place {
    const register = call.index(at[1]);
    return (call.places[register] ??= this.findPlace(call, at));
  }

  private findPlace(call: Call, [dirfdName, pathName]: PathAt): Place {
    const { process } = call.thread;
    const path = call.strings[call.index(pathName)] ?? '';
    const dirfd = dirfdName === undefined ? AT_FDCWD : call.int(dirfdName);
    if (path.startsWith('/')) return this.absolute(call, path);

    const base = dirfd === AT_FDCWD ? process.directory.remote : process.descriptors.get(dirfd)?.path;
    if (base !== undefined) {
      const name = resolve(base, path);
      // A descriptor has only one side, whatever it was opened by.
      if (path === '' || this.sideOf(call, name, 'remote') === 'remote') return { side: 'remote', name };
      return { side: 'local', name, send: name };
    }
    const here = localName(process, dirfd);
    if (here === undefined) return { side: 'local', name: NOWHERE, isAdrift: true };
    if (path === '') return { side: 'local', name: here };
    const name = resolve(here, path);
    if (this.sideOf(call, name, 'local') === 'local') return { side: 'local', name };
    return { side: 'remote', name, send: name };
  }

  private absolute(call: Call, path: string): Place {
    const name = resolve('/', path);
    const side = this.sideOf(call, name, 'local');
    // The way to `..` may lead through directories that only the other side has.
    return climbs(path) ? { side, name, send: name } : { side, name };
  }
}

/** Whether a call that is refused elsewhere may run here: it hides no others, and its paths begin here. */
function isSafeHere({ row, thread }: Call): boolean {
  return thread.process.directory.remote === undefined && !row.facts.some(({ kind }) => kind === 'bypasses');
}

/** The sides that the call's descriptors are on: bits of Origin. A directory's counts where a path begins at it. */
function originsOf(call: Call): number {
  const { descriptors } = call.thread.process;
  const unused = pathsIn(call.row).flatMap(([dirfd, path]) =>
    call.strings[call.index(path)]?.startsWith('/') ? [dirfd] : [],
  );
  let origins: number = Origin.none;
  for (const name of descriptorsIn(call.row)) {
    const fd = call.int(name);
    if (fd === AT_FDCWD || unused.includes(name)) continue;
    origins |= descriptors.get(fd) === undefined ? Origin.local : Origin.remote;
  }
  return origins;
}

/** Whether the process has a descriptor of that number, a placeholder or not. */
export function isOpenHere(process: TraceeProcess, fd: number): boolean {
  return lstatSync(`/proc/${process.pid}/fd/${fd}`, { throwIfNoEntry: false }) !== undefined;
}

/** The name of the tracee's local directory, in latin1; undefined where there is no such descriptor. */
function localName(process: TraceeProcess, dirfd: number): string | undefined {
  const link = dirfd === AT_FDCWD ? 'cwd' : `fd/${dirfd}`;
  try {
    return readlinkSync(`/proc/${process.pid}/${link}`, 'latin1');
  } catch {
    return undefined;
  }
}
