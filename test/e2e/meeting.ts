import { startServer, type Server } from './server';
import { askedTransport } from './transport';

/** How several runs of rsc meet one server: one inside each, or, over the transport that was asked for, one for all. */
export class Meeting {
  private server: Promise<Server> | undefined;

  constructor(private readonly root: string) {}

  /** What names the server on a command line of rsc's. */
  async words(): Promise<readonly string[]> {
    if (askedTransport === undefined) return ['--embedded', this.root];
    this.server ??= startServer(this.root);
    return ['--server', (await this.server).url];
  }

  async end(): Promise<void> {
    const server = await this.server;
    await server?.stop();
  }
}
