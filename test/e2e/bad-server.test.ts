import { expect } from 'chai';
import { run } from './ending';
import { startFakeServer } from './fake-server';
import { rscRun } from './rsc';
import { startServer, type Server } from './server';
import { complaint, expectFailure, program, UntouchedRoot } from './untouched-root';

describe('a server that does not take the client is named, and nothing is changed', function () {
  this.timeout(60_000);
  const root = new UntouchedRoot();
  let server: Server | undefined;

  beforeEach(() => (server = undefined));
  afterEach(() => server?.stop());

  describe('of a server that is not there', () => {
    const startOne = 'start a server there: rsc serve --listen ADDRESS --root DIR';

    it('names the port where nobody listens', async () => {
      const { url, close } = await startFakeServer();
      await close();
      const stderr = complaint(`cannot connect to ${url}: connect returned ECONNREFUSED`, startOne);
      await expectFailure(rscRun('--server', url, '--', ...program), 125, stderr);
    });

    it('names the socket that does not exist', () =>
      expectFailure(
        rscRun('--server', 'unix:///nowhere/socket', '--', ...program),
        125,
        complaint('cannot connect to unix:///nowhere/socket: connect returned ENOENT', startOne),
      ));

    it('names the host that has no address', () =>
      expectFailure(
        rscRun('--server', 'tcp://host.invalid:7070', '--', ...program),
        125,
        complaint(
          'cannot connect to tcp://host.invalid:7070: the name host.invalid has no address',
          'check the name',
        ),
      ));
  });

  describe('of a server with a token', () => {
    let url: string;
    let tokenFile: string;

    beforeEach(async () => {
      tokenFile = root.fileBeside('token', 'open sesame\n');
      server = await startServer(root.path, { options: ['--token-file', tokenFile] });
      url = server.url;
    });

    const giveOne = 'give the token of that server: --token-file FILE';

    it('lets in who has it', async () => {
      const ending = await run(rscRun('--server', url, '--token-file', tokenFile, '--', 'cat', '/work/one'));
      expect(ending).to.deep.equal({ stdout: 'one file, two names\n', stderr: '', status: 0 });
    });

    it('refuses who has none', () =>
      expectFailure(
        rscRun('--server', url, '--', ...program),
        125,
        complaint(
          `cannot open a session with ${url}: the server asks for a token, and the client gave none`,
          giveOne,
        ),
      ));

    it('refuses who has another', () =>
      expectFailure(
        rscRun('--server', url, '--token-file', root.fileBeside('wrong', 'open barley\n'), '--', ...program),
        125,
        complaint(`cannot open a session with ${url}: the client's token is not the server's`, giveOne),
      ));

    it('names a token file that cannot be read', () =>
      expectFailure(
        rscRun('--server', url, '--token-file', '/nowhere/token', '--', ...program),
        125,
        complaint(
          'cannot read a token from /nowhere/token: ENOENT',
          'name a file with the token in its first line',
        ),
      ));
  });
});
