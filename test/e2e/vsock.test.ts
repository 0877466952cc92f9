import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { native } from '@rsc/addon';
import { run, type Ending } from './ending';
import { welcome } from './fake-server';
import { startHypervisor, type Hypervisor } from './hypervisor';
import { rscProgram } from './places';
import { rscRun } from './rsc';
import { startServer, type Server } from './server';
import { complaint, expectFailure, program, UntouchedRoot } from './untouched-root';

const refused = (url: string, reason: string, cure: string): string =>
  complaint(`cannot connect to ${url}: ${reason}`, cure);

describe('a server behind the vsock socket of a hypervisor', function () {
  this.timeout(60_000);
  const root = new UntouchedRoot();
  let path: string;
  let url: string;
  let tokenFile: string;
  let hypervisor: Hypervisor | undefined;
  let server: Server | undefined;

  beforeEach(() => {
    tokenFile = root.fileBeside('token', 'open sesame\n');
    path = join(dirname(tokenFile), 'vm');
    url = `vsock+unix://${path}:7070`;
    hypervisor = server = undefined;
  });
  afterEach(async () => {
    await server?.stop();
    await hypervisor?.close();
  });

  const isItOne =
    'check that the path is the vsock socket of Firecracker, Cloud Hypervisor or vhost-device-vsock';

  async function start(): Promise<void> {
    server = await startServer(root.path, { listen: url, options: ['--token-file', tokenFile] });
    hypervisor = await startHypervisor(path);
  }

  it('executes the calls of a program', async () => {
    await start();
    const command = ['sha256sum', '/work/noise.bin'];
    const ending = await run(rscRun('--server', url, '--token-file', tokenFile, '--', ...command));
    const hash = createHash('sha256')
      .update(readFileSync(join(root.path, 'work/noise.bin')))
      .digest('hex');
    expect(ending).to.deep.equal({ stdout: `${hash}  /work/noise.bin\n`, stderr: '', status: 0 });
  });

  it('keeps what the VM says right behind the answer of the hypervisor', async () => {
    hypervisor = await startHypervisor(path, Buffer.concat([Buffer.from('OK 7\n'), welcome(1, 'x86_64')]));
    const { stdout, status }: Ending = await run([process.execPath, rscProgram, 'doctor', '--server', url]);
    expect(stdout).to.include(`${url} opens sessions, with protocol version 1 on x86_64`);
    expect(status).to.equal(0);
  });

  it('is missed where nothing listens on the port in the VM', async () => {
    hypervisor = await startHypervisor(path);
    const reason =
      'the hypervisor closed the connection: nothing listens on port 7070 in the VM, or the VM is not up';
    const cure = 'start a server there: rsc-server --listen vsock://any:7070 --root DIR --token-file FILE';
    await expectFailure(rscRun('--server', url, '--', ...program), 125, refused(url, reason, cure));
  });

  it('is missed where the hypervisor has no socket', () =>
    expectFailure(
      rscRun('--server', url, '--', ...program),
      125,
      refused(
        url,
        'connect returned ENOENT',
        'start the VM: its hypervisor makes the socket, as of --vsock or --vm uds-path=PATH',
      ),
    ));

  it('is told apart from another program that answers', async () => {
    hypervisor = await startHypervisor(path, Buffer.from('HTTP/1.1 400 Bad Request\r\n'));
    const reason = 'expected OK and a number of the hypervisor, received "HTTP/1.1 400 Bad Request\\r\\n"';
    await expectFailure(rscRun('--server', url, '--', ...program), 125, refused(url, reason, isItOne));
  });
});

describe('a server on vsock that is not there', function () {
  this.timeout(60_000);
  it('says that any is no CID to connect to', () =>
    expectFailure(
      rscRun('--server', 'vsock://any:7070', '--', ...program),
      2,
      complaint(
        'cannot connect to vsock://any:7070: any is every CID of the machine that listens, and of no other',
        "name the CID of the server's machine, as vsock://2:7070 for the host of this VM",
      ),
    ));

  if (native().probeVsockLoopback() === 0) {
    it('names the port where nobody listens', () =>
      expectFailure(
        rscRun('--server', 'vsock://1:7070', '--', ...program),
        125,
        refused(
          'vsock://1:7070',
          'nothing listens there: connect returned ECONNRESET',
          'start a server there: rsc serve --listen vsock://1:7070 --root DIR',
        ),
      ));
  } else {
    it('says so where the machine has no loopback, and sends nothing to its hypervisor', async () => {
      const { stderr, status } = await run(rscRun('--server', 'vsock://1:7070', '--', ...program));
      expect(stderr).to.match(
        /^rsc: cannot connect to vsock:\/\/1:7070: this (machine has no vsock loopback: bind returned EADDRNOTAVAIL\n {2}try: modprobe vsock_loopback|kernel has no vsock sockets: socket returned EAFNOSUPPORT\n {2}try: modprobe vsock)\n$/,
      );
      expect(status).to.equal(125);
    });
  }
});
