import { findSessions, type Found } from '../live/sessions.js';
import { columns } from '../syscalls/columns.js';

const heads = ['SESSION', 'PID', 'ENGINE', 'REMOTE', 'LOCAL', 'DENIED', 'P50', 'P99', 'SERVER', 'COMMAND'];
const US_PER_MS = 1000;

/** What `rsc ps` prints. Rejects with RscError. */
export async function listing({ json = false }: { readonly json?: boolean | undefined }): Promise<string> {
  const sessions = await findSessions();
  if (json) return `${JSON.stringify(sessions.map(asObject), null, 2)}\n`;
  return sessions.length === 0 ? 'no sessions run\n' : columns([heads, ...sessions.map(cellsOf)]);
}

function cellsOf({ id, pid, engine, remote, local, denied, p50, p99, server, command }: Found): string[] {
  const counts = [remote, local, denied].map(String);
  return [id, String(pid), engine, ...counts, duration(p50), duration(p99), server, command];
}

function duration(us: number | null): string {
  if (us === null) return '-';
  return us < US_PER_MS ? `${Math.round(us)} µs` : `${(us / US_PER_MS).toFixed(1)} ms`;
}

function asObject({ id, pid, by, command, engine, server, remote, local, denied, p50, p99 }: Found): object {
  const calls = { remote, local, denied };
  return { id, pid, by, command, engine, server, calls, roundTripUs: { p50, p99 } };
}
