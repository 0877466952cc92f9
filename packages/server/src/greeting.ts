import type { Duplex } from 'node:stream';
import { RscError } from '@rsc/core/errors';
import { frameLength, LENGTH_BYTES, parseHello, type Hello } from '@rsc/core/protocol/frames';
import { MAX_HELLO } from '@rsc/core/protocol/limits';

/**
 * Reads the hello that a client begins with, and leaves the socket paused with nothing read of what follows. Rejects with
 * an RscError: RSC_PROTOCOL_VIOLATION for anything else, RSC_CONNECTION_LOST when the client goes or is too slow.
 */
export function readHello(socket: Duplex, timeoutMs: number): Promise<Hello> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const deadline = setTimeout(() => {
      end(new RscError('RSC_CONNECTION_LOST', `the client said no hello within ${timeoutMs} ms`));
    }, timeoutMs);
    const onData = (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      try {
        const length = frameLength(received, MAX_HELLO);
        if (length === undefined || received.length < LENGTH_BYTES + length) return;
        if (received.length > LENGTH_BYTES + length) {
          throw new RscError(
            'RSC_PROTOCOL_VIOLATION',
            'the client did not wait for the welcome after its hello',
          );
        }
        end(parseHello(received.subarray(LENGTH_BYTES)));
      } catch (error) {
        end(error);
      }
    };
    const onGone = () => {
      end(new RscError('RSC_CONNECTION_LOST', 'the client closed the connection before its hello was whole'));
    };
    function end(outcome: unknown): void {
      clearTimeout(deadline);
      socket.pause();
      socket.off('data', onData).off('end', onGone).off('close', onGone);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome as Hello);
    }
    socket.on('data', onData).on('end', onGone).on('close', onGone);
    socket.resume();
  });
}
