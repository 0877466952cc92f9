import { closeSync, openSync, readSync } from 'node:fs';

/** Whether a local file, whose path is in latin1, begins as a script does: `#!` (execve(2)). */
export function isScript(path: string): boolean {
  const start = Buffer.alloc(2);
  let file: number;
  try {
    file = openSync(Buffer.from(path, 'latin1'), 'r');
  } catch {
    // A program that can be executed and not read is no script: its interpreter could not read it either.
    return false;
  }
  readSync(file, start);
  closeSync(file);
  return start.toString('latin1') === '#!';
}
