import { errno } from '../abi/errno.js';
import { bypassing, executing, type Selection } from '../abi/sets.js';
import { syscallNames, type SyscallName } from '../abi/table.js';
import { Globs } from './glob.js';
import { rulesOf, type Policy, type Rule, type Side } from './policy.js';
import { chosenBy, isOfAllPaths, reachOf } from './reach.js';

/** What a policy says of a call. */
export interface Decision {
  readonly route: Side | 'deny';
  /** The error number that a denied call answers; else 0. */
  readonly errno: number;
  /** The rule that decides, as rulesOf counts; -1: none, it is the policy's default. */
  readonly rule: number;
  /** The rule has named the path. */
  readonly byPath: boolean;
  /** The rule has named this very call. */
  readonly isNamed: boolean;
  /** No rule speaks of calls of that name: what is relative to a remote directory follows that. */
  readonly isUnspoken: boolean;
}

/** Which sides the descriptors of a call are on: bits. */
export const Origin = { none: 0, local: 1, remote: 2 } as const;

/** A condition of a rule. */
export type Condition = 'paths' | 'program' | 'origin';

/** What a rule asks of the calls that it decides for. */
class Conditions {
  private readonly paths: Globs | undefined;
  private readonly program: Globs | undefined;
  private readonly origin: number;

  constructor(rule: Rule) {
    this.paths = rule.paths && new Globs(rule.paths);
    this.program = rule.program && new Globs(rule.program);
    this.origin = rule.origin === undefined ? Origin.none : Origin[rule.origin];
  }

  get isEmpty(): boolean {
    return this.paths === undefined && this.program === undefined && this.origin === Origin.none;
  }

  get readsOrigin(): boolean {
    return this.origin !== Origin.none;
  }

  areMet(program: string, path: string | undefined, origins: number): boolean {
    return (
      (this.origin === Origin.none || (this.origin & origins) !== 0) &&
      (this.program === undefined || this.program.matches(program)) &&
      (this.paths === undefined || (path !== undefined && this.paths.matches(path)))
    );
  }

  unmet(program: string | undefined, path: string | undefined, origins: number): Condition[] {
    const unmet: Condition[] = [];
    if (this.paths && (path === undefined || !this.paths.matches(path))) unmet.push('paths');
    if (this.program && (program === undefined || !this.program.matches(program))) unmet.push('program');
    if (this.origin !== Origin.none && (this.origin & origins) === 0) unmet.push('origin');
    return unmet;
  }
}

/** A rule as it is tried for calls of one name. */
export interface RuleOfCall {
  readonly conditions: Conditions;
  readonly decision: Decision;
}

/** The rules that may decide for calls of one name, in order. */
export class RulesOfCall {
  /** The decision, where it is the same for all calls of the name. */
  readonly only: Decision | undefined;
  readonly readsOrigin: boolean;
  readonly mayDeny: boolean;
  readonly mayBeRemote: boolean;

  private readonly rules: readonly RuleOfCall[];

  constructor(
    /** Also those that come too late to decide. */
    readonly all: readonly RuleOfCall[],
    readonly otherwise: Decision,
  ) {
    const last = all.findIndex(({ conditions }) => conditions.isEmpty);
    const rules = last < 0 ? all : all.slice(0, last + 1);
    this.rules = rules;
    const [first] = rules;
    if (first === undefined) this.only = otherwise;
    else if (first.conditions.isEmpty) this.only = first.decision;
    const decisions = [...rules.map(({ decision }) => decision), ...(last < 0 ? [otherwise] : [])];
    this.readsOrigin = rules.some(({ conditions }) => conditions.readsOrigin);
    this.mayDeny = decisions.some(({ route }) => route === 'deny');
    this.mayBeRemote = decisions.some(({ route }) => route === 'remote');
  }

  /**
   * What the first rule says that matches. `path` is absolute and normalised, in latin1; undefined: the call takes none.
   * `origins` has bits of Origin.
   */
  decide(program: string, path: string | undefined, origins: number): Decision {
    if (this.only !== undefined) return this.only;
    for (const { conditions, decision } of this.rules) {
      if (conditions.areMet(program, path, origins)) return decision;
    }
    return this.otherwise;
  }
}

/** A rule with all that does not depend on the call. */
interface Prepared {
  readonly rule: Rule;
  readonly named: ReadonlySet<SyscallName>;
  readonly reach: ReadonlySet<SyscallName>;
  readonly conditions: Conditions;
  /** The same without paths, for calls that are of all paths at once. */
  readonly conditionsOfAllPaths: Conditions;
}

/** A policy made ready to be asked of each call. */
export class CompiledPolicy {
  /** The calls that may be remote. */
  readonly selection: Selection;
  /** The calls that may be denied. */
  readonly denied: ReadonlySet<SyscallName>;
  /** The calls that the tracer has to see for the policy's sake, though they may not be remote. */
  readonly watched: ReadonlySet<SyscallName>;
  private readonly prepared: readonly Prepared[];
  private readonly otherwise: Decision;
  private readonly known = new Map<string, RulesOfCall>();

  /** Throws RSC_SYSCALL_UNKNOWN. */
  constructor(readonly policy: Policy) {
    this.prepared = rulesOf(policy).map(prepare);
    this.otherwise = {
      route: policy.default,
      errno: 0,
      rule: -1,
      byPath: false,
      isNamed: false,
      isUnspoken: false,
    };
    const remote = policy.default === 'remote' ? syscallNames : this.reachedBy('remote');
    const named = this.prepared.flatMap(({ rule, named }) => (rule.route === 'remote' ? [...named] : []));
    this.selection = {
      names: new Set(remote.filter((name) => this.rulesFor(name).mayBeRemote)),
      named: new Set(named),
    };
    this.denied = new Set(this.reachedBy('deny').filter((name) => this.rulesFor(name).mayDeny));
    this.watched = new Set(this.watchedFor(policy));
  }

  private watchedFor(policy: Policy): readonly SyscallName[] {
    if (this.denied.size > 0) return [...this.denied, ...bypassing, ...executing];
    return rulesOf(policy).some(({ program }) => program !== undefined) ? [...executing] : [];
  }

  /** The rules for calls of that name. */
  rulesFor(name: string): RulesOfCall {
    let known = this.known.get(name);
    if (known === undefined) this.known.set(name, (known = this.compile(name as SyscallName)));
    return known;
  }

  private reachedBy(route: Rule['route']): readonly SyscallName[] {
    return this.prepared.flatMap(({ rule, reach }) => (rule.route === route ? [...reach] : []));
  }

  private compile(name: SyscallName): RulesOfCall {
    const rules: RuleOfCall[] = [];
    this.prepared.forEach((prepared, index) => {
      const { rule, reach, named } = prepared;
      if (!reach.has(name)) return;
      const isBlind = rule.route === 'remote' && rule.paths !== undefined && isOfAllPaths(name);
      const conditions = isBlind ? prepared.conditionsOfAllPaths : prepared.conditions;
      rules.push({ conditions, decision: decisionOf(rule, index, named.has(name)) });
    });
    const isUnspoken = rules.length === 0 && this.otherwise.route === 'local';
    return new RulesOfCall(rules, isUnspoken ? { ...this.otherwise, isUnspoken } : this.otherwise);
  }
}

function prepare(rule: Rule): Prepared {
  const { paths, ...pathless } = rule;
  const conditions = new Conditions(rule);
  return {
    rule,
    named: chosenBy(rule).named,
    reach: reachOf(rule),
    conditions,
    conditionsOfAllPaths: paths === undefined ? conditions : new Conditions(pathless),
  };
}

function decisionOf({ route, paths, errno: name }: Rule, rule: number, isNamed: boolean): Decision {
  return {
    route,
    errno: name === undefined ? 0 : errno[name],
    rule,
    byPath: paths !== undefined,
    isNamed,
    isUnspoken: false,
  };
}
