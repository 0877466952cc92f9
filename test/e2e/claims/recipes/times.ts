/** Timers, and the time. */
import type { SyscallName } from '@rsc/core/abi/table';
import type { Recipe, Step, Word } from '../effect-calls';
import { answers, room, waits } from './room';

const CLOCK_MONOTONIC = 1;
const ITIMER_REAL = 0;
/** The first that a process makes. */
const TIMER = 0;
/** struct itimerspec, or itimerval: in a thousand seconds. */
const inALongTime: Word = { longs: [0, 0, 1000, 0] };
const left = room();
const made: Step = ['timer_create', CLOCK_MONOTONIC, 0, { zeros: 8 }];
const madeForDescriptor: Step = ['timerfd_create', CLOCK_MONOTONIC, 0];
/** A time that no clock has. */
const never: Word = { longs: [-1, -1] };

export const times: Readonly<Partial<Record<SyscallName, Recipe>>> = {
  alarm: { args: { seconds: 1000 }, asks: [['getitimer', ITIMER_REAL, left]] },
  getitimer: { args: { curr_value: room() } },
  setitimer: { args: { new_value: inALongTime }, asks: [['getitimer', ITIMER_REAL, left]] },
  timer_create: { args: { clockid: CLOCK_MONOTONIC, timerid: { zeros: 8 } } },
  timer_delete: { first: [made] },
  timer_getoverrun: answers,
  timer_gettime: { first: [made], args: { curr_value: room() } },
  timer_settime: { first: [made], args: { new_value: inALongTime }, asks: [['timer_gettime', TIMER, left]] },
  timerfd_gettime: { first: [madeForDescriptor], args: { curr_value: room() } },
  timerfd_settime: { first: [madeForDescriptor], args: { new_value: inALongTime } },
  nanosleep: waits,
  clock_nanosleep: waits,
  times: { args: { buf: room() } },
  adjtimex: { args: { buf: { zeros: 208 } } },
  clock_adjtime: { args: { buf: { zeros: 208 } } },
  clock_settime: { args: { tp: never }, unseen: 'the machine would have another time' },
  settimeofday: { args: { tv: never }, unseen: 'the machine would have another time' },
};
