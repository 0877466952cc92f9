import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { run } from './ending';
import { frame, startFakeServer, text, welcome, type FakeServer } from './fake-server';
import { rscRun } from './rsc';
import { startServer, type Server } from './server';
import { complaint, expectFailure, program, UntouchedRoot } from './untouched-root';

describe('a peer that does not speak the protocol is told apart', function () {
  this.timeout(60_000);
  const root = new UntouchedRoot();
  let server: Server | undefined;
  let fake: FakeServer | undefined;

  beforeEach(() => (server = fake = undefined));
  afterEach(async () => {
    await server?.stop();
    await fake?.close();
  });

  const halfFrame = Buffer.from('00000040820a', 'hex');
  const hugeFrame = Buffer.from('ffffffff82', 'hex');
  const garbage = Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  const noCbor = frame(Buffer.from('ffffffff', 'hex'));
  const unknownFrame = frame(Buffer.from('811863', 'hex')); // [99]
  const refusal = frame(Buffer.from('8309', 'hex'), text('RSC_SERVER_FULL'), text('come back later'));
  const hello = welcome(1, 'x86_64');
  const end = Buffer.alloc(0);

  const sameVersion = 'use the same version of rsc on both sides';
  const noFrame =
    'the peer does not speak the rsc protocol: expected a frame of 1 to 1114112 bytes, received one of';
  const noWelcome = 'the peer does not speak the rsc protocol: expected welcome or failure, received';
  const closed = (url: string): string =>
    complaint(`lost the connection to ${url}: it closed the connection`);

  const rows: { title: string; answers: Buffer[]; says: (url: string) => string }[] = [
    {
      title: 'another version',
      answers: [welcome(2, 'x86_64')],
      says: (url) =>
        complaint(
          `cannot open a session with ${url}: it speaks protocol version 2, and rsc here 1`,
          'install the same version of rsc on both sides',
        ),
    },
    {
      title: 'another architecture',
      answers: [welcome(1, 'aarch64')],
      says: (url) =>
        complaint(`cannot open a session with ${url}: it runs on aarch64, and rsc here on x86_64`),
    },
    {
      title: 'a refusal in its own words',
      answers: [refusal],
      says: (url) => complaint(`cannot open a session with ${url}: come back later`),
    },
    { title: 'the end at once', answers: [end], says: closed },
    { title: 'garbage', answers: [garbage], says: () => complaint(`${noFrame} 1213486160 bytes`) },
    { title: 'a huge frame', answers: [hugeFrame], says: () => complaint(`${noFrame} 4294967295 bytes`) },
    { title: 'half a frame', answers: [halfFrame], says: closed },
    {
      title: 'no CBOR',
      answers: [noCbor],
      says: () => complaint(`${noWelcome} a float or an unassigned simple value at byte 0`),
    },
    {
      title: 'an unknown frame',
      answers: [unknownFrame],
      says: () => complaint(`${noWelcome} a frame of type 99`),
    },
    { title: 'the end in place of a reply', answers: [hello, end], says: closed },
    {
      title: 'garbage in place of a reply',
      answers: [hello, garbage],
      says: () => complaint(`${noFrame} 1213486160 bytes`),
    },
    {
      title: 'a huge frame in place of a reply',
      answers: [hello, hugeFrame],
      says: () => complaint(`${noFrame} 4294967295 bytes`),
    },
    { title: 'half a reply', answers: [hello, halfFrame], says: closed },
    {
      title: 'no CBOR in place of a reply',
      answers: [hello, noCbor],
      says: () => complaint('the server sent bytes that are not CBOR', sameVersion),
    },
    {
      title: 'an unknown frame in place of a reply',
      answers: [hello, unknownFrame],
      says: () => complaint('the server sent a frame of type 99 in place of a reply', sameVersion),
    },
  ];
  for (const { title, answers, says } of rows) {
    it(`ends at ${title}`, async () => {
      fake = await startFakeServer(...answers);
      await expectFailure(rscRun('--server', fake.url, '--', ...program), 125, says(fake.url));
    });
  }

  for (const { title, bytes } of [
    { title: 'garbage', bytes: garbage },
    { title: 'a huge frame', bytes: hugeFrame },
    { title: 'half a frame', bytes: halfFrame },
    { title: 'no CBOR', bytes: noCbor },
    { title: 'an unknown frame', bytes: unknownFrame },
    { title: 'nothing', bytes: end },
  ]) {
    it(`a server that is sent ${title} hangs up and serves the next`, async () => {
      server = await startServer(root.path, { transport: 'tcp' });
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.end(bytes);
      await once(socket, 'close');
      const ending = await run(rscRun('--server', server.url, '--', 'cat', '/work/one'));
      expect(ending).to.deep.equal({ stdout: 'one file, two names\n', stderr: '', status: 0 });
    });
  }
});
