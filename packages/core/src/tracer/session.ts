import { RscError, type RscErrorCode } from '../errors.js';
import { encodeFrame, FrameType, parseAnswer } from '../protocol/frames.js';
import { PROTOCOL_VERSION } from '../protocol/limits.js';
import { formatAddress, type Address } from '../transport/address.js';
import { connect } from '../transport/connect.js';
import { Channel } from './channel.js';
import type { Wire } from './kernel.js';
import type { DirectCall, Marshaller } from './marshal.js';
import { parseReply, typeOf } from './reply.js';

const HELLO_TIMEOUT_MS = 15_000;

/** What a session is opened with. `address` is resolved: a TCP host is a numeric address. */
export interface SessionOptions {
  readonly address: Address;
  readonly arch: string;
  readonly token: string | undefined;
}

/**
 * Connects to a server and says hello. Throws RscError: as `connect`, RSC_CONNECTION_LOST, RSC_PROTOCOL_VIOLATION, or the
 * code with which the server refuses.
 */
export function openSession(wire: Wire, { address, arch, token }: SessionOptions): Channel {
  const name = formatAddress(address);
  const socket = connect(wire, address);
  const channel = new Channel(wire, socket, name);
  wire.setReceiveTimeout(socket, HELLO_TIMEOUT_MS);
  const hello = encodeFrame({
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    arch,
    ...(token === undefined ? {} : { token }),
  });
  channel.send(hello, hello.length);
  let frame = channel.take();
  while (frame === undefined) {
    if (!channel.fill(true)) throw silent(name);
    frame = channel.take();
  }
  const answer = parseAnswer(frame);
  if (answer.type === 'failure') throw refused(name, answer.code, answer.message);
  if (answer.protocol !== PROTOCOL_VERSION) {
    throw refused(
      name,
      'RSC_VERSION_MISMATCH',
      `it speaks protocol version ${answer.protocol}, and rsc here ${PROTOCOL_VERSION}`,
    );
  }
  if (answer.arch !== arch)
    throw refused(name, 'RSC_ARCH_MISMATCH', `it runs on ${answer.arch}, and rsc here on ${arch}`);
  wire.setReceiveTimeout(socket, 0);
  return channel;
}

function silent(name: string): RscError {
  return new RscError(
    'RSC_CONNECT_FAILED',
    `cannot open a session with ${name}: no answer within ${HELLO_TIMEOUT_MS / 1000} s`,
    'check that an rsc server listens there',
  );
}

const suggestions: Readonly<Record<string, string>> = {
  RSC_TOKEN_MISSING: 'give the token of that server: --token-file FILE',
  RSC_TOKEN_WRONG: 'give the token of that server: --token-file FILE',
  RSC_SANDBOX_DENIED:
    'run the server as root, or allow user namespaces: sysctl user.max_user_namespaces=10000',
  RSC_VERSION_MISMATCH: 'install the same version of rsc on both sides',
};

function refused(name: string, code: string, reason: string): RscError {
  return new RscError(
    code as RscErrorCode,
    `cannot open a session with ${name}: ${reason}`,
    suggestions[code],
  );
}

/** Makes a call on twin 0 before there are tracees; returns its result. Throws as Channel and parseReply do. */
export function callOnce(channel: Channel, marshaller: Marshaller, call: DirectCall): bigint {
  marshaller.encodeDirect(0, 0, call);
  channel.sendAll(marshaller.writer);
  for (;;) {
    const frame = channel.take();
    if (frame) return parseReply(frame).result;
    channel.fill(true);
  }
}

/** Waits until the server has carried out all that was sent, after the last tracee. Throws as Channel and parseFrame do. */
export function settle(channel: Channel): void {
  const ping = encodeFrame({ type: 'ping', token: 0 });
  channel.send(ping, ping.length);
  channel.await((frame) => typeOf(frame) === FrameType.pong);
}
