/**
 * Globs over absolute paths. `*` and `?` stand for characters of one component, `[a-z]` for one of these, `**` as a
 * component for any number of components; at the end, `/data/**` is /data and all below it. Paths are latin1, as the
 * tracer has them, globs are text.
 */
import { isWithin, latin1 } from '../tracer/paths.js';

/** How many answers are remembered. */
const REMEMBERED = 4096;
const special = /[*?[\]{}\\]/;

/** Some globs, any of which may match. */
export class Globs {
  private readonly exact = new Set<string>();
  private readonly folders: string[] = [];
  private readonly pattern: RegExp | undefined;
  /** Names do not change what they match. */
  private readonly known = new Map<string, boolean>();

  constructor(globs: readonly string[]) {
    const patterns: string[] = [];
    for (const glob of globs.map(latin1)) {
      const folder = folderOf(glob);
      if (folder !== undefined) this.folders.push(folder);
      else if (!special.test(glob)) this.exact.add(glob);
      else patterns.push(sourceOf(glob));
    }
    if (patterns.length > 0) this.pattern = new RegExp(`^(?:${patterns.join('|')})$`, 's');
  }

  /** Whether a glob matches the absolute, normalised path. */
  matches(path: string): boolean {
    if (this.exact.has(path)) return true;
    for (const folder of this.folders) if (isWithin(path, folder)) return true;
    return this.pattern !== undefined && this.matchesPattern(this.pattern, path);
  }

  private matchesPattern(pattern: RegExp, path: string): boolean {
    let answer = this.known.get(path);
    if (answer === undefined) {
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(path, (answer = pattern.test(path)));
    }
    return answer;
  }
}

/** The folder of a glob that is one and all below it, undefined for any other glob. */
export function folderOf(glob: string): string | undefined {
  const folder = glob.endsWith('/**') ? glob.slice(0, -3) : undefined;
  // Of /** the folder is the root, whose name ends with what the others' names are followed by.
  return folder === undefined || folder === '' || special.test(folder) ? undefined : folder;
}

/** Where the matches of a glob are. */
export interface Span {
  /** The deepest path, in latin1, that is surely above or at all that the glob matches; '' for the root. */
  readonly anchor: string;
  /** The anchor and all below it match. */
  readonly isWhole: boolean;
}

export function spanOf(text: string): Span {
  const glob = latin1(text);
  const folder = folderOf(glob);
  if (folder !== undefined) return { anchor: folder, isWhole: true };
  const components = componentsOf(glob);
  const first = components.findIndex((component) => special.test(component));
  const fixed = first < 0 ? components : components.slice(0, first);
  const anchor = fixed.map((component) => `/${component}`).join('');
  return { anchor: anchor === '/' ? '' : anchor, isWhole: glob === '/**' };
}

/** What is wrong with a glob, and what to write instead. */
export interface GlobProblem {
  readonly found: string;
  readonly fix: string;
}

/** Why a glob can match no absolute, normalised path, or not what its writer thinks; undefined for a good one. */
export function globProblem(glob: string): GlobProblem | undefined {
  const quoted = JSON.stringify(glob);
  if (glob === '') return { found: 'an empty one', fix: 'name a path, or leave the line out' };
  if (/^[~$]/.test(glob)) {
    return { found: `${quoted}, which no shell expands here`, fix: glob.replace(/^[^/]*/, '/home/NAME') };
  }
  if (!glob.startsWith('/')) {
    return {
      found: `${quoted}, which does not begin with /`,
      fix: glob.includes('/') ? `/${glob}` : `/**/${glob}`,
    };
  }
  if (glob !== '/' && glob.endsWith('/')) {
    return { found: `${quoted}, which ends with /`, fix: `${glob}** for the folder and all below it` };
  }
  if (/\/(\.{0,2})(\/|$)/.test(glob) && glob !== '/') {
    return { found: `${quoted}, which is not in its shortest form`, fix: 'write it without //, . and ..' };
  }
  return componentsOf(glob)
    .map((component) => componentProblem(component, quoted))
    .find((problem) => problem !== undefined);
}

function componentProblem(component: string, quoted: string): GlobProblem | undefined {
  if (component !== '**' && component.includes('**')) {
    return {
      found: `${quoted}, in which ** is not a whole component`,
      fix: `${component.replaceAll(/\*+/g, '*')} in that place, or /**/ for folders`,
    };
  }
  const rest = component.replaceAll(/\\./g, '');
  if (rest.includes('\\'))
    return { found: `${quoted}, which has nothing behind its last \\`, fix: '\\\\ for a \\' };
  if (/[{}]/.test(rest)) {
    return {
      found: `${quoted}, which has braces`,
      fix: 'a list with a glob for each choice, or \\{ for a brace',
    };
  }
  const outside = rest.replaceAll(/\[!?[\x20-\x5c\x5e-\x7e]+\]/g, '');
  if (/[[\]]/.test(outside)) {
    return {
      found: `${quoted}, which has a [ without its characters and ]`,
      fix: 'close it, or \\[ for a bracket',
    };
  }
  const backwards = [...rest.matchAll(/\[[^\]]*\]/g)].flatMap(([range]) => [...range.matchAll(/(.)-(.)/g)]);
  const wrong = backwards.find(([, from = '', to = '']) => from > to);
  return (
    wrong && {
      found: `${quoted}, in which ${wrong[0]} is no range`,
      fix: `${wrong[2] ?? ''}-${wrong[1] ?? ''}`,
    }
  );
}

function componentsOf(glob: string): string[] {
  return glob.slice(1).split('/');
}

/** A glob as the source of a regular expression. */
function sourceOf(glob: string): string {
  const components = componentsOf(glob);
  const last = components.length - 1;
  return components
    .map((component, index) => {
      if (component !== '**') return `/${componentSource(component)}`;
      return index === last ? '(?:/.*)?' : '(?:/[^/]+)*';
    })
    .join('');
}

/** A character is one byte, or a byte that begins one and those that follow it (UTF-8). */
const character = '(?:[^/\\x80-\\xff]|[\\xc0-\\xff][\\x80-\\xbf]*(?![\\x80-\\xbf])|[\\x80-\\xbf])';

function componentSource(component: string): string {
  return component.replaceAll(
    /\\(.)|\[(!?)([^\]]+)\]|[^]/g,
    (text, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return literal(escaped);
      if (set !== undefined) return `${not === '!' ? '(?!/)[^' : '['}${set.replaceAll(/[\\^[]/g, '\\$&')}]`;
      return text === '*' ? '[^/]*' : text === '?' ? character : literal(text);
    },
  );
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
