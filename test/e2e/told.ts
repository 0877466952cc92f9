import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const program = [
  'import socket, sys',
  's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
  's.bind(sys.argv[1])',
  'print("listening", flush=True)',
  'while True: print(s.recv(64), flush=True)',
];

/** What the guest `killed` tells a socket: its wrong answers. */
export class Told {
  private text = '';

  private constructor(private readonly listener: ChildProcess) {
    listener.stdout?.on('data', (text: string) => (this.text += text));
  }

  static async at(path: string): Promise<Told> {
    const listener = execFile('/usr/bin/python3', ['-c', program.join('\n'), path]);
    const told = new Told(listener);
    if (listener.stdout) await once(listener.stdout, 'data');
    return told;
  }

  /** All of them, a line each. Listens no longer. */
  async end(): Promise<string> {
    this.listener.kill();
    await once(this.listener, 'close');
    return this.text.replace(/^listening\n/, '');
  }
}
