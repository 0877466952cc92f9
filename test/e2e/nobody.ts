import { spawnSync } from 'node:child_process';
import { rscProgram } from './places';

/** The user without any rights. */
export const nobody = 65534;

/** Why nobody cannot run rsc here, in the form of the cure; undefined where it can. */
export function cureForNobody(): string | undefined {
  const asNobody = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { uid: nobody, gid: nobody, cwd: '/' }).status === 0;
  if (process.getuid?.() !== 0) return 'run the tests as root, who alone can become nobody';
  if (!asNobody('test', '-r', rscProgram)) return 'make the checkout readable for all users';
  if (!asNobody('unshare', '--user', '--map-current-user', 'true'))
    return 'allow user namespaces (sysctl user.max_user_namespaces)';
  return undefined;
}
