import { tried, type Fact } from './fact.js';
import type { Machine } from './machine.js';
import { hasCapability } from './status.js';

/** Who stands for a user without root, where root asks: nobody. */
const NOBODY = 65534;

/** Whether a server could confine sessions here, by root and by others. */
export function sandboxFacts(machine: Machine): Fact[] {
  const { probes, user, group } = machine;
  const isRoot = user === 0;
  const asOther = isRoot
    ? probes.probeNamespaces(NOBODY, NOBODY, true)
    : probes.probeNamespaces(user, group, true);
  return [
    adminCapability(machine),
    ...(isRoot ? [namespaces(probes.probeNamespaces(user, group, false))] : []),
    tried({
      name: 'user namespaces',
      result: asOther,
      call: 'unshare',
      yes: 'rsc serve, and --embedded, work without root',
      no: 'rsc serve, and --embedded, need root',
      remedy: namespaceRemedy(machine),
    }),
  ];
}

function namespaces(result: number): Fact {
  return tried({
    name: 'namespaces of root',
    result,
    call: 'unshare',
    yes: 'rsc serve, and --embedded, work as root',
    no: 'rsc serve, and --embedded, do not work as root',
    remedy: 'run the server in a container with CAP_SYS_ADMIN, or as another user',
  });
}

function adminCapability(machine: Machine): Fact {
  const fact = { name: 'CAP_SYS_ADMIN', needed: false };
  if (hasCapability(machine, 'CAP_SYS_ADMIN'))
    return { ...fact, allowed: true, means: 'programs may gain rights, as set-user-ID programs do' };
  return {
    ...fact,
    allowed: false,
    means: 'programs are run with no_new_privs, so set-user-ID programs gain nothing',
    remedy: 'run rsc as root, or in a container with CAP_SYS_ADMIN',
  };
}

/** The switches that can forbid user namespaces, with the value that does, and the command that allows them. */
const switches = [
  { path: '/proc/sys/user/max_user_namespaces', off: '0', cure: 'sysctl user.max_user_namespaces=10000' },
  {
    path: '/proc/sys/kernel/unprivileged_userns_clone',
    off: '0',
    cure: 'sysctl kernel.unprivileged_userns_clone=1',
  },
  {
    path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    off: '1',
    cure: 'sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const;

function namespaceRemedy(machine: Machine): string {
  const found = switches.find(({ path, off }) => machine.read(path) === off);
  return found?.cure ?? 'allow unshare in the seccomp profile of the container';
}
