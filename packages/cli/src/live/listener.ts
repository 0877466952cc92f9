import { chmodSync, renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { makeFolder, SOCKET } from './folder.js';
import { firstLine } from './line.js';
import { lineOf, parseRequest, type Answer, type Request } from './requests.js';
import { Mismatch } from './schema.js';

/** Whoever has connected has to say within this time what for. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CLIENTS = 16;

/**
 * Listens for requests to the session `id`, one a connection, until this process exits. Whoever says anything else is told so and
 * cut off. Rejects where the socket cannot be made.
 */
export async function listen(
  folder: string,
  id: string,
  respond: (request: Request) => Promise<Answer>,
): Promise<void> {
  makeFolder(folder);
  const path = join(folder, `${id}${SOCKET}`);
  // It gets its name when it answers: one that does not is taken for what a killed session has left.
  const beside = join(folder, `${id}.new`);
  const server = createServer({ allowHalfOpen: true }, (socket) => void serve(socket, respond));
  server.maxConnections = MAX_CLIENTS;
  server.unref();
  server.listen(beside);
  await once(server, 'listening');
  chmodSync(beside, 0o600);
  renameSync(beside, path);
  process.on('exit', () => {
    rmSync(path, { force: true });
  });
}

async function serve(socket: Socket, respond: (request: Request) => Promise<Answer>): Promise<void> {
  // A client that is gone before it has its answer is no concern of the session.
  socket.on('error', () => socket.destroy());
  const answer = await answerTo(socket, respond);
  socket.end(lineOf(answer), () => socket.destroy());
}

async function answerTo(socket: Socket, respond: (request: Request) => Promise<Answer>): Promise<Answer> {
  try {
    const request = parseRequest(await firstLine(socket, REQUEST_TIMEOUT_MS));
    socket.setTimeout(0);
    return await respond(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const suggestion = error instanceof Mismatch ? 'ask with the same version of rsc' : '';
    return { kind: 'refused', message, suggestion };
  }
}
