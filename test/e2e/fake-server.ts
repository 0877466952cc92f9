import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A peer that takes connections and answers with bytes that the test chooses: no server of rsc. */
export interface FakeServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers the first bytes of a peer with the first of `answers`, the next ones with the next, and closes the connection
 * after the last.
 */
export async function startFakeServer(...answers: readonly Buffer[]): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let given = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      const answer = answers[given++];
      if (answer !== undefined) socket.write(answer);
      if (given >= answers.length) socket.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `tcp://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A frame: the length of the body, and the body. */
export function frame(...body: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A CBOR text string of less than 24 bytes (RFC 8949, section 3.1). */
export function text(value: string): Buffer {
  return Buffer.from([0x60 + value.length, ...Buffer.from(value)]);
}

/** [10, {"protocol": version, "arch": arch, "maxFrame": 0x110000}] */
export function welcome(version: number, arch: string): Buffer {
  return frame(
    Buffer.from('820aa3', 'hex'),
    text('protocol'),
    Buffer.from([version]),
    text('arch'),
    text(arch),
    text('maxFrame'),
    Buffer.from('1a00110000', 'hex'),
  );
}
