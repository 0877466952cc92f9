import { RscError } from '../errors.js';
import { codec } from '../protocol/cbor.js';
import { FrameType, parseFrame } from '../protocol/frames.js';
import type { Answer } from './steps.js';

/** The answer to the call of a stream. */
export interface Reply extends Answer {
  readonly stream: number;
}

/** Reads a reply frame. Throws RscError for anything else: RSC_SESSION_REFUSED when the server says why it ends. */
export function parseReply(frame: Uint8Array): Reply {
  const fields = decode(frame);
  const [type, stream, result, ...outputs] = fields;
  if (type === FrameType.failure) {
    const failure = parseFrame(frame);
    if (failure.type === 'failure')
      throw new RscError('RSC_SESSION_REFUSED', `the server ended the session: ${failure.message}`);
  }
  if (type !== FrameType.reply) throw violationOf(`a frame of type ${String(type)} in place of a reply`);
  if (typeof stream !== 'number') throw violationOf('a reply without a stream');
  if (typeof result !== 'number' && typeof result !== 'bigint') throw violationOf('a reply without a result');
  if (!outputs.every((output) => output instanceof Uint8Array))
    throw violationOf('a reply with outputs that are not bytes');
  return { stream, result: BigInt(result), outputs };
}

function decode(frame: Uint8Array): readonly unknown[] {
  let fields: unknown;
  try {
    fields = codec.decode(frame);
  } catch (cause) {
    throw violationOf('bytes that are not CBOR', cause);
  }
  if (!Array.isArray(fields)) throw violationOf('a frame that is not an array');
  return fields;
}

/** The error of a server that breaks the protocol: `what` it sent. */
export function violationOf(what: string, cause?: unknown): RscError {
  return new RscError(
    'RSC_PROTOCOL_VIOLATION',
    `the server sent ${what}`,
    'use the same version of rsc on both sides',
    { cause },
  );
}
