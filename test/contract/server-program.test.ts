import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { encodeFrame } from '@rsc/core/protocol/frames';
import { parseAddress, type Address } from '@rsc/core/transport/address';
import { Client, within } from './server-client';

const checkout = join(__dirname, '../../..');
const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const hello = encodeFrame({ type: 'hello', protocol: 1, arch });

/** The program, and its log as it comes. */
class Program {
  readonly ended: Promise<unknown[]>;
  readonly messages: string[] = [];
  private readonly lines: AsyncIterator<string>;

  private constructor(readonly child: ChildProcess) {
    this.ended = once(child, 'exit');
    this.lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  }

  static start(command: readonly string[], root: string): Program {
    const [program = '', ...words] = command;
    const args = [join(checkout, program), ...words, '--listen', 'tcp://127.0.0.1:0', '--root', root];
    return new Program(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  /** The first line of the log from here on with this message. */
  async logged(message: string): Promise<Readonly<Record<string, unknown>>> {
    return within(`the log line "${message}"`, async () => {
      for (;;) {
        const line = await this.lines.next();
        if (line.done) throw new Error(`the program ended without the log line "${message}"`);
        const entry = JSON.parse(line.value) as Record<string, unknown>;
        this.messages.push(String(entry['msg']));
        if (entry['msg'] === message) return entry;
      }
    });
  }

  async listening(): Promise<Address> {
    return parseAddress(String((await this.logged('listening'))['address']));
  }
}

for (const command of [['packages/server/bin/rsc-server.js'], ['packages/cli/bin/rsc.js', 'serve']]) {
  describe(`the program ${command.join(' ')}`, () => {
    let root: string;
    let program: Program;

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'rsc-server-'));
      program = Program.start(command, root);
    });

    afterEach(async () => {
      program.child.kill('SIGKILL');
      await program.ended;
      rmSync(root, { recursive: true });
    });

    it('ends at once on SIGTERM when there is no session', async () => {
      await program.listening();
      program.child.kill('SIGTERM');

      expect(await within('its end', () => program.ended)).to.deep.equal([0, null]);
    });

    it('ends with its last session after SIGINT', async () => {
      const client = await Client.saying(await program.listening(), hello);
      await client.next();
      program.child.kill('SIGINT');
      await program.logged('draining: no new sessions are taken');
      client.send({ type: 'ping', token: 3 });
      const pong = await client.next();
      client.send({ type: 'goodbye' });

      expect([pong, await within('its end', () => program.ended)]).to.deep.equal([
        [7, 3],
        [0, null],
      ]);
      await client.leave();
    });

    it('ends its sessions at a second signal', async () => {
      const client = await Client.saying(await program.listening(), hello);
      await client.next();
      program.child.kill('SIGTERM');
      await program.logged('draining: no new sessions are taken');
      program.child.kill('SIGTERM');

      expect([await client.rest(), await within('its end', () => program.ended)]).to.deep.equal([
        [],
        [0, null],
      ]);
    });

    it('logs a session from its welcome to its end', async () => {
      const client = await Client.saying(await program.listening(), hello);
      await client.next();
      const opened = await program.logged('session opened');
      client.send({ type: 'goodbye' });
      const closed = await program.logged('session closed');
      await client.leave();

      expect(Object.keys(opened)).to.deep.equal([
        'level',
        'time',
        'pid',
        'hostname',
        'session',
        'peer',
        'twin',
        'msg',
      ]);
      expect(closed).to.include({ session: 1, status: 0, signal: null });
    });
  });
}
