import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Listens for datagrams at a socket, at which guest programs tell of what went wrong (test/guest/tell.h). */
export class Told {
  private text = '';
  private readonly closed: Promise<unknown>;

  private constructor(
    readonly path: string,
    private readonly listener: ChildProcess,
  ) {
    this.closed = once(listener, 'close');
  }

  static async at(path: string): Promise<Told> {
    const program = [
      'import signal, socket, sys',
      's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
      's.bind(sys.argv[1])',
      'signal.signal(signal.SIGTERM, lambda *_: s.setblocking(False))',
      'print("listening", flush=True)',
      'try:',
      '  while True: print(s.recv(64).decode(), flush=True)',
      'except BlockingIOError: pass',
    ];
    const listener = execFile('/usr/bin/python3', ['-c', program.join('\n'), path]);
    const told = new Told(path, listener);
    listener.stdout?.on('data', (text: string) => (told.text += text));
    if (listener.stdout) await once(listener.stdout, 'data');
    return told;
  }

  /** All that was told, one datagram a line, which nobody may tell any more. */
  async end(): Promise<string[]> {
    this.listener.kill();
    await this.closed;
    return this.text.split('\n').slice(1, -1);
  }
}
