import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needsOf, worksHere } from './engines';
import { guest, isInVm } from './places';
import { Chance, seed } from './property/chance';
import { makeRoot, type Root } from './root';
import { rscRun } from './rsc';
import { descendantsOf, startServer, type Server } from './server';
import { Talk } from './talk';
import { Told } from './told';
import { askedTransport } from './transport';

const ROUNDS = isInVm ? 2 : 10;
/** A round ends at a moment that follows from the seed, and is counted by answers of the program: within so many. */
const ANSWERS = 300;
/** The threads of the guest program. */
const THREADS = 4;

const looking = ['--syscalls', 'access,faccessat,faccessat2'];
const rows = [
  ...['auto', 'seccomp', 'ptrace'].map((engine) => ({ engine, title: engine, flags: [], makes: true })),
  ...(['hybrid', 'ebpf'] as const).map((engine) => ({
    engine,
    title: `${engine} (what it needs: ${needsOf[engine]})`,
    flags: [],
    makes: true,
  })),
  {
    engine: 'ebpf',
    title: `ebpf and calls that only look (what it needs: ${needsOf.hybrid})`,
    flags: looking,
    makes: false,
  },
];

const note = 'a note that only the server has';
/** Says the first line of a file of the server's for each line that it hears. */
const reader = ['bash', '-c', 'while read -r _; do read -r line < /work/notes.txt; echo "$line"; done'];

/** What rsc says of a loss; whether the kernel tells of an end or of a reset is a matter of chance. */
const loss = (url: string): string =>
  `lost the connection to ${url}: (?:it closed the connection|ECONNRESET|EPIPE)`;
/** A call that had no answer. */
const call = '\\w+ of process \\d+';

/** A root, servers and programs, which go when the test ends. */
class Losses {
  readonly root: Root = makeRoot();
  /** A folder that both sides have. */
  readonly folder = mkdtempSync(join(tmpdir(), 'rsc-lost-'));
  private readonly talks: Talk[] = [];
  private readonly servers: Server[] = [];
  private readonly listeners: Told[] = [];

  constructor() {
    mkdirSync(join(this.root.path, this.folder), { recursive: true });
  }

  async server(transport = askedTransport ?? 'tcp'): Promise<Server> {
    const server = await startServer(this.root.path, { transport });
    this.servers.push(server);
    return server;
  }

  async listener(): Promise<Told> {
    const listener = await Told.at(join(this.root.path, 'tmp/told'));
    this.listeners.push(listener);
    return listener;
  }

  rsc(server: Server, flags: readonly string[], command: readonly string[]): Talk {
    const talk = new Talk(rscRun('--server', server.url, '--cwd', '/work', ...flags, '--', ...command));
    this.talks.push(talk);
    return talk;
  }

  async clear(): Promise<void> {
    for (const talk of this.talks) await talk.stop();
    for (const server of this.servers) await server.stop();
    for (const listener of this.listeners) await listener.end();
    this.root.remove();
    rmSync(this.folder, { recursive: true });
  }
}

for (const { engine, title, flags, makes } of rows) {
  describe(`programs whose server is killed, with the engine ${title}`, function () {
    this.timeout(120_000);
    let losses: Losses;

    before(function () {
      if (!worksHere(makes ? engine : 'hybrid')) this.skip();
    });
    beforeEach(() => (losses = new Losses()));
    afterEach(() => losses.clear());

    /** Runs the guest program in rounds; `lose` is called in the midst of its calls. What the program has told. */
    async function told(
      more: readonly string[],
      lose: (chance: Chance, start: (server: Server) => Promise<Talk>) => Promise<void>,
    ): Promise<string[]> {
      const listener = await losses.listener();
      const chance = new Chance(seed);
      const changed = (): bigint => statSync(losses.folder, { bigint: true }).mtimeNs;
      const before = changed();
      for (let round = 0; round < ROUNDS; round++) {
        await lose(chance, async (server) => {
          const words = [listener.path, String(1 + chance.below(ANSWERS)), ...(makes ? [losses.folder] : [])];
          const program = losses.rsc(
            server,
            ['--engine', engine, ...flags, ...more],
            [guest('lost'), ...words],
          );
          await program.hears('reached');
          return program;
        });
      }
      // A directory that was made and removed would have changed it too.
      expect([readdirSync(losses.folder), changed()]).to.deep.equal([[], before]);
      return listener.end();
    }

    it('end with their executor, and get no wrong answer; other sessions go on', async () => {
      const server = await losses.server();
      const bystander = losses.rsc(server, [], reader);
      expect(await bystander.answer('?')).to.equal(note);
      const words = await told([], async (chance, start) => {
        const program = await start(server);
        // The executor is the child of one that waits for it; the last two are of the last session.
        process.kill(chance.of(descendantsOf(server.pid).slice(-2)), 'SIGKILL');
        expect(await program.ended()).to.equal(125);
        expect(program.lines.slice(1).join('\n')).to.match(
          new RegExp(
            `^rsc: ${loss(server.url)}(?:, in ${call}(?:, ${call})*)?\n` +
              '  try: the program was ended, because its calls have no answer; run it again when the server is back$',
          ),
        );
        expect(await bystander.answer('?')).to.equal(note);
      });
      expect(words).to.deep.equal([]);
    });

    it('get EIO and nothing else from then on, where that is asked for', async () => {
      const words = await told(['--on-disconnect', 'eio'], async (_, start) => {
        const server = await losses.server(askedTransport ?? 'unix');
        const program = await start(server);
        await server.kill();
        expect(await program.ended()).to.equal(0);
        const [warning, ...others] = program.lines.filter((line) => line.startsWith('rsc: '));
        expect(warning).to.match(
          new RegExp(`^rsc: warning: ${loss(server.url)}; remote calls answer EIO from now on$`),
        );
        expect(others).to.deep.equal([]);
        expect(program.lines).to.include('child: exit status 0');
      });
      expect(words).to.deep.equal(Array(ROUNDS * THREADS).fill('EIO'));
    });
  });
}

describe('a server that is killed, but not its executors', function () {
  this.timeout(60_000);
  let losses: Losses;

  beforeEach(() => (losses = new Losses()));
  afterEach(() => losses.clear());

  it('leaves sessions as they are, and takes no others', async () => {
    const server = await losses.server();
    const session = losses.rsc(server, [], reader);
    expect(await session.answer('?')).to.equal(note);
    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    expect(await session.answer('?')).to.equal(note);
    const late = losses.rsc(server, [], reader);
    expect(await late.ended()).to.equal(125);
    expect(late.lines[0]).to.match(new RegExp(`^rsc: cannot connect to ${server.url}: `));
    expect(await session.answer('?')).to.equal(note);
  });
});
