import { randomBytes } from 'node:crypto';
import type { Controls } from './controls.js';
import { socketFolder } from './folder.js';
import { listen } from './listener.js';
import { Responder, type Identity } from './responding.js';

const ID_BYTES = 4;

/** Makes the socket on which a session can be asked and told things. One that cannot have it goes on, with a warning. */
export async function openControl(identity: Omit<Identity, 'id' | 'rsc'>, controls: Controls): Promise<void> {
  const folder = socketFolder();
  if (folder === undefined) return;
  const id = randomBytes(ID_BYTES).toString('hex');
  const responder = new Responder({ ...identity, id, rsc: process.pid }, controls);
  try {
    await listen(folder, id, (request) => responder.respond(request));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`rsc: warning: rsc ps will not find this session: ${reason}\n`);
  }
}
