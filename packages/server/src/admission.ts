import { createHash, timingSafeEqual } from 'node:crypto';
import { RscError } from '@rsc/core/errors';
import type { Hello } from '@rsc/core/protocol/frames';
import { PROTOCOL_VERSION } from '@rsc/core/protocol/limits';

/** The architecture of this server, as uname(1) names it. */
export const serverArch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** Throws RscError when a client may not have a session: its code and message are what the client is told. */
export function admit(hello: Hello, token: string | undefined): void {
  if (hello.protocol !== PROTOCOL_VERSION) {
    throw new RscError(
      'RSC_VERSION_MISMATCH',
      `the server speaks protocol version ${PROTOCOL_VERSION}, the client version ${hello.protocol}`,
    );
  }
  if (hello.arch !== serverArch) {
    throw new RscError('RSC_ARCH_MISMATCH', `the server runs on ${serverArch}, the client on ${hello.arch}`);
  }
  if (token === undefined) return;
  if (hello.token === undefined)
    throw new RscError('RSC_TOKEN_MISSING', 'the server asks for a token, and the client gave none');
  // Digests are of one length, and compared in one time, whatever the client guesses.
  if (!timingSafeEqual(digest(hello.token), digest(token))) {
    throw new RscError('RSC_TOKEN_WRONG', "the client's token is not the server's");
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
