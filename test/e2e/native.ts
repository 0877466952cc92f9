import { run, type Ending, type RunOptions } from './ending';
import { guestMount, localPaths } from './local-paths';
import { besideSource, guestFolder } from './places';

/**
 * The oracle: a command that runs natively in `root`, where a tracee of rsc believes itself to be, in /work. What this
 * machine gives (`localPaths`) and the guest programs are mounted there, in a namespace that ends with the command.
 */
export function nativeCommand(root: string, command: readonly string[], uid = process.getuid?.()): string[] {
  const namespace = uid === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const mounts = [...localPaths.map((path) => `${path}=${path}`), `${guestFolder}=${guestMount}`];
  return [
    'unshare',
    '--mount',
    ...namespace,
    besideSource('native-root.sh'),
    root,
    ...mounts,
    '--',
    ...command,
  ];
}

export function runNative(
  root: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<Ending> {
  return run(nativeCommand(root, command, options.uid), options);
}
