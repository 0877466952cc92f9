import { expect } from 'chai';
import { lineOf, parseAnswer, parseRequest, type Answer, type Request } from '@rsc/cli/dist/live/requests';
import { Mismatch } from '@rsc/cli/dist/live/schema';

describe('what is said to a session', () => {
  const requests: readonly Request[] = [
    { kind: 'describe' },
    { kind: 'policy', text: 'version: 1\npreset: file\n' },
    { kind: 'detach', force: true },
  ];
  for (const request of requests) {
    it(`is read as it was written: ${request.kind}`, () => {
      expect(parseRequest(lineOf(request))).to.deep.equal(request);
    });
  }

  const answers: readonly Answer[] = [
    { kind: 'follows', changes: [{ kind: 'added', text: 'x' }], descriptors: 1, directories: [7], caught: 0 },
    { kind: 'stayed', partings: [{ pid: 7, kept: [], lost: ['descriptor 3'] }] },
    { kind: 'refused', message: 'no', suggestion: '' },
  ];
  for (const answer of answers) {
    it(`is answered as it was meant: ${answer.kind}`, () => {
      expect(parseAnswer(lineOf(answer))).to.deep.equal(answer);
    });
  }

  const wrong: readonly (readonly [title: string, line: string, message: string])[] = [
    ['no JSON', 'hello', 'it is not JSON'],
    ['no object', '[1]', 'the request is of no known kind (describe, policy, detach)'],
    ['an unknown kind', '{"kind":"stop"}', 'the request is of no known kind (describe, policy, detach)'],
    ['an inherited key', '{"kind":"toString"}', 'the request is of no known kind (describe, policy, detach)'],
    ['a key too many', '{"kind":"describe","x":1}', 'the request has the unknown key "x"'],
    ['a key too few', '{"kind":"detach"}', 'the request.force is neither true nor false'],
    ['a text that is none', '{"kind":"policy","text":7}', 'the request.text is not a string of at most'],
  ];
  for (const [title, line, message] of wrong) {
    it(`is refused where it is ${title}`, () => {
      expect(() => parseRequest(line)).to.throw(Mismatch, message);
    });
  }
});
