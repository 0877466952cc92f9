import { native } from '@rsc/addon';

/** By which engine processes are attached, where a test leaves that open: RSC_TEST_ENGINE, else rsc takes one. */
export const attachFlags: readonly string[] =
  process.env['RSC_TEST_ENGINE'] === undefined ? [] : ['--engine', process.env['RSC_TEST_ENGINE']];

/** What engines need that not every machine has. */
export const needsOf = {
  hybrid: 'root, and eBPF',
  ebpf: 'root, and a kernel where eBPF programs may refuse calls, as make test-vm boots',
} as const;

/** What the strengths of a veto are told by: that of a call, and that of a hook. */
const vetoes = [['__x64_sys_openat'], ['security_inode_permission']];

/** Whether all calls can be caught by an engine here, by the user `uid`. */
export function worksHere(engine: string, uid = 0): boolean {
  if (engine !== 'ebpf' && engine !== 'hybrid') return true;
  if (uid !== 0 || native().probeClaims([]) !== 0) return false;
  return engine === 'hybrid' || vetoes.some((veto) => native().probeClaims(veto) === 0);
}
