import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { splitCommandLine } from './command-line.js';
import type { RunRequest } from './run.js';

/** A flag as the command `run` declares it, in oclif's manifest. */
interface Flag {
  readonly type: 'option' | 'boolean';
  readonly default?: string;
  readonly env?: string;
  readonly exclusive?: readonly string[];
  /** The values that it may have. */
  readonly options?: readonly string[];
}

type Flags = Readonly<Record<string, Flag>>;

/**
 * What `rsc run WORDS` asks for, read without oclif, which takes longer to load than a short program to run. Undefined
 * where oclif has to have its say: help, mistakes, and a build without a manifest.
 */
export function quickRequest(words: readonly string[]): RunRequest | undefined {
  const { flags: written, command } = splitCommandLine(words);
  const flags = declaredFlags();
  if (flags === undefined || command.length === 0) return undefined;
  const given = valuesIn(written, flags);
  if (given === undefined || areAtOdds(given, flags)) return undefined;
  const request: unknown = { ...standIns(given, flags), ...given, command };
  return request as RunRequest;
}

function declaredFlags(): Flags | undefined {
  try {
    const manifest = readFileSync(join(__dirname, '../../oclif.manifest.json'), 'utf8');
    return (JSON.parse(manifest) as { readonly commands: { readonly run: { readonly flags: Flags } } })
      .commands.run.flags;
  } catch {
    return undefined;
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function valuesIn(written: readonly string[], flags: Flags): Values | undefined {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type }]) => {
      return [name, { type: type === 'option' ? 'string' : 'boolean' } as const];
    }),
  );
  try {
    const { values, tokens } = parseArgs({ args: [...written], options, tokens: true });
    return tokens.length === Object.keys(values).length ? values : undefined;
  } catch {
    return undefined;
  }
}

function areAtOdds(given: Values, flags: Flags): boolean {
  return Object.entries(given).some(([name, value]) => {
    const { exclusive, options } = flags[name] ?? {};
    return exclusive?.some((other) => other in given) || options?.includes(String(value)) === false;
  });
}

/** What stands in for flags that were not given. The environment gives way to a flag that excludes what it sets. */
function standIns(given: Values, flags: Flags): Values {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { env, exclusive, default: value }]) => {
      const isExcluded = exclusive?.some((other) => other in given) ?? false;
      const fromEnvironment = env === undefined || isExcluded ? undefined : process.env[env];
      return [name, fromEnvironment || value];
    }),
  );
}
