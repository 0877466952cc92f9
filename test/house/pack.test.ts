import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const checkout = join(__dirname, '../../..');
/** What a machine has that runs Node and a shell, and no compiler. */
const tools = ['sh', 'env', 'cat', 'uname'];

/** The packages, installed in an empty folder on a machine without a compiler. */
class Machine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rsc-pack-'));
  private readonly bin = join(this.folder, 'bin');
  private readonly home = join(this.folder, 'app');
  readonly root = join(this.folder, 'root');

  constructor() {
    for (const directory of [this.bin, this.home, this.root]) mkdirSync(directory);
    symlinkSync(process.execPath, join(this.bin, 'node'));
    for (const tool of tools) symlinkSync(find(tool), join(this.bin, tool));
    writeFileSync(join(this.home, 'package.json'), '{ "private": true }');
  }

  install(packages: readonly string[]): void {
    const npm = realpathSync(find('npm'));
    const flags = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--foreground-scripts'];
    const env = { ...process.env, PATH: this.bin, npm_config_loglevel: 'error' };
    const { status, stderr } = spawnSync(process.execPath, [npm, ...flags, ...packages], {
      cwd: this.home,
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`npm install failed:\n${stderr}`);
  }

  run(
    program: string,
    ...args: readonly string[]
  ): { stdout: string; stderr: string; status: number | null } {
    const { stdout, stderr, status } = spawnSync(join(this.home, 'node_modules/.bin', program), args, {
      env: { PATH: this.bin },
      cwd: this.root,
      encoding: 'utf8',
      timeout: 15_000,
    });
    return { stdout, stderr, status };
  }

  hasModule(name: string): boolean {
    return existsSync(join(this.home, 'node_modules', name));
  }

  has(tool: string): boolean {
    return spawnSync(tool, ['--version'], { env: { PATH: this.bin } }).error === undefined;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function find(tool: string): string {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, tool));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`cannot find ${tool} in PATH`);
  return found;
}

describe('the packed packages, in an empty folder without a compiler', function () {
  this.timeout(300_000);
  let machine: Machine;

  before(() => {
    execFileSync('make', ['--silent', '--no-print-directory', 'pack'], {
      cwd: checkout,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const packages = join(checkout, 'dist');
    machine = new Machine();
    machine.install(readdirSync(packages).map((name) => join(packages, name)));
  });

  after(() => {
    machine.remove();
  });

  it('are there without a compiler', () => {
    expect(['gcc', 'cc', 'g++', 'make', 'python3'].filter((tool) => machine.has(tool))).to.deep.equal([]);
  });

  it('describe a system call', () => {
    const { stdout, stderr, status } = machine.run('rsc', 'syscalls', 'read');

    expect({ first: stdout.split('\n')[0], stderr, status }).to.deep.equal({
      first: 'read(fd, buf, count)',
      stderr: '',
      status: 0,
    });
  });

  it('check a policy, and have the schema for editors', () => {
    writeFileSync(join(machine.root, 'rules.yaml'), 'version: 1\npreset: dev\n');

    expect(machine.run('rsc', 'policy', 'check', 'rules.yaml').stdout).to.match(
      /^rules\.yaml: ok, 0 rules and preset dev\n/,
    );
    expect(machine.hasModule('@rsc/core/policy.schema.json')).to.equal(true);
  });

  it('have a server', () => {
    expect(machine.run('rsc-server', '--version')).to.deep.equal({
      stdout: 'rsc-server 0.1.0\n',
      stderr: '',
      status: 0,
    });
  });

  it('run a program on a file that only the server has', () => {
    mkdirSync(join(machine.root, 'harbour'));
    writeFileSync(join(machine.root, 'harbour/log'), 'fog\n');

    expect(machine.run('rsc', 'run', '--embedded', machine.root, '--', 'cat', '/harbour/log')).to.deep.equal({
      stdout: 'fog\n',
      stderr: '',
      status: 0,
    });
  });
});
