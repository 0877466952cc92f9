import { expect } from 'chai';
import { arrivalPath, formatAddress, parseAddress } from '@rsc/core/transport/address';

describe('addresses', () => {
  for (const text of [
    'tcp://127.0.0.1:7070',
    'tcp://[::1]:7070',
    'tcp://host.example:1',
    'unix:///run/rsc.sock',
    'vsock://1:7070',
    'vsock://4294967294:4294967294',
    'vsock://any:0',
    'vsock+unix:///run/vm.vsock:7070',
    'vsock+unix:///run/vm:1:7070',
  ]) {
    it(`reads ${text} and writes it the same`, () => {
      expect(formatAddress(parseAddress(text))).to.equal(text);
    });
  }

  for (const [text, reason] of [
    ['tcp://host', 'it is not of a known form'],
    ['http://host:1', 'it is not of a known form'],
    ['tcp://::1:7070', 'it is not of a known form'],
    ['tcp://host:65536', 'port 65536 is above 65535'],
    ['unix://run/rsc.sock', 'the path is not absolute'],
    ['vsock://3', 'it is not of a known form'],
    ['vsock://:7070', 'it is not of a known form'],
    ['vsock://host:7070', 'the CID host is neither a number nor any'],
    ['vsock://-1:7070', 'the CID -1 is neither a number nor any'],
    ['vsock://4294967296:7070', 'CID 4294967296 is above 4294967294'],
    ['vsock://3:4294967295', 'port 4294967295 is above 4294967294'],
    ['vsock+unix:///run/vm.vsock', 'no port stands behind the path'],
    ['vsock+unix://run/vm.vsock:7070', 'the path is not absolute'],
    [
      'vsock+unix:///run/vm.vsock:0',
      'port 0 stands for a free one, and nobody knows which are free in the VM',
    ],
    ['', 'it is not of a known form'],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} because ${reason}`, () => {
      expect(() => parseAddress(text)).to.throw(`cannot use the address ${text}: ${reason}`);
    });
  }

  it("knows the kernel's number for any", () => {
    expect(formatAddress(parseAddress('vsock://4294967295:1'))).to.equal('vsock://any:1');
  });

  it('names the file on which the connections of a VM arrive', () => {
    const address = { kind: 'vsock+unix', path: '/run/vm.vsock', port: 7070 } as const;

    expect(arrivalPath(address)).to.equal('/run/vm.vsock_7070');
  });
});
