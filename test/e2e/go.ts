import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkout, guestFolder } from './places';

/** Whether guest programs in Go can be built: they need a compiler that the other ones do without. */
export const hasGo = spawnSync('go', ['version']).status === 0;

/** What the title of a test says that needs it. */
export const goCure = 'to have this tested: apt-get install golang-go';

/** Builds a guest program in Go, static; returns its path. */
export function goGuest(name: string): string {
  const source = join(checkout, `test/guest/${name}.go`);
  const program = join(guestFolder, name);
  const env = { ...process.env, CGO_ENABLED: '0', GOCACHE: join(checkout, '.make/go-cache') };
  const built = spawnSync('go', ['build', '-o', program, source], { env });
  if (built.status !== 0) throw new Error(`cannot build ${source}: ${built.stderr.toString()}`);
  return program;
}
