import { expect } from 'chai';
import { formatAddress, parseAddress } from '@rsc/core/transport/address';

describe('addresses', () => {
  for (const text of [
    'tcp://127.0.0.1:7070',
    'tcp://[::1]:7070',
    'tcp://host.example:1',
    'unix:///run/rsc.sock',
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
    ['', 'it is not of a known form'],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} because ${reason}`, () => {
      expect(() => parseAddress(text)).to.throw(`cannot use the address ${text}: ${reason}`);
    });
  }
});
