/** The flags of `rsc run` that take no value. */
const switches = new Set(['--help']);

/**
 * Ends rsc's own flags where the traced command begins, as env(1) and strace(1) do, so that the command's flags
 * reach it untouched: `['--cwd', '/x', 'ls', '-l']` becomes `['--cwd', '/x', '--', 'ls', '-l']`.
 */
export function endFlags(argv: readonly string[]): string[] {
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (word === '--') return [...argv];
    if (!word.startsWith('-') || word === '-') break;
    at += switches.has(word) || word.includes('=') ? 1 : 2;
  }
  return [...argv.slice(0, at), '--', ...argv.slice(at)];
}
