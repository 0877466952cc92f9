import { native } from '@rsc/addon';

/** What the strengths of a veto are told by: that of a call, and that of a hook. */
const vetoes = [['__x64_sys_openat'], ['security_inode_permission']];

/** What is missing for `rsc run --engine`, and attach, by eBPF with all calls, run by the user `uid`; undefined: it works here. */
export function cureForEngine(engine: string, uid = 0): string | undefined {
  if (engine !== 'ebpf' && engine !== 'hybrid') return undefined;
  if (uid !== 0 || native().probeClaims([]) !== 0) return 'the privilege to load eBPF programs';
  if (engine === 'hybrid' || vetoes.some((veto) => native().probeClaims(veto) === 0)) return undefined;
  return 'a kernel where eBPF programs may refuse calls: make test-vm';
}
