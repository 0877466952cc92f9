import { expect } from 'chai';
import { chooseEngine, chooseForAttach } from '@rsc/core/tracer/choice';

describe('the choice of an engine', () => {
  for (const [release, engine] of [
    ['6.18.44', 'notify'],
    ['7.2.13-cloud-amd64', 'notify'],
    ['6.17.9', 'seccomp'],
    ['6.1.0-56-amd64', 'seccomp'],
    ['5.15.0', 'seccomp'],
  ] as const) {
    it(`takes ${engine} on Linux ${release}`, () => {
      expect(chooseEngine('auto', release).engine).to.equal(engine);
    });
  }

  it('takes what is asked for', () => {
    expect(chooseEngine('seccomp', '6.18.44')).to.deep.equal({
      engine: 'seccomp',
      because: 'it was asked for',
      mayFallBack: false,
      filter: 'stop',
    });
  });

  it('refuses notices on a kernel that may lose answers', () => {
    expect(() => chooseEngine('notify', '6.1.0-56-amd64')).to.throw(
      'cannot use the engine notify: Linux 6.1.0-56-amd64 may lose answers to notices',
    );
  });

  it('lets hybrid filter as well as the kernel can', () => {
    const filters = ['6.18.44', '6.1.0-56-amd64'].map((release) => chooseEngine('hybrid', release).filter);
    expect(filters).to.deep.equal(['notify', 'stop']);
  });

  it('tries ebpf first for a running process, and insists on what is asked for', () => {
    const choices = (['auto', 'ebpf', 'ptrace'] as const).map((wanted) =>
      chooseForAttach(wanted, '6.1.0-56-amd64'),
    );
    expect(choices.map(({ engine, mayFallBack }) => [engine, mayFallBack])).to.deep.equal([
      ['ebpf', true],
      ['ebpf', false],
      ['ptrace', false],
    ]);
  });

  it('takes ebpf on a kernel that may leave out its programs only where it is asked for', () => {
    const release = '7.2.13-cloud-amd64';
    const choices = [chooseForAttach('auto', release), chooseForAttach('ebpf', release)];
    expect(choices.map(({ engine }) => engine)).to.deep.equal(['ptrace', 'ebpf']);
  });

  it('names the engines to who asks for another', () => {
    expect(() => chooseEngine('magic', '6.18.44')).to.throw('there is no engine named "magic"');
  });
});
