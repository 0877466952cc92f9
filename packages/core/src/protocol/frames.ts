import { RscError } from '../errors.js';
import { codec, uint } from './cbor.js';
import { flawOf } from './strict.js';

/** The number that opens each frame, as in protocol.cddl. */
export const FrameType = {
  hello: 0,
  call: 1,
  reply: 2,
  fork: 3,
  exit: 4,
  cancel: 5,
  ping: 6,
  pong: 7,
  goodbye: 8,
  failure: 9,
  welcome: 10,
} as const;

/** Bits of a fork frame's `share`: what a new twin has in common with its parent (clone(2)). */
export const Share = { descriptors: 1, directory: 2 } as const;

/** What a client says first. `arch` is as uname(1) names it. */
export interface Hello {
  readonly protocol: number;
  readonly arch: string;
  readonly token?: string;
}

/** What a server answers to a hello that it accepts; `maxFrame` is in bytes without the length prefix. */
export interface Welcome {
  readonly protocol: number;
  readonly arch: string;
  readonly maxFrame: number;
}

/** Why the sender ends the session. `code` is a string: a newer peer may have more codes than this build. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The frames that are not on the hot path: all but call and reply. */
export type ControlFrame =
  | ({ readonly type: 'hello' } & Hello)
  | ({ readonly type: 'welcome' } & Welcome)
  | ({ readonly type: 'failure' } & Failure)
  | { readonly type: 'fork'; readonly parent: number; readonly child: number; readonly share: number }
  | { readonly type: 'exit'; readonly twin: number }
  | { readonly type: 'cancel'; readonly stream: number }
  | { readonly type: 'ping'; readonly token: number }
  | { readonly type: 'pong'; readonly token: number }
  | { readonly type: 'goodbye' };

/** Bytes of the big-endian length before every frame. */
export const LENGTH_BYTES = 4;

/** The frame on the wire: its length prefix and its CBOR array. */
export function encodeFrame(frame: ControlFrame): Buffer {
  return withLength(codec.encode(fieldsOf(frame)));
}

/** Puts the length prefix before the bytes of one frame. */
export function withLength(frame: Uint8Array): Buffer {
  const wire = Buffer.allocUnsafe(LENGTH_BYTES + frame.length);
  wire.writeUInt32BE(frame.length);
  wire.set(frame, LENGTH_BYTES);
  return wire;
}

/**
 * How many bytes the frame at the start of `bytes` has after its length prefix; undefined while the prefix is not
 * complete. Throws RSC_PROTOCOL_VIOLATION for an empty frame and for one longer than `max`.
 */
export function frameLength(bytes: Buffer, max: number): number | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const length = bytes.readUInt32BE();
  if (length < 1 || length > max) throw violation(`a frame of 1 to ${max} bytes`, `one of ${length} bytes`);
  return length;
}

/** Decodes the bytes of one control frame, without the length prefix. Throws RSC_PROTOCOL_VIOLATION. */
export function parseFrame(bytes: Uint8Array): ControlFrame {
  const fields = fieldsIn(bytes, 'a control frame');
  const parse = parsers.get(fields[0]);
  if (parse === undefined) throw violation('a control frame', `a frame of type ${shown(fields[0])}`);
  return parse(fields);
}

/** Decodes the first frame of a client, without the length prefix. Throws RSC_PROTOCOL_VIOLATION. */
export function parseHello(bytes: Uint8Array): Hello {
  return helloOf(fieldsIn(bytes, 'hello'));
}

/** Decodes the server's answer to a hello, without the length prefix. Throws RSC_PROTOCOL_VIOLATION. */
export function parseAnswer(bytes: Uint8Array): ControlFrame & { readonly type: 'welcome' | 'failure' } {
  const fields = fieldsIn(bytes, 'welcome or failure');
  if (fields[0] === FrameType.failure) return { type: 'failure', ...failureOf(fields) };
  if (fields[0] === FrameType.welcome) return { type: 'welcome', ...welcomeOf(fields) };
  throw violation('welcome or failure', `a frame of type ${shown(fields[0])}`);
}

function fieldsOf(frame: ControlFrame): readonly unknown[] {
  const type = FrameType[frame.type];
  switch (frame.type) {
    case 'hello': {
      const { protocol, arch, token } = frame;
      return [type, token === undefined ? { protocol, arch } : { protocol, arch, token }];
    }
    case 'welcome':
      return [type, { protocol: frame.protocol, arch: frame.arch, maxFrame: uint(frame.maxFrame) }];
    case 'failure':
      return [type, frame.code, frame.message];
    case 'fork':
      return [type, uint(frame.parent), uint(frame.child), frame.share];
    case 'exit':
      return [type, uint(frame.twin)];
    case 'cancel':
      return [type, uint(frame.stream)];
    case 'ping':
    case 'pong':
      return [type, uint(frame.token)];
    case 'goodbye':
      return [type];
  }
}

const parsers: ReadonlyMap<unknown, (fields: readonly unknown[]) => ControlFrame> = new Map<
  unknown,
  (fields: readonly unknown[]) => ControlFrame
>([
  [FrameType.hello, (fields) => ({ type: 'hello', ...helloOf(fields) })],
  [FrameType.welcome, (fields) => ({ type: 'welcome', ...welcomeOf(fields) })],
  [FrameType.failure, (fields) => ({ type: 'failure', ...failureOf(fields) })],
  [FrameType.fork, forkOf],
  [FrameType.exit, (fields) => ({ type: 'exit', twin: oneNumber(fields, 'exit', 'twin') })],
  [FrameType.cancel, (fields) => ({ type: 'cancel', stream: oneNumber(fields, 'cancel', 'stream') })],
  [FrameType.ping, (fields) => ({ type: 'ping', token: oneNumber(fields, 'ping', 'token') })],
  [FrameType.pong, (fields) => ({ type: 'pong', token: oneNumber(fields, 'pong', 'token') })],
  [FrameType.goodbye, (fields) => (expectFields(fields, 'goodbye', 1), { type: 'goodbye' })],
]);

function helloOf(fields: readonly unknown[]): Hello {
  if (fields[0] !== FrameType.hello) throw violation('hello', `a frame of type ${shown(fields[0])}`);
  expectFields(fields, 'hello', 2);
  const map = mapIn(fields[1], 'hello');
  const hello = { protocol: numberIn(map.protocol, 'hello.protocol'), arch: textIn(map.arch, 'hello.arch') };
  return map.token === undefined ? hello : { ...hello, token: textIn(map.token, 'hello.token') };
}

function welcomeOf(fields: readonly unknown[]): Welcome {
  expectFields(fields, 'welcome', 2);
  const map = mapIn(fields[1], 'welcome');
  return {
    protocol: numberIn(map.protocol, 'welcome.protocol'),
    arch: textIn(map.arch, 'welcome.arch'),
    maxFrame: numberIn(map.maxFrame, 'welcome.maxFrame'),
  };
}

function failureOf(fields: readonly unknown[]): Failure {
  expectFields(fields, 'failure', 3);
  return { code: textIn(fields[1], 'failure.code'), message: textIn(fields[2], 'failure.message') };
}

function forkOf(fields: readonly unknown[]): ControlFrame {
  expectFields(fields, 'fork', 4);
  const share = numberIn(fields[3], 'fork.share');
  if (share > (Share.descriptors | Share.directory)) throw violation('a fork.share of 0 to 3', shown(share));
  return {
    type: 'fork',
    parent: numberIn(fields[1], 'fork.parent'),
    child: numberIn(fields[2], 'fork.child'),
    share,
  };
}

function oneNumber(fields: readonly unknown[], frame: string, field: string): number {
  expectFields(fields, frame, 2);
  return numberIn(fields[1], `${frame}.${field}`);
}

function fieldsIn(bytes: Uint8Array, expected: string): readonly unknown[] {
  const flaw = flawOf(bytes);
  if (flaw !== undefined) throw violation(expected, flaw);
  let decoded: unknown;
  try {
    decoded = codec.decode(bytes);
  } catch (cause) {
    throw violation(expected, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (!Array.isArray(decoded)) throw violation(expected, shown(decoded));
  return decoded;
}

function expectFields(fields: readonly unknown[], frame: string, count: number): void {
  if (fields.length !== count) throw violation(`a ${frame} of ${count} fields`, `one of ${fields.length}`);
}

function mapIn(value: unknown, frame: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw violation(`a map in ${frame}`, shown(value));
  }
  return value as Readonly<Record<string, unknown>>;
}

function numberIn(value: unknown, field: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw violation(`an unsigned integer in ${field}`, shown(value));
}

function textIn(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw violation(`text in ${field}`, shown(value));
}

/** A received value in a few words: never more of a stranger's bytes than fit a log line. */
function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return `an array of ${value.length}`;
    return ArrayBuffer.isView(value) ? `${value.byteLength} bytes` : 'a map';
  }
  return value === undefined ? 'nothing' : String(value);
}

function violation(expected: string, received: string, cause?: unknown): RscError {
  return new RscError(
    'RSC_PROTOCOL_VIOLATION',
    `the peer does not speak the rsc protocol: expected ${expected}, received ${received}`,
    undefined,
    { cause },
  );
}
