import { errnoName, errnoText, errno } from '../abi/errno.js';
import { trappedCalls } from '../abi/sets.js';
import { descriptorsIn, pathsIn } from '../abi/takes.js';
import type { PathAt } from '../abi/vocabulary.js';
import { RscError } from '../errors.js';
import { defaultLocalPaths, type LocalPath } from '../tracer/local-paths.js';
import { isWithin, latin1, resolve } from '../tracer/paths.js';
import type { WrittenCall } from './call-text.js';
import { CompiledPolicy, Origin, type Condition, type Decision } from './compile.js';
import { ruleName, rulesOf, type Policy, type Rule, type Side } from './policy.js';
import { ruleText } from './words.js';

/** What is not written in a call. */
export interface Circumstances {
  /** The path of the program that makes it. */
  readonly program?: string | undefined;
  /** The side that its descriptors are on. */
  readonly origin?: Side | undefined;
  /** Where relative paths begin; absolute. */
  readonly directory: string;
}

/** Why a call goes where it goes, for one of its paths or, without any, for all of it. */
export interface Reason {
  /** Absolute and normalised. */
  readonly path?: string;
  readonly decision: Decision;
  readonly side: Side;
  /** The default-local path that keeps it here in spite of the decision, or the program that runs. */
  readonly stays?: LocalPath;
  /** The rule that decides; undefined: none, so that the default does. */
  readonly decides: NamedRule | undefined;
  /** The rules that were near to deciding. */
  readonly nearly: readonly (NamedRule & { readonly why: string })[];
}

/** A rule in words. */
export interface NamedRule {
  /** `rule 2 (line 7)` */
  readonly name: string;
  /** `remote: paths /data/**` */
  readonly text: string;
}

/** Where a call goes by a policy, and why. */
export interface Explanation {
  /** `runs on the server`, `is denied: EACCES (Permission denied)`. */
  readonly outcome: string;
  readonly reasons: readonly Reason[];
}

/** Explains what a policy makes of a call. Throws RSC_OPTION_INVALID where a path cannot be known. */
export function explain(policy: Policy, call: WrittenCall, circumstances: Circumstances): Explanation {
  const explainer = new Explainer(policy, call, circumstances);
  const paths = pathsIn(call.row).flatMap((at) => pathOf(call, at, circumstances.directory));
  const reasons = paths.length === 0 ? [explainer.reason()] : paths.map((path) => explainer.reason(path));
  return { outcome: explainer.outcome(reasons, paths.length > 0), reasons };
}

/** So many globs of a rule are named. */
const MOST_GLOBS = 4;

class Explainer {
  private readonly compiled: CompiledPolicy;
  private readonly rules: readonly Rule[];
  private readonly origins: number;

  constructor(
    private readonly policy: Policy,
    private readonly call: WrittenCall,
    private readonly circumstances: Circumstances,
  ) {
    this.compiled = new CompiledPolicy(policy);
    this.rules = rulesOf(policy);
    const { origin } = circumstances;
    this.origins = origin === undefined || !usesDescriptor(call) ? Origin.none : Origin[origin];
  }

  outcome(reasons: readonly Reason[], hasPaths: boolean): string {
    const { name, row } = this.call;
    const { selection, watched } = this.compiled;
    const goesPast = row.facts.some(({ kind }) => kind === 'bypasses');
    return outcomeOf(this.call, reasons, hasPaths, goesPast && trappedCalls(selection, watched).has(name));
  }

  reason(path?: string): Reason {
    const program = this.circumstances.program && latin1(this.circumstances.program);
    const name = path === undefined ? undefined : latin1(path);
    const rules = this.compiled.rulesFor(this.call.name);
    const tried = rules.all.map((rule) => ({
      decision: rule.decision,
      unmet: rule.conditions.unmet(program, name, this.origins),
    }));
    const deciding = tried.findIndex(({ unmet }) => unmet.length === 0);
    const decision = tried[deciding]?.decision ?? rules.otherwise;
    const stays = path === undefined ? undefined : staysFor(decision, path, this.circumstances.program);
    return {
      ...(path === undefined ? {} : { path }),
      decision,
      side: decision.route === 'remote' && stays === undefined ? 'remote' : 'local',
      ...(stays === undefined ? {} : { stays }),
      decides: decision.rule < 0 ? undefined : this.named(decision.rule),
      nearly: tried.flatMap(({ decision: { rule }, unmet }, index) => {
        if (index === deciding || unmet.length > 1) return [];
        const [condition] = unmet;
        if (condition === 'paths' && deciding >= 0 && !this.isNear(rule, path)) return [];
        const why = condition === undefined ? 'an earlier rule decides' : this.whyNot(condition, rule, path);
        return [{ ...this.named(rule), why }];
      }),
    };
  }

  private named(index: number): NamedRule {
    const rule = this.rules[index];
    if (rule === undefined) throw new TypeError(`there is no rule ${index}`);
    return { name: ruleName(this.policy, index), text: ruleText(rule, MOST_GLOBS) };
  }

  /** Whether a rule has a path that begins as this one does. */
  private isNear(index: number, path: string | undefined): boolean {
    return this.rules[index]?.paths?.some((glob) => glob.split('/')[1] === path?.split('/')[1]) ?? false;
  }

  private whyNot(condition: Condition, index: number, path: string | undefined): string {
    const { program, origin } = this.circumstances;
    switch (condition) {
      case 'paths':
        return path === undefined ? 'the call names no path' : `its paths do not match ${path}`;
      case 'program':
        return program === undefined
          ? 'it is for a program, and none was given (--program)'
          : `its program does not match ${program}`;
      case 'origin':
        if (!usesDescriptor(this.call)) return 'the call uses no descriptor';
        return origin === undefined
          ? `it is for ${this.rules[index]?.origin ?? ''} descriptors, and no side was given (--origin)`
          : `the descriptor is ${origin}`;
    }
  }
}

const theProgram = 'the program that runs is here';

/** What keeps a path here though a rule would send it. */
function staysFor(decision: Decision, path: string, program: string | undefined): LocalPath | undefined {
  if (decision.route !== 'remote') return undefined;
  if (path === program) return { path, why: theProgram };
  return decision.byPath ? undefined : defaultLocalPaths.find((entry) => isWithin(path, entry.path));
}

function outcomeOf(
  { name, row }: WrittenCall,
  reasons: readonly Reason[],
  hasPaths: boolean,
  isRefused: boolean,
): string {
  const denied = reasons.find(({ decision }) => decision.route === 'deny')?.decision.errno;
  if (denied !== undefined) return `is denied: ${errnoName(denied)} (${errnoText(denied)})`;
  const sides = reasons.map(({ side }) => side);
  const isRemote = sides.every((side) => side === 'remote');
  const { runs } = row;
  const unsupported = row.facts.find((fact) => fact.kind === 'remoteUnsupported');
  switch (runs.kind) {
    case 'local':
      return sides.includes('remote') ? `runs here: ${name} is never sent to the server` : 'runs here';
    case 'namedOnly':
      if (!isRemote) return 'runs here';
      return reasons[0]?.decision.isNamed
        ? 'runs on the server'
        : `runs here: only a rule that has ${name} by its own name sends it`;
    case 'both':
      return isRemote ? 'runs on both sides' : 'runs here';
    case 'refused':
      return isRefused || reasons.some(({ decision }) => decision.route === 'remote')
        ? `is refused: ${runs.errno}: ${runs.because}`
        : 'runs here';
    case 'ownerOf':
    case 'mapping':
      return `runs where its descriptor is: ${runs.fd}`;
    case 'ownersOf':
    case 'ownersIn':
      return `runs where its descriptors are: ${runs.fds.join(', ')}`;
    case 'cwd':
      return 'runs where the working directory is';
    case 'pathOf':
    case 'pathsOf':
      if (!hasPaths) return `runs where its descriptor is: ${descriptorsIn(row).join(', ')}`;
      if (new Set(sides).size > 1)
        return `is refused: EXDEV (${errnoText(errno.EXDEV)}): its paths are on different sides`;
  }
  if (!isRemote) return 'runs here';
  return unsupported?.kind === 'remoteUnsupported'
    ? `is refused: ${unsupported.errno}: ${unsupported.because}`
    : 'runs on the server';
}

/** The absolute name of a path argument; none for an empty one, which means its descriptor. */
function pathOf({ args }: WrittenCall, [dirfd, path]: PathAt, directory: string): string[] {
  const written = args[path];
  if (written === undefined && dirfd !== undefined && args[dirfd] !== undefined) return [];
  if (written?.kind !== 'text') {
    if (written === undefined) throw unknown(`its ${path} is missing`, 'write the path in quotes');
    return [];
  }
  if (written.text === '') return [];
  if (written.text.startsWith('/')) return [resolve('/', written.text)];
  const at = dirfd === undefined ? undefined : args[dirfd];
  if (at?.kind !== 'word' || at.text === 'AT_FDCWD')
    return [resolve((at?.kind === 'word' && at.path) || directory, written.text)];
  if (at.path === undefined) {
    throw unknown(
      `"${written.text}" is relative to descriptor ${at.text}, whose path is not known`,
      `${at.text}</its/path>, as strace -y prints it`,
    );
  }
  return [resolve(at.path, written.text)];
}

/** Whether a descriptor is among the arguments, and is looked at. */
function usesDescriptor({ row, args }: WrittenCall): boolean {
  const unused = pathsIn(row).flatMap(([dirfd, path]) => {
    const written = args[path];
    return written?.kind === 'text' && written.text.startsWith('/') ? [dirfd] : [];
  });
  return descriptorsIn(row).some((name) => {
    const written = args[name];
    return written?.kind === 'word' && written.text !== 'AT_FDCWD' && !unused.includes(name);
  });
}

function unknown(because: string, suggestion: string): RscError {
  return new RscError('RSC_OPTION_INVALID', `cannot explain the call: ${because}`, suggestion);
}
