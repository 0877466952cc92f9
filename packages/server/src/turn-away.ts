import type { Duplex } from 'node:stream';
import { encodeFrame, type Failure } from '@rsc/core/protocol/frames';

const LINGER_MS = 1000;

/**
 * Tells a client why it gets no session, and closes. `mayRead`: what it still sends is read and dropped for a moment,
 * since a close with bytes unread resets the connection (RFC 9293, section 3.10.4), and the reason might never arrive.
 * A socket that an executor has had may be blocking by now, and must not be read here.
 */
export function turnAway(socket: Duplex, failure: Failure, mayRead: boolean): void {
  if (socket.destroyed) return;
  const deadline = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => {
    clearTimeout(deadline);
  });
  socket.end(encodeFrame({ type: 'failure', ...failure }), () => {
    if (!mayRead) socket.destroy();
  });
  if (mayRead) socket.resume();
}
