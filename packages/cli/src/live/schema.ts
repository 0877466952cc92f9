/** What a value from the other end of a socket has to be: a schema reads it, or says what is wrong with it. */

/** Reads a value. Throws a Mismatch. */
export type Schema<T> = (value: unknown, place: string) => T;

/** The type of what a schema reads. */
export type Read<S> = S extends Schema<infer T> ? T : never;

/** What is wrong with a value, and where in it. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** A string of at most so many characters. */
export const text =
  (max: number): Schema<string> =>
  (value, place) => {
    if (typeof value === 'string' && value.length <= max) return value;
    throw new Mismatch(`${place} is not a string of at most ${max} characters`);
  };

/** A whole number, or a count. */
export const count: Schema<number> = (value, place) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Mismatch(`${place} is not a whole number`);
};

/** A number that is not negative, or null. */
export const measure: Schema<number | null> = (value, place) => {
  if (value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0)) return value;
  throw new Mismatch(`${place} is not a measure`);
};

export const flag: Schema<boolean> = (value, place) => {
  if (typeof value === 'boolean') return value;
  throw new Mismatch(`${place} is neither true nor false`);
};

/** One of these words. */
export const word =
  <const T extends string>(...words: readonly T[]): Schema<T> =>
  (value, place) => {
    const found = words.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new Mismatch(`${place} is none of ${words.join(', ')}`);
  };

export const list =
  <T>(item: Schema<T>): Schema<readonly T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) throw new Mismatch(`${place} is not a list`);
    return value.map((one: unknown, index) => item(one, `${place}[${index}]`));
  };

/** An object with these keys and no others. */
export const fields =
  <T extends object>(known: { readonly [K in keyof T]: Schema<T[K]> }): Schema<Readonly<T>> =>
  (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Mismatch(`${place} is not an object`);
    const stranger = Object.keys(value).find((key) => !Object.hasOwn(known, key));
    if (stranger !== undefined)
      throw new Mismatch(`${place} has the unknown key ${JSON.stringify(stranger)}`);
    const entries = Object.entries<Schema<unknown>>(known).map(([key, read]) => [
      key,
      read((value as Record<string, unknown>)[key], `${place}.${key}`),
    ]);
    return Object.fromEntries(entries) as T;
  };

/** An object of the kind that its key `kind` names. */
export const byKind =
  <T extends { readonly kind: string }>(known: {
    readonly [K in T['kind']]: Schema<Extract<T, { readonly kind: K }>>;
  }): Schema<T> =>
  (value, place) => {
    const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
    if (typeof kind !== 'string' || !Object.hasOwn(known, kind))
      throw new Mismatch(`${place} is of no known kind (${Object.keys(known).join(', ')})`);
    return known[kind as T['kind']](value, place);
  };
