import { RscError } from '../errors.js';
import { codec } from '../protocol/cbor.js';
import { FrameType, parseFrame } from '../protocol/frames.js';
import { FrameReader } from './frame-reader.js';
import type { Answer } from './steps.js';

/** The answer to the call of a stream. */
export interface Reply extends Answer {
  readonly stream: number;
}

const reader = new FrameReader();

/** Reads a reply frame. Throws RscError for anything else: RSC_SESSION_REFUSED when the server says why it ends. */
export function parseReply(frame: Buffer): Reply {
  const reply = readReply(frame);
  return reply ?? parseOther(frame);
}

/** The reply that `frame` is, as a server writes it; undefined for all else. */
function readReply(frame: Buffer): Reply | undefined {
  reader.begin(frame);
  const fields = reader.array();
  if (fields < REPLY_HEAD || reader.uint() !== FrameType.reply) return undefined;
  const stream = reader.uint();
  const result = reader.int();
  const outputs = fields === REPLY_HEAD ? noOutputs : reader.byteStrings(fields - REPLY_HEAD);
  return reader.isAtEnd ? { stream, result, outputs } : undefined;
}

/** What is no reply, or no usual one: as much of it as there is sense in. Throws as parseReply does. */
function parseOther(frame: Uint8Array): Reply {
  const fields = decode(frame);
  const type = fields[0];
  if (type !== FrameType.reply) throw endOrViolation(frame, type);
  const stream = fields[1];
  const result = fields[2];
  if (typeof stream !== 'number') throw violationOf('a reply without a stream');
  if (typeof result !== 'number' && typeof result !== 'bigint') throw violationOf('a reply without a result');
  if (fields.length === REPLY_HEAD) return { stream, result: BigInt(result), outputs: noOutputs };
  const outputs = fields.slice(REPLY_HEAD);
  if (!outputs.every((output) => output instanceof Uint8Array)) {
    throw violationOf('a reply with outputs that are not bytes');
  }
  return { stream, result: BigInt(result), outputs };
}

/** The type of a frame. Throws RscError for what is no frame. */
export function typeOf(frame: Uint8Array): unknown {
  return decode(frame)[0];
}

/** Fields of a reply before its outputs. */
const REPLY_HEAD = 3;
const noOutputs: readonly Uint8Array[] = Object.freeze([]);

function endOrViolation(frame: Uint8Array, type: unknown): RscError {
  if (type === FrameType.failure) {
    const failure = parseFrame(frame);
    if (failure.type === 'failure') {
      return new RscError('RSC_SESSION_REFUSED', `the server ended the session: ${failure.message}`);
    }
  }
  return violationOf(`a frame of type ${String(type)} in place of a reply`);
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
