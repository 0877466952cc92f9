import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { twinPath } from '@rsc/addon';
import { RscError } from '@rsc/core/errors';
import { encodeFrame } from '@rsc/core/protocol/frames';
import { MAX_FRAME } from '@rsc/core/protocol/limits';
import { parseAddress, type Address } from '@rsc/core/transport/address';
import { startServer, type Server, type ServerOptions } from '@rsc/server';
import { Client, within } from './server-client';
import { input, output } from './twin-memory';
import { transports } from './transports';
import { SYS } from './twin-numbers';
import { callFrame, encode, framed } from './twin-session';

const here = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const elsewhere = here === 'x86_64' ? 'aarch64' : 'x86_64';
const AT_FDCWD = -100;

const token = 'sesame';
const hello = encodeFrame({ type: 'hello', protocol: 1, arch: here, token });
const welcome = [10, { protocol: 1, arch: here, maxFrame: MAX_FRAME }];
const violation = (complaint: string): unknown[] => [
  9,
  'RSC_PROTOCOL_VIOLATION',
  `the peer does not speak the rsc protocol: ${complaint}`,
];

/** The messages of a server's log, and a way to wait for one. */
class Log {
  readonly lines: string[] = [];
  private readonly sink = new Writable({
    write: (line: Buffer, _encoding, done) => {
      this.lines.push((JSON.parse(line.toString()) as { msg: string }).msg);
      this.sink.emit('line');
      done();
    },
  });
  readonly logger = pino(this.sink);

  /** Resolves once `message` is in the log `times` times. */
  async has(message: string, times = 1): Promise<void> {
    await within(`the log line "${message}"`, async () => {
      while (this.lines.filter((line) => line === message).length < times) await once(this.sink, 'line');
    });
  }
}

let folder: string;
let root: string;
let log: Log;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rsc-server-'));
  root = folder;
  log = new Log();
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function startAt(listen: Address, options: Partial<ServerOptions> = {}): Promise<Address> {
  server = await startServer({ listen, root, logger: log.logger, ...options });
  return server.address;
}

async function errorOf(act: () => unknown): Promise<Pick<RscError, 'code' | 'message' | 'suggestion'>> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RscError)) throw error;
    const { code, message, suggestion } = error;
    return { code, message, suggestion };
  }
  throw new Error('nothing was thrown');
}

for (const { name, cure, needsToken, place, refusal } of transports) {
  describe(`a server over ${name}`, () => {
    if (cure !== undefined) {
      it(`does what it does over all transports (needs: ${cure})`);
      return;
    }
    const listen = (): Address => place(folder);
    const start = (address: Address, options: Partial<ServerOptions> = {}): Promise<Address> =>
      startAt(address, needsToken ? { token, ...options } : options);

    it('welcomes a good hello, and its executor answers from then on', async () => {
      const client = await Client.saying(await start(listen()), hello);
      const answer = await client.next();
      client.send({ type: 'ping', token: 7 });
      const pong = await client.next();
      client.send({ type: 'goodbye' });

      expect([answer, pong, await client.rest()]).to.deep.equal([welcome, [7, 7], []]);
    });

    it('executes calls in its root', async () => {
      writeFileSync(join(folder, 'note'), 'only here');
      const client = await Client.saying(await start(listen()), hello);
      await client.next();
      client.write(framed(encode(callFrame(SYS.openat, [AT_FDCWD, input(Buffer.from('/note\0')), 0]))));
      const [, , fd] = (await client.next()) as [number, number, number];
      client.write(framed(encode(callFrame(SYS.pread64, [fd, output(9), 9, 0]))));

      expect(await client.next()).to.deep.equal([2, 1, 9, Buffer.from('only here')]);
      await client.leave();
    });

    it('serves several sessions at a time', async () => {
      const address = await start(listen());
      const clients = await Promise.all([1, 2, 3].map(() => Client.saying(address, hello)));

      expect(await Promise.all(clients.map((client) => client.next()))).to.deep.equal([
        welcome,
        welcome,
        welcome,
      ]);
      await Promise.all(clients.map((client) => client.leave()));
    });

    it('takes a hello that comes byte by byte', async () => {
      const client = await Client.connect(await start(listen()));
      for (const byte of hello) client.write(Buffer.of(byte));

      expect(await client.next()).to.deep.equal(welcome);
      await client.leave();
    });

    it('welcomes who has the token', async () => {
      const address = await start(listen(), { token: 'sesame' });
      const client = await Client.saying(
        address,
        encodeFrame({ type: 'hello', protocol: 1, arch: here, token: 'sesame' }),
      );

      expect(await client.next()).to.deep.equal(welcome);
      await client.leave();
    });

    const refusals: readonly [title: string, said: Uint8Array, answer: unknown[]][] = [
      [
        'no token',
        encodeFrame({ type: 'hello', protocol: 1, arch: here }),
        [9, 'RSC_TOKEN_MISSING', 'the server asks for a token, and the client gave none'],
      ],
      [
        'another token',
        encodeFrame({ type: 'hello', protocol: 1, arch: here, token: 'barley' }),
        [9, 'RSC_TOKEN_WRONG', "the client's token is not the server's"],
      ],
      [
        'another version',
        encodeFrame({ type: 'hello', protocol: 2, arch: here }),
        [9, 'RSC_VERSION_MISMATCH', 'the server speaks protocol version 1, the client version 2'],
      ],
      [
        'another architecture',
        encodeFrame({ type: 'hello', protocol: 1, arch: elsewhere }),
        [9, 'RSC_ARCH_MISMATCH', `the server runs on ${here}, the client on ${elsewhere}`],
      ],
      [
        'text of another protocol',
        Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        violation('expected a frame of 1 to 4096 bytes, received one of 1195725856 bytes'),
      ],
      [
        'a huge frame, and megabytes of it',
        Buffer.concat([Buffer.from('7fffffff', 'hex'), Buffer.alloc(4 << 20)]),
        violation('expected a frame of 1 to 4096 bytes, received one of 2147483647 bytes'),
      ],
      [
        'an empty frame',
        Buffer.alloc(4),
        violation('expected a frame of 1 to 4096 bytes, received one of 0 bytes'),
      ],
      [
        'a frame that is no CBOR',
        framed(Buffer.from('ffffffff', 'hex')),
        violation('expected hello, received a float or an unassigned simple value at byte 0'),
      ],
      [
        'a call for a hello',
        framed(encode([1, 2, 3])),
        violation('expected hello, received a frame of type 1'),
      ],
      [
        'a hello and more',
        Buffer.concat([hello, encodeFrame({ type: 'ping', token: 1 })]),
        [9, 'RSC_PROTOCOL_VIOLATION', 'the client did not wait for the welcome after its hello'],
      ],
    ];
    for (const [title, said, answer] of refusals) {
      it(`refuses ${title}`, async () => {
        const client = await Client.saying(await start(listen(), { token: 'sesame' }), said);

        expect(await client.rest()).to.deep.equal([answer]);
      });
    }

    it('says so when a client ends within its hello', async () => {
      const client = await Client.saying(await start(listen()), hello.subarray(0, 9));
      client.finish();

      expect(await client.rest()).to.deep.equal([
        [9, 'RSC_CONNECTION_LOST', 'the client closed the connection before its hello was whole'],
      ]);
    });

    it('says so when a hello takes too long', async () => {
      const client = await Client.saying(await start(listen(), { helloTimeoutMs: 50 }), hello.subarray(0, 9));

      expect(await client.rest()).to.deep.equal([
        [9, 'RSC_CONNECTION_LOST', 'the client said no hello within 50 ms'],
      ]);
    });

    it('forgets a client that is gone before its welcome', async () => {
      const client = await Client.saying(await start(listen()), hello);
      await client.leave();

      await log.has('session closed');
    });

    it('has room again when a session has ended', async () => {
      const address = await start(listen(), { maxSessions: 1 });
      const first = await Client.saying(address, hello);
      await first.next();
      const second = await Client.saying(address, hello);
      const refused = await second.rest();
      await first.leave();
      await log.has('session closed');
      const third = await Client.saying(address, hello);

      expect([refused, await third.next()]).to.deep.equal([
        [[9, 'RSC_SERVER_FULL', 'the server takes 1 sessions at a time, and has them']],
        welcome,
      ]);
      await third.leave();
    });

    it('takes no session too many when several come at once', async () => {
      const address = await start(listen(), { maxSessions: 2 });
      const clients = await Promise.all([1, 2, 3, 4].map(() => Client.saying(address, hello)));
      const answers = (await Promise.all(clients.map((client) => client.next()))) as [number][];

      expect(answers.map(([type]) => type).sort((a, b) => a - b)).to.deep.equal([9, 9, 10, 10]);
      await Promise.all(clients.map((client) => client.leave()));
    });

    it('drains: takes nobody, and ends with the last session', async () => {
      const address = await start(listen());
      const client = await Client.saying(address, hello);
      await client.next();
      let hasEnded = false;
      const drained = server?.drain().then(() => (hasEnded = true));
      const refused = await Client.connect(address).catch((error: NodeJS.ErrnoException) => error.code);
      client.send({ type: 'ping', token: 1 });
      const pong = await client.next();

      expect({ refused, pong, hasEnded }).to.deep.equal({
        refused: refusal,
        pong: [7, 1],
        hasEnded: false,
      });
      client.send({ type: 'goodbye' });
      await within('the end of the server', () => Promise.resolve(drained));
    });

    it('drains at once when nobody but a stranger without a hello is there', async () => {
      const client = await Client.connect(await start(listen()));
      await within('the end of the server', async () => server?.drain());

      expect(await client.rest()).to.deep.equal([]);
    });

    it('ends the sessions when it is closed', async () => {
      const client = await Client.saying(await start(listen()), hello);
      await client.next();
      await server?.close();

      expect(await client.rest()).to.deep.equal([]);
    });

    it('tells a client that no sandbox stands, and why', async () => {
      root = join(folder, 'removed');
      mkdirSync(root);
      const address = await start(listen());
      rmdirSync(root);
      const client = await Client.saying(address, hello);

      expect(await client.rest()).to.deep.equal([
        [9, 'RSC_ROOT_INVALID', `cannot use ${root} as the session's root: open returned ENOENT`],
      ]);
    });

    it('logs what became of each client', async () => {
      const address = await start(listen(), { token: 'sesame' });
      const stranger = await Client.saying(address, encodeFrame({ type: 'hello', protocol: 1, arch: here }));
      await stranger.rest();
      const client = await Client.saying(address, hello);
      await client.next();
      await client.leave();
      await log.has('session closed');

      expect(log.lines).to.deep.equal([
        'session refused: the server asks for a token, and the client gave none',
        'session opened',
        'session closed',
      ]);
    });
  });
}

describe('a server that cannot start', () => {
  const tcp = parseAddress('tcp://127.0.0.1:0');

  it('names a root that is not there', async () => {
    expect(await errorOf(() => startServer({ listen: tcp, root: '/nowhere/at/all' }))).to.deep.equal({
      code: 'RSC_ROOT_INVALID',
      message: 'cannot serve /nowhere/at/all: no such directory',
      suggestion: 'name an existing directory, which sessions shall see as /',
    });
  });

  it('names a root that is no directory', async () => {
    expect(await errorOf(() => startServer({ listen: tcp, root: '/dev/null' }))).to.deep.equal({
      code: 'RSC_ROOT_INVALID',
      message: 'cannot serve /dev/null: it is not a directory',
      suggestion: 'name an existing directory, which sessions shall see as /',
    });
  });

  for (const host of ['0.0.0.0', '::', '192.0.2.1', '::ffff:192.0.2.1']) {
    it(`refuses to listen on ${host} without a token`, async () => {
      expect(
        await errorOf(() => startServer({ listen: { kind: 'tcp', host, port: 7070 }, root })),
      ).to.deep.equal({
        code: 'RSC_LISTEN_UNSAFE',
        message: `cannot listen on tcp://${host.includes(':') ? `[${host}]` : host}:7070 without a token: other machines can reach it`,
        suggestion: 'give a token with --token-file FILE, or listen on tcp://127.0.0.1:7070',
      });
    });
  }

  for (const [listen, because, instead] of [
    ['vsock://any:7070', 'other machines can reach it', 'vsock://1:7070'],
    ['vsock://2:7070', 'other machines can reach it', 'vsock://1:7070'],
    ['vsock+unix:///run/vm.vsock:7070', 'every process of the VM can reach it', 'unix:///path'],
  ] as const) {
    it(`refuses to listen on ${listen} without a token`, async () => {
      expect(await errorOf(() => startServer({ listen: parseAddress(listen), root }))).to.deep.equal({
        code: 'RSC_LISTEN_UNSAFE',
        message: `cannot listen on ${listen} without a token: ${because}`,
        suggestion: `give a token with --token-file FILE, or listen on ${instead}`,
      });
    });
  }

  for (const host of ['localhost', '127.0.0.9']) {
    it(`listens on ${host} without a token`, async () => {
      const address = await startAt({ kind: 'tcp', host, port: 0 });

      expect(address).to.include({ kind: 'tcp', host }).and.not.include({ port: 0 });
    });
  }

  it('listens beyond loopback with a token', async () => {
    await startAt({ kind: 'tcp', host: '0.0.0.0', port: 0 }, { token: 'sesame' });
  });

  it('names a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const error = await errorOf(() =>
      startServer({ listen: { kind: 'tcp', host: '127.0.0.1', port }, root }),
    );
    other.close();

    expect(error).to.deep.equal({
      code: 'RSC_LISTEN_FAILED',
      message: `cannot listen on tcp://127.0.0.1:${port}: listen returned EADDRINUSE`,
      suggestion: 'choose another port, or end the program that has this one',
    });
  });

  it('names a socket that is taken', async () => {
    const listen = { kind: 'unix', path: join(folder, 'socket') } as const;
    await startAt(listen);

    expect(await errorOf(() => startServer({ listen, root }))).to.deep.equal({
      code: 'RSC_LISTEN_FAILED',
      message: `cannot listen on unix://${listen.path}: listen returned EADDRINUSE`,
      suggestion: `end the program that listens there; if none does: rm ${listen.path}`,
    });
  });

  it('names a host that has no address', async () => {
    const listen = parseAddress('tcp://host.invalid:7070');

    expect(await errorOf(() => startServer({ listen, root }))).to.deep.equal({
      code: 'RSC_LISTEN_FAILED',
      message: 'cannot listen on tcp://host.invalid:7070: the name host.invalid has no address',
      suggestion: 'check the name',
    });
  });

  it('names the places where it looked for its executor', async () => {
    expect(await errorOf(() => twinPath('/nowhere'))).to.deep.equal({
      code: 'RSC_NATIVE_MISSING',
      message: `cannot find the twin executor: neither /nowhere/build/Release/rsc-twin nor /nowhere/prebuilds/linux-${process.arch}/rsc-twin exists`,
      suggestion: 'build it: make build',
    });
  });

  it('gives the socket file to its owner alone', async () => {
    const path = join(folder, 'socket');
    await startAt({ kind: 'unix', path });

    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });
});
