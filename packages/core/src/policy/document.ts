import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { nearestName } from '../abi/lookup.js';
import { choice, type Mistake } from './mistakes.js';

/** What a mistake is, without its place. */
export type Complaint = Omit<Mistake, 'line' | 'column'>;

/** A piece of text in the file, at its offset. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** A key of a map with its value. */
export interface Field {
  readonly at: number;
  readonly value: Node | null;
}

/** A YAML document that is read with all its mistakes: they are collected, with their places, and nothing is thrown. */
export class PolicyDocument {
  private readonly found: { readonly offset: number; readonly complaint: Complaint }[] = [];
  private readonly lines = new LineCounter();
  private readonly document: Document.Parsed;

  constructor(private readonly source: string) {
    this.document = parseDocument(source, { lineCounter: this.lines, prettyErrors: false });
    for (const error of this.document.errors) {
      this.report(error.pos[0], complaintOf(error, source));
    }
  }

  /** The value of the document; undefined where its syntax is wrong, so that what it says is not known. */
  get contents(): Node | null | undefined {
    return this.document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')
      ? undefined
      : this.document.contents;
  }

  /** In the order of the file. */
  get mistakes(): readonly Mistake[] {
    return this.found
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, complaint }) => {
        const { line, column } = this.placeOf(offset);
        return { line, column, ...complaint };
      });
  }

  get mistakeCount(): number {
    return this.found.length;
  }

  lineOf(offset: number): number {
    return this.placeOf(offset).line;
  }

  report(at: Node | number, complaint: Complaint): void {
    this.found.push({ offset: typeof at === 'number' ? at : startOf(at), complaint });
  }

  /** The keys of a map that are known, by name. Reports the others. `what` has them: `a rule`. */
  fields<K extends string>(map: YAMLMap, what: string, known: readonly K[]): Partial<Record<K, Field>> {
    const fields: Partial<Record<K, Field>> = {};
    for (const { key, value } of map.items as { key: Node; value: Node | null }[]) {
      const name = isScalar(key) ? String(key.value) : undefined;
      const found = known.find((candidate) => candidate === name);
      if (found !== undefined) fields[found] ??= { at: startOf(key), value: this.resolve(value) };
      else this.report(key, unknownKey(name, describe(key), what, known));
    }
    return fields;
  }

  /** The text of a scalar. Reports anything else. */
  text({ at, value }: Field, complaint: Omit<Complaint, 'found'>): Word | undefined {
    if (isScalar(value)) {
      if (value.tag !== undefined) {
        // `!unlink` without quotes is a tag, of an empty value.
        const { tag } = value;
        this.report(at, { ...complaint, found: `the YAML tag ${tag}`, fix: `'${tag}', in quotes` });
        return undefined;
      }
      if (typeof value.value === 'string') return { text: value.value, at: startOf(value) };
    }
    this.report(value ?? at, { ...complaint, found: describe(value) });
    return undefined;
  }

  /** A text, or the texts of a list. Reports anything else, and an empty list. */
  texts(field: Field, complaint: Omit<Complaint, 'found'>): readonly Word[] {
    const { at, value } = field;
    if (!isSeq(value)) {
      const word = this.text(field, complaint);
      return word === undefined ? [] : [word];
    }
    if (value.items.length === 0) this.report(value, { ...complaint, found: 'an empty list' });
    return (value.items as (Node | null)[]).flatMap((item) => {
      const word = this.text({ at: item ? startOf(item) : at, value: this.resolve(item) }, complaint);
      return word === undefined ? [] : [word];
    });
  }

  /** The parts of a word between commas, each at its own place. */
  parts({ text, at }: Word): readonly Word[] {
    let from = at;
    return text.split(',').map((part) => {
      const wanted = part.trim();
      const place = this.source.indexOf(wanted, from);
      const found = wanted === '' || place < 0 ? from : place;
      // Behind the comma.
      from = found + wanted.length + 1;
      return { text: wanted, at: found };
    });
  }

  /** What an alias stands for, or the node itself. */
  resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.document) ?? node) : node;
  }

  private placeOf(offset: number): { line: number; column: number } {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** What stands where something else was expected. */
export function describe(node: Node | null | undefined): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (isAlias(node)) return `*${node.source}, an alias of nothing`;
  const value = isScalar(node) ? node.value : null;
  if (value === null || value === undefined) return 'nothing';
  return typeof value === 'number' ? `the number ${value}` : JSON.stringify(value);
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function unknownKey(
  name: string | undefined,
  found: string,
  what: string,
  known: readonly string[],
): Complaint {
  const nearest = name === undefined ? undefined : nearestName(name, known);
  return {
    expected: `a key of ${what} (${choice(known)})`,
    found: name === undefined ? found : JSON.stringify(name),
    fix: nearest === undefined ? 'take it out' : `${nearest}:`,
  };
}

/** What the parser complains of, in the words of this file. */
function complaintOf({ code, message, pos }: YAMLError, source: string): Complaint {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { expected: 'spaces', found: 'a tab', fix: 'indent with two spaces' };
    case 'DUPLICATE_KEY': {
      const key = /^[\w-]*/.exec(source.slice(pos[0]))?.[0] ?? '';
      return { expected: 'each key once in its map', found: `${key} again`, fix: 'take one of them out' };
    }
    case 'MULTIPLE_DOCS':
      return { expected: 'one document', found: 'another behind ---', fix: 'take the --- out' };
    default:
      return {
        expected: 'YAML',
        found: `a mistake: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
        fix: 'look at the indentation, brackets and quotes here, and in the line above',
      };
  }
}
