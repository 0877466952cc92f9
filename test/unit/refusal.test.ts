import { expect } from 'chai';
import { errno, type ErrnoName } from '@rsc/core/abi/errno';
import { parseAddress } from '@rsc/core/transport/address';
import { refusalOf } from '@rsc/core/transport/refusal';

const failure = (step: string, error: ErrnoName) =>
  Object.assign(new Error(`${step}: ${error}`), { step, errno: errno[error] });

const device = 'give this VM a vsock device; in it: modprobe vmw_vsock_virtio_transport';

const rows: readonly (readonly [
  url: string,
  step: string,
  error: ErrnoName,
  reason: string,
  cure: string,
])[] = [
  [
    'tcp://127.0.0.1:7070',
    'connect',
    'ECONNREFUSED',
    'connect returned ECONNREFUSED',
    'start a server there: rsc serve --listen ADDRESS --root DIR',
  ],
  [
    'vsock://1:7070',
    'bind',
    'EADDRNOTAVAIL',
    'this machine has no vsock loopback: bind returned EADDRNOTAVAIL',
    'modprobe vsock_loopback',
  ],
  [
    'vsock://3:7070',
    'socket',
    'EAFNOSUPPORT',
    'this kernel has no vsock sockets: socket returned EAFNOSUPPORT',
    'modprobe vsock',
  ],
  [
    'vsock://3:7070',
    'socket',
    'EPERM',
    'this process may not make vsock sockets: socket returned EPERM',
    "allow AF_VSOCK in the seccomp profile of the container; Docker's own forbids it",
  ],
  [
    'vsock://3:7070',
    'connect',
    'ECONNRESET',
    'nothing listens there: connect returned ECONNRESET',
    'start a server there: rsc serve --listen vsock://any:7070 --root DIR --token-file FILE',
  ],
  ['vsock://2:7070', 'connect', 'ENODEV', 'no way leads to CID 2: connect returned ENODEV', device],
  [
    'vsock://3:7070',
    'connect',
    'ENODEV',
    'no way leads to CID 3: connect returned ENODEV',
    'start the VM with a vsock device of CID 3, and on its host: modprobe vhost_vsock',
  ],
  [
    'vsock://3:7070',
    'connect',
    'ETIMEDOUT',
    'CID 3 does not answer: connect returned ETIMEDOUT',
    'check that the VM with CID 3 runs',
  ],
];

describe('a connection that cannot be had', () => {
  for (const [url, step, error, reason, cure] of rows) {
    it(`is explained: ${error} of ${step} to ${url}`, () => {
      const { code, message, suggestion } = refusalOf(parseAddress(url), failure(step, error));

      expect({ code, message, suggestion }).to.deep.equal({
        code: 'RSC_CONNECT_FAILED',
        message: `cannot connect to ${url}: ${reason}`,
        suggestion: cure,
      });
    });
  }
});
