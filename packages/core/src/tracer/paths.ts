/**
 * Paths as the tracer handles them: byte strings in latin1, so that any name is exact, cut and joined by name alone.
 * Symbolic links are the business of the side where the path leads.
 */

/** A path that is text, as the tracer handles it. */
export function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text of a path as the tracer handles it. */
export function textOf(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** An absolute path without empty, `.` and `..` components. */
export function normalise(path: string): string {
  if (!/\/(\.{0,2})(\/|$)/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** `path` as seen from the absolute directory `base`, normalised. */
export function resolve(base: string, path: string): string {
  return normalise(path.startsWith('/') ? path : `${base}/${path}`);
}

/** Whether the normalised `path` is `prefix` or lies below it. */
export function isWithin(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/** Whether a path has a `..` component. */
export function climbs(path: string): boolean {
  return path.includes('..') && /(^|\/)\.\.(\/|$)/.test(path);
}
