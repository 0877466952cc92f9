import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../e2e/ending';
import { rscRun } from '../e2e/rsc';
import { startServer, type Server } from '../e2e/server';
import { cureForVm } from './cure';
import { Neighbour, vhostDeviceVsock } from './neighbour';

const kernel = '6.1';

function cure(): string | undefined {
  const missing = cureForVm(kernel);
  if (missing !== undefined || existsSync(vhostDeviceVsock)) return missing;
  return "make test-vm, where apt-get reaches Debian's packages";
}

describe('between this machine and a VM, over vsock', function () {
  this.timeout(120_000);
  const missing = cure();
  if (missing !== undefined) {
    it(`a program here works on the files of a server there - to have this tested: ${missing}`);
    return;
  }

  const token = 'sesame';
  let folder: string;
  let tokenFile: string;
  let vm: Neighbour;
  let server: Server | undefined;
  let shown: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rsc-token-'));
    tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, `${token}\n`);
    mkdirSync(join(folder, 'world'));
    writeFileSync(join(folder, 'world/greeting'), 'greetings from the host\n');
    vm = new Neighbour(kernel, ['test/vm/neighbour', token, process.execPath]);
    const listen = `vsock+unix://${vm.path}:7070`;
    server = await startServer(join(folder, 'world'), { listen, options: ['--token-file', tokenFile] });
    shown = await vm.boot(/"msg":"listening"/);
  });
  after(async () => {
    await server?.stop();
    await vm.stop();
    rmSync(folder, { recursive: true });
  });

  const rsc = (port: number, ...command: readonly string[]): string[] => {
    const url = `vsock+unix://${vm.path}:${port}`;
    return rscRun('--server', url, '--token-file', tokenFile, '--', ...command);
  };

  it('a program here works on the files of a server there', async () => {
    const script =
      'cat /release; seq 300000 > /numbers; sum=$(cksum < /numbers); echo $sum; wc -l < /numbers';
    const ending = await run(rsc(7070, 'sh', '-c', script));
    expect(ending.stderr).to.equal('');
    expect(ending.stdout).to.match(/^6\.1\..*\n2732413854 1988895\n300000\n$/);
    expect(ending.status).to.equal(0);
  });

  it('a program there works on the files of a server here', () => {
    expect(shown).to.include('greetings from the host');
  });

  it('names the port where nothing listens there', async () => {
    const { stderr, status } = await run(rsc(7071, 'true'));
    expect(stderr).to.include(
      `cannot connect to vsock+unix://${vm.path}:7071: the hypervisor closed the connection: nothing listens on port 7071 in the VM`,
    );
    expect(status).to.equal(125);
  });
});
