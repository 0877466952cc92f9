import { expect } from 'chai';
import { pageOf } from '@rsc/cli/dist/doctor/page';
import { errno } from '@rsc/core/abi/errno';
import { diagnose, factsOf } from '@rsc/core/doctor/diagnosis';
import type { Machine, Probes } from '@rsc/core/doctor/machine';

interface Described extends Partial<Omit<Machine, 'probes' | 'read' | 'has'>> {
  readonly probes?: Partial<Probes>;
  /** undefined: there is no such file. */
  readonly files?: Readonly<Record<string, string | undefined>>;
}

const all = () => 0;
const refused = () => -errno.EPERM;

const rootStatus = 'Name:\trsc\nTracerPid:\t0\nCapEff:\t000001ffffffffff';
const userStatus = 'Name:\trsc\nTracerPid:\t0\nCapEff:\t0000000000000000';
const BTF = '/sys/kernel/btf/vmlinux';

/** A machine that allows root everything, but for what is described. */
function machine({ probes, files, ...rest }: Described = {}): Machine {
  const known: Readonly<Record<string, string | undefined>> = {
    '/proc/self/status': rootStatus,
    '/proc/sys/kernel/yama/ptrace_scope': '0',
    '/proc/sys/kernel/unprivileged_bpf_disabled': '0',
    '/proc/sys/user/max_user_namespaces': '10000',
    [BTF]: '',
    ...files,
  };
  return {
    release: '6.18.0-1-amd64',
    processor: 'x86_64',
    user: 0,
    group: 0,
    ...rest,
    probes: {
      probeFilter: all,
      probeNotification: all,
      probeSeize: all,
      probeMemory: all,
      probeDescriptor: all,
      probeNamespaces: all,
      probeProgram: all,
      probeClaims: all,
      probeVsock: all,
      probeVsockLoopback: all,
      vsockCid: () => 3,
      ...probes,
    },
    read: (path) => known[path],
    has: (path) => known[path] !== undefined,
  };
}

function page(described: Described): string[] {
  const here = machine(described);
  return pageOf(diagnose(factsOf(here), here.release)).split('\n');
}

const allowed = `\
yes  kernel                  6.18.0-1-amd64; rsc needs 5.12 or newer
yes  processor               x86_64, as rsc needs
yes  seccomp filter          rsc run can catch calls
yes  seccomp notification    a process can answer the calls of another, as the engine notify needs
yes  seccomp addfd           it can give the other a descriptor, as the engine notify needs
yes  seccomp sync wake-up    the two can take turns on one CPU, which is quicker
yes  ptrace                  rsc can stop programs and set the results of their calls
yes  yama ptrace_scope       0: processes of the same user may be traced
yes  no other tracer         nothing traces rsc
yes  CAP_SYS_PTRACE          processes of all users may be traced
yes  process_vm_readv        rsc can read what calls point to
yes  pidfd_getfd             descriptors of a program can be had, as the engine notify needs
yes  CAP_SYS_ADMIN           programs may gain rights, as set-user-ID programs do
yes  namespaces of root      rsc serve, and --embedded, work as root
yes  user namespaces         rsc serve, and --embedded, work without root
yes  eBPF                    programs can be loaded
yes  eBPF tracing            tracing programs can be loaded
yes  eBPF without privilege  kernel.unprivileged_bpf_disabled is 0
yes  BTF                     /sys/kernel/btf/vmlinux describes the types of this kernel
yes  eBPF claims             calls can be claimed as they begin; those that are not cost no stop
yes  eBPF exact veto         a claimed call is skipped whole
yes  eBPF wide veto          a claimed call fails at the security hooks, before it changes anything here; not close, dup and select
yes  AF_VSOCK                sockets can be made; the CID of this machine is 3
yes  vsock loopback          vsock://1:port is this machine

rsc run works here, by notify: Linux 6.18.0-1-amd64 tells of calls by notices
rsc attach works here, by ebpf: calls that do not concern the server do not stop, and nothing is left behind
`.split('\n');

const line = (answer: 'yes' | 'no', name: string, means: string): string =>
  `${answer.padEnd(3)}  ${name.padEnd(22)}  ${means}`;
const cure = (remedy: string): string => `${' '.repeat(29)}try: ${remedy}`;
const works = (engine: string, reason: string): string => `rsc run works here, by ${engine}: ${reason}`;
const lacksNotices = 'the engine notify does not work';
const unfitToRun = (reason: string): string => `rsc run does not work here: ${reason}`;
const unfitToAttach = (reason: string): string => `rsc attach does not work here: ${reason}`;
const unfit = (reason: string): string[] => [unfitToRun(reason), unfitToAttach(reason)];

const machines: readonly (readonly [title: string, described: Described, ...lines: string[]])[] = [
  [
    'an old kernel, which cannot be used',
    { release: '4.19.0' },
    line('no', 'kernel', '4.19.0 is older than 5.12, which rsc needs'),
    cure('boot a kernel of version 5.12 or newer'),
    ...unfit('4.19.0 is older than 5.12, which rsc needs'),
  ],
  [
    'the first kernel that can be used',
    { release: '5.12.0' },
    line('yes', 'kernel', '5.12.0; rsc needs 5.12 or newer'),
    works('seccomp', 'Linux 5.12.0 may lose answers to notices'),
  ],
  [
    'another processor',
    { processor: 'aarch64' },
    line('no', 'processor', 'aarch64; rsc knows the calls of x86_64 only'),
    cure('run rsc on a machine with x86_64'),
    ...unfit('aarch64; rsc knows the calls of x86_64 only'),
  ],
  [
    'a kernel without seccomp filters',
    { probes: { probeFilter: () => -errno.EINVAL } },
    line(
      'no',
      'seccomp filter',
      'rsc run can catch calls with --engine ptrace only: seccomp returned EINVAL',
    ),
    cure('boot a kernel with CONFIG_SECCOMP_FILTER'),
    unfitToRun('rsc run can catch calls with --engine ptrace only: seccomp returned EINVAL'),
  ],
  [
    'a container without seccomp and ptrace',
    { probes: { probeFilter: refused, probeSeize: refused } },
    line('no', 'seccomp filter', 'rsc run can catch calls with --engine ptrace only: seccomp returned EPERM'),
    cure('allow seccomp in the seccomp profile of the container'),
    line('no', 'ptrace', 'rsc cannot stop programs: ptrace returned EPERM'),
    cure('run rsc in a container with CAP_SYS_PTRACE'),
    unfitToRun(
      'rsc run can catch calls with --engine ptrace only: seccomp returned EPERM; rsc cannot stop programs: ptrace returned EPERM',
    ),
    unfitToAttach('rsc cannot stop programs: ptrace returned EPERM'),
  ],
  [
    'a filter that has a listener already',
    { probes: { probeNotification: () => -errno.EBUSY } },
    ...['seccomp notification', 'seccomp addfd', 'seccomp sync wake-up'].flatMap((name, index) => [
      line('no', name, `${index < 2 ? lacksNotices : 'rsc run does without'}: seccomp returned EBUSY`),
      cure('run rsc where no filter has a listener already'),
    ]),
    works('seccomp', 'seccomp notification is not allowed, which notices need'),
  ],
  [
    'a kernel without the sync wake-up',
    { probes: { probeNotification: (step) => (step === 2 ? -errno.EINVAL : 0) } },
    line('no', 'seccomp sync wake-up', 'rsc run does without: ioctl returned EINVAL'),
    cure('boot kernel 6.6 or newer'),
  ],
  [
    'a tracer around rsc',
    {
      files: { '/proc/self/status': rootStatus.replace('TracerPid:\t0', 'TracerPid:\t99') },
      probes: { probeSeize: refused },
    },
    line('no', 'ptrace', 'rsc cannot stop programs: ptrace returned EPERM'),
    cure('start rsc outside of process 99, a debugger or strace'),
    line('no', 'no other tracer', 'process 99 traces rsc; what it traces as well, rsc cannot'),
    cure('start rsc outside of process 99, a debugger or strace'),
    ...unfit('rsc cannot stop programs: ptrace returned EPERM'),
  ],
  [
    'a kernel without Yama',
    { files: { '/proc/sys/kernel/yama/ptrace_scope': undefined } },
    line('yes', 'yama ptrace_scope', 'this kernel has no Yama, which could forbid ptrace'),
  ],
  [
    'Yama as distributions have it',
    { files: { '/proc/sys/kernel/yama/ptrace_scope': '1' } },
    line(
      'yes',
      'yama ptrace_scope',
      '1: rsc may trace what it starts and, with CAP_SYS_PTRACE, what runs already',
    ),
  ],
  [
    'Yama that lets root trace, to root',
    { files: { '/proc/sys/kernel/yama/ptrace_scope': '2' } },
    line('yes', 'yama ptrace_scope', '2: only CAP_SYS_PTRACE may trace, which rsc has'),
  ],
  [
    'Yama that lets nobody trace',
    {
      files: { '/proc/sys/kernel/yama/ptrace_scope': '3' },
      probes: { probeSeize: refused, probeMemory: refused, probeDescriptor: refused },
    },
    line('no', 'ptrace', 'rsc cannot stop programs: ptrace returned EPERM'),
    cure('boot with kernel.yama.ptrace_scope=1 in sysctl.conf'),
    line('no', 'yama ptrace_scope', '3: nothing may be traced until the next boot'),
    cure('boot with kernel.yama.ptrace_scope=1 in sysctl.conf'),
    line('no', 'process_vm_readv', 'rsc cannot read what calls point to: process_vm_readv returned EPERM'),
    cure('boot with kernel.yama.ptrace_scope=1 in sysctl.conf'),
    line('no', 'pidfd_getfd', `${lacksNotices}: pidfd_getfd returned EPERM`),
    cure('boot with kernel.yama.ptrace_scope=1 in sysctl.conf'),
    ...unfit(
      'rsc cannot stop programs: ptrace returned EPERM; rsc cannot read what calls point to: process_vm_readv returned EPERM',
    ),
  ],
  [
    'a kernel that cannot read the memory of others',
    { probes: { probeMemory: () => -errno.ENOSYS } },
    line('no', 'process_vm_readv', 'rsc cannot read what calls point to: process_vm_readv returned ENOSYS'),
    cure('boot a kernel with CONFIG_CROSS_MEMORY_ATTACH'),
    ...unfit('rsc cannot read what calls point to: process_vm_readv returned ENOSYS'),
  ],
  [
    'root in a container without privileges',
    { probes: { probeNamespaces: refused } },
    line(
      'no',
      'namespaces of root',
      'rsc serve, and --embedded, do not work as root: unshare returned EPERM',
    ),
    cure('run the server in a container with CAP_SYS_ADMIN, or as another user'),
    line('no', 'user namespaces', 'rsc serve, and --embedded, need root: unshare returned EPERM'),
    cure('allow unshare in the seccomp profile of the container'),
  ],
  ...(
    [
      ['/proc/sys/user/max_user_namespaces', '0', 'sysctl user.max_user_namespaces=10000'],
      ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'sysctl kernel.unprivileged_userns_clone=1'],
      [
        '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
        '1',
        'sysctl kernel.apparmor_restrict_unprivileged_userns=0',
      ],
    ] as const
  ).map(
    ([path, value, remedy]) =>
      [
        `${path} of ${value}`,
        {
          files: { [path]: value },
          probes: { probeNamespaces: (user: number) => (user === 0 ? 0 : -errno.EPERM) },
        },
        line('no', 'user namespaces', 'rsc serve, and --embedded, need root: unshare returned EPERM'),
        cure(remedy),
      ] as const,
  ),
  [
    'no eBPF at all',
    {
      files: { '/proc/sys/kernel/unprivileged_bpf_disabled': undefined },
      probes: { probeProgram: () => -errno.ENOSYS },
    },
    line('no', 'eBPF', 'the engines ebpf and hybrid do not work: bpf returned ENOSYS'),
    cure('run rsc as root, or with CAP_BPF and CAP_PERFMON'),
    line('no', 'eBPF tracing', 'the engines ebpf and hybrid do not work: bpf returned ENOSYS'),
    cure('run rsc as root, or with CAP_BPF and CAP_PERFMON'),
    line('no', 'eBPF without privilege', 'this kernel has no eBPF'),
    cure('grant CAP_BPF to who needs it: it is off for safety'),
  ],
  [
    'security hooks that programs refuse, and calls that they cannot',
    {
      probes: {
        probeClaims: ([veto = '']: readonly string[]) => (veto.startsWith('__x64_sys_') ? -errno.EINVAL : 0),
      },
    },
    line('no', 'eBPF exact veto', '__x64_sys_openat cannot be refused: bpf returned EINVAL'),
    cure('boot a kernel that lets programs modify calls, as 7.2 does'),
    'rsc attach works here, by ptrace: a seccomp filter could not be removed when the process is let go',
  ],
  [
    'a kernel that leaves out eBPF programs',
    { release: '7.2.13-cloud-amd64' },
    line('yes', 'kernel', '7.2.13-cloud-amd64; rsc needs 5.12 or newer'),
    line(
      'yes',
      'eBPF claims',
      'calls can be claimed as they begin, but under load this kernel may, seldom, miss some',
    ),
    works('notify', 'Linux 7.2.13-cloud-amd64 tells of calls by notices'),
    'rsc attach works here, by ptrace: a seccomp filter could not be removed when the process is let go',
  ],
  [
    'claims without a veto',
    { probes: { probeClaims: (vetoes: readonly string[]) => (vetoes.length > 0 ? -errno.EPERM : 0) } },
    line('no', 'eBPF exact veto', '__x64_sys_openat cannot be refused: bpf returned EPERM'),
    cure('boot a kernel that lets programs modify calls, as 7.2 does'),
    line('no', 'eBPF wide veto', 'security_inode_permission cannot be refused: bpf returned EPERM'),
    cure('boot a kernel that allows fmod_ret programs, or asks eBPF programs in its security hooks'),
    'rsc attach works here, by ptrace: a seccomp filter could not be removed when the process is let go',
  ],
  [
    'no vsock',
    { probes: { probeVsock: () => -errno.EAFNOSUPPORT } },
    line('no', 'AF_VSOCK', 'there are no sockets to virtual machines: socket returned EAFNOSUPPORT'),
    cure('modprobe vsock'),
  ],
  [
    'vsock without a CID',
    { probes: { vsockCid: () => 0xffff_ffff } },
    line('yes', 'AF_VSOCK', 'sockets can be made; this machine has no CID, so no other can connect to it'),
  ],
  [
    'vsock of which only the loopback is there',
    { probes: { vsockCid: () => 1 } },
    line('yes', 'AF_VSOCK', 'sockets can be made; this machine has no CID, so no other can connect to it'),
  ],
  [
    'vsock without a loopback',
    { probes: { probeVsockLoopback: () => -errno.EADDRNOTAVAIL } },
    line('no', 'vsock loopback', 'there is no vsock://1:port: bind returned EADDRNOTAVAIL'),
    cure('modprobe vsock_loopback'),
  ],
  [
    'vsock that a container forbids',
    { probes: { probeVsock: () => -errno.EPERM } },
    line('no', 'AF_VSOCK', 'there are no sockets to virtual machines: socket returned EPERM'),
    cure("allow AF_VSOCK in the seccomp profile of the container; Docker's own forbids it"),
  ],
  [
    'vsock whose CID is not for everybody',
    { probes: { vsockCid: () => -errno.EACCES } },
    line(
      'yes',
      'AF_VSOCK',
      'sockets can be made; the CID of this machine is not told: /dev/vsock returned EACCES',
    ),
  ],
];

describe('the doctor', () => {
  it('says of a machine that allows everything what each thing is good for', () => {
    expect(page({})).to.deep.equal(allowed);
  });

  for (const [title, described, ...lines] of machines) {
    it(`tells apart ${title}`, () => {
      expect(page(described).filter((shown) => !allowed.includes(shown))).to.deep.equal(lines);
    });
  }

  it('says what a user without privileges cannot do', () => {
    const user = {
      user: 1000,
      group: 1000,
      files: { '/proc/self/status': userStatus, '/proc/sys/kernel/yama/ptrace_scope': '2' },
      probes: { probeSeize: refused },
    };

    expect(page(user).filter((shown) => !allowed.includes(shown))).to.deep.equal([
      line('no', 'ptrace', 'rsc cannot stop programs: ptrace returned EPERM'),
      cure('sysctl kernel.yama.ptrace_scope=1'),
      line('no', 'yama ptrace_scope', '2: only CAP_SYS_PTRACE may trace'),
      cure('sysctl kernel.yama.ptrace_scope=1'),
      line(
        'no',
        'CAP_SYS_PTRACE',
        'only processes of this user may be traced, and their set-user-ID bits count for nothing',
      ),
      cure('run rsc as root, or in a container with CAP_SYS_PTRACE'),
      line('no', 'CAP_SYS_ADMIN', 'programs are run with no_new_privs, so set-user-ID programs gain nothing'),
      cure('run rsc as root, or in a container with CAP_SYS_ADMIN'),
      ...unfit('rsc cannot stop programs: ptrace returned EPERM'),
    ]);
  });

  it('says that Yama keeps a user from what runs already', () => {
    const user = {
      user: 1000,
      group: 1000,
      files: { '/proc/self/status': userStatus, '/proc/sys/kernel/yama/ptrace_scope': '1' },
    };
    const means = '1: rsc may trace what it starts, but nothing that runs already';

    expect(page(user)).to.include(line('yes', 'yama ptrace_scope', means));
    expect(page(user)).to.include(unfitToAttach(means));
  });

  it('asks about user namespaces as the user who runs it, and as nobody for root', () => {
    const asked: unknown[] = [];
    const probes = { probeNamespaces: (...who: unknown[]) => asked.push(who) };

    factsOf(machine({ user: 1000, group: 100, probes }));
    factsOf(machine({ probes }));

    expect(asked).to.deep.equal([
      [1000, 100, true],
      [65534, 65534, true],
      [0, 0, false],
    ]);
  });
});
