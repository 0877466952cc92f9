import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

export interface TreeOptions {
  /** Paths, absolute in the root, that are left out with all that they hold. */
  readonly without: readonly string[];
  /** A modification time after this is one that the kernel gave, and is told as `now`. */
  readonly sinceMs: number;
}

/** All of a directory, as one line for each path: type, mode, owner, modification time, size, and what it holds. */
export function treeOf(root: string, { without, sinceMs }: TreeOptions): Record<string, string> {
  const tree: Record<string, string> = {};
  const firstNames = new Map<number, string>();

  function visit(path: string): void {
    if (without.includes(path)) return;
    const stats = lstatSync(join(root, path));
    const firstName = stats.nlink > 1 && !stats.isDirectory() ? firstNames.get(stats.ino) : undefined;
    firstNames.set(stats.ino, firstName ?? path);
    tree[path] =
      firstName === undefined ? describe(join(root, path), stats, sinceMs) : `another name of ${firstName}`;
    if (!stats.isDirectory()) return;
    for (const name of readdirSync(join(root, path)).sort()) visit(join(path, name));
  }

  visit('/');
  return tree;
}

function describe(path: string, stats: Stats, sinceMs: number): string {
  const time = stats.mtimeMs >= sinceMs ? 'now' : stats.mtime.toISOString();
  const mode = (stats.mode & 0o7777).toString(8);
  return `${typeOf(stats)} ${mode} ${stats.uid}:${stats.gid} ${time} ${holding(path, stats)}`;
}

function typeOf(stats: Stats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFIFO() ? 'fifo' : 'other';
}

function holding(path: string, stats: Stats): string {
  if (stats.isSymbolicLink()) return readlinkSync(path);
  if (!stats.isFile()) return '';
  const bytes = readFileSync(path);
  const short = bytes.length < 100 && !bytes.includes(0);
  return `${bytes.length}: ${short ? JSON.stringify(bytes.toString()) : createHash('sha256').update(bytes).digest('hex')}`;
}
