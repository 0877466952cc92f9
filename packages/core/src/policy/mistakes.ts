/** Something in a policy's file that cannot be meant so. */
export interface Mistake {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly found: string;
  /** What to write instead. */
  readonly fix: string;
}

/** Two lines without a final newline: where the mistake is and what it is, and the fix. */
export function mistakeText(file: string, { line, column, expected, found, fix }: Mistake): string {
  return `${file}:${line}:${column}: expected ${expected}, found ${found}\n  try: ${fix}`;
}

/** `one`, `one or two`, `one, two or three`. */
export function choice(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
