import type { Machine } from './machine.js';

/** Of linux/capability.h: bits of the effective set. */
const capabilities = { CAP_SYS_PTRACE: 19n, CAP_SYS_ADMIN: 21n } as const;

/** Whether this process has a capability (proc(5), CapEff). */
export function hasCapability(machine: Machine, name: keyof typeof capabilities): boolean {
  const effective = BigInt(`0x${statusField(machine, 'CapEff') ?? '0'}`);
  return ((effective >> capabilities[name]) & 1n) === 1n;
}

/** The process that traces this one; 0: none does. */
export function tracerOf(machine: Machine): number {
  return Number(statusField(machine, 'TracerPid') ?? '0');
}

function statusField(machine: Machine, name: string): string | undefined {
  const status = machine.read('/proc/self/status') ?? '';
  return new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1];
}
