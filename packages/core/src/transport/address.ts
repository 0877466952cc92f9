import { RscError } from '../errors.js';

/** Where a server listens. The same text means the same on both sides. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const forms = 'write tcp://host:port or unix:///path';

/** Parses `tcp://host:port`, `tcp://[::1]:port` or `unix:///path`. Throws RSC_ADDRESS_INVALID. */
export function parseAddress(text: string): Address {
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length);
    if (!path.startsWith('/')) throw invalid(text, 'the path is not absolute');
    return { kind: 'unix', path };
  }
  const match = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/[\]]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (!match || host === undefined) throw invalid(text, 'it is not of a known form');
  const port = Number(match[3]);
  if (port > 65535) throw invalid(text, `port ${port} is above 65535`);
  return { kind: 'tcp', host, port };
}

export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix://${address.path}`;
  return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

function invalid(text: string, reason: string): RscError {
  return new RscError('RSC_ADDRESS_INVALID', `cannot use the address ${text}: ${reason}`, forms);
}
