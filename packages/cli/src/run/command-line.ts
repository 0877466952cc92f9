/** The flags of `rsc run` that take no value. */
const switches = new Set(['--help']);

/** The command line of `rsc run`. */
export interface CommandLine {
  /** rsc's own flags. */
  readonly flags: string[];
  /** The program and its arguments, untouched. */
  readonly command: string[];
}

/**
 * Ends rsc's own flags where the traced command begins, as env(1) and strace(1) do: at the first word that is no flag, or
 * behind `--`. `--cwd /x ls -l -- y` has the command `ls -l -- y`.
 */
export function splitCommandLine(argv: readonly string[]): CommandLine {
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (word === '--') return { flags: argv.slice(0, at), command: argv.slice(at + 1) };
    if (!word.startsWith('-') || word === '-') break;
    at += switches.has(word) || word.includes('=') ? 1 : 2;
  }
  return { flags: argv.slice(0, at), command: argv.slice(at) };
}
