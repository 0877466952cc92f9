import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { statusField } from './attaching';
import { rscProgram } from './places';
import { Talk } from './talk';

describe('rsc that waits for the answer of a server', function () {
  this.timeout(60_000);
  const sockets = new Set<Socket>();
  let server: Server;
  let talks: Talk[];

  beforeEach(async () => {
    talks = [];
    server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => server.emit('asked'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const talk of talks) await talk.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  function start(...command: readonly string[]): Talk {
    const talk = new Talk(command);
    talks.push(talk);
    return talk;
  }

  const rows = [
    { signal: 'SIGINT', status: 130 },
    { signal: 'SIGTERM', status: 143 },
  ] as const;
  for (const { signal, status } of rows) {
    for (const command of ['run', 'attach'] as const) {
      it(`is ended by ${signal}: ${command}`, async () => {
        const { port } = server.address() as AddressInfo;
        const target = start('/bin/sleep', '1000');
        const what = command === 'run' ? ['--', '/bin/true'] : ['--pid', String(target.pid)];
        const asked = once(server, 'asked');
        const rsc = start(
          process.execPath,
          ...[rscProgram, command, '--engine', 'ptrace', '--server', `tcp://127.0.0.1:${port}`],
          ...what,
        );
        await asked;
        rsc.signal(signal);
        expect(await rsc.ended()).to.equal(status);
        expect(rsc.lines).to.deep.equal([]);
        expect(statusField(target.pid, 'TracerPid')).to.equal('0');
      });
    }
  }
});
