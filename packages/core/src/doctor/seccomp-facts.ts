import { errno } from '../abi/errno.js';
import { tried, type Fact } from './fact.js';
import { Notification, type Machine } from './machine.js';

/** Which forms of seccomp(2) the machine allows. */
export function seccompFacts({ probes }: Machine): Fact[] {
  const filter = probes.probeFilter();
  const answer = probes.probeNotification(Notification.answer);
  const call = answer < 0 ? 'seccomp' : 'ioctl';
  return [
    tried({
      name: 'seccomp filter',
      needed: true,
      isForFilters: true,
      result: filter,
      call: 'seccomp',
      yes: 'rsc run can catch calls',
      no: 'rsc run can catch calls with --engine ptrace only',
      remedy: filterRemedy(filter),
    }),
    notification({
      name: 'seccomp notification',
      what: 'a process can answer the calls of another',
      result: answer,
      call,
      since: '5.0',
      isForNotices: true,
    }),
    notification({
      name: 'seccomp addfd',
      what: 'it can give the other a descriptor',
      result: probes.probeNotification(Notification.addDescriptor),
      call,
      since: '5.9',
      isForNotices: true,
    }),
    notification({
      name: 'seccomp sync wake-up',
      what: 'the two can take turns on one CPU',
      result: probes.probeNotification(Notification.syncWakeUp),
      call,
      since: '6.6',
    }),
  ];
}

interface NotificationTrial {
  readonly name: string;
  readonly what: string;
  readonly result: number;
  readonly call: string;
  /** The first kernel that has it. */
  readonly since: string;
  readonly isForNotices?: true;
}

function notification({ what, result, since, ...trial }: NotificationTrial): Fact {
  return tried({
    ...trial,
    result,
    yes: trial.isForNotices ? `${what}, as the engine notify needs` : `${what}, which is quicker`,
    no: trial.isForNotices ? 'the engine notify does not work' : 'rsc run does without',
    remedy:
      result === -errno.EBUSY
        ? 'run rsc where no filter has a listener already'
        : `boot kernel ${since} or newer`,
  });
}

function filterRemedy(result: number): string {
  return result === -errno.EPERM || result === -errno.EACCES
    ? 'allow seccomp in the seccomp profile of the container'
    : 'boot a kernel with CONFIG_SECCOMP_FILTER';
}
