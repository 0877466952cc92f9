import type { Socket } from 'node:net';
import { MAX_LINE } from './requests.js';

const NEWLINE = 0x0a;

/** Resolves with the first line that comes, without its end. Rejects where none does: too much, an end, an error, the time. */
export function firstLine(socket: Socket, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    socket.setTimeout(timeoutMs, () => {
      reject(new Error(`nothing came within ${timeoutMs / 1000} s`));
    });
    const take = (chunk: Buffer): void => {
      const end = chunk.indexOf(NEWLINE);
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      length += end < 0 ? chunk.length : end;
      // What else comes is not kept.
      if (length > MAX_LINE || end >= 0) socket.off('data', take).pause();
      if (length > MAX_LINE) reject(new Error(`more than ${MAX_LINE} bytes came without a line end`));
      else if (end >= 0) resolve(Buffer.concat(chunks).toString());
    };
    socket.on('data', take);
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('it closed the connection'));
    });
  });
}
