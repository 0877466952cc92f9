import { RscError } from '../errors.js';

/** Where a server listens. The same text means the same on both sides. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'vsock'; readonly cid: number; readonly port: number }
  /** A port of the VM, or for it, behind the Unix socket of its hypervisor. */
  | { readonly kind: 'vsock+unix'; readonly path: string; readonly port: number };

export type AddressOf<Kind extends Address['kind']> = Extract<Address, { readonly kind: Kind }>;

/** Context ids of linux/vm_sockets.h: every one of this machine, which is written `any`, and the loopback's. */
export const CID_ANY = 0xffff_ffff;
export const CID_LOCAL = 1;

const MAX_TCP_PORT = 0xffff;
/** One less than VMADDR_PORT_ANY, which names no port. */
const MAX_VSOCK_PORT = 0xffff_fffe;

/** What addresses look like, for usage texts. */
export const addressForms = 'tcp://host:port, unix:///path, vsock://cid:port or vsock+unix:///path:port';

/** Parses an address of one of the forms, a TCP host as in `tcp://[::1]:port`. Throws RSC_ADDRESS_INVALID. */
export function parseAddress(text: string): Address {
  const [, kind, rest = ''] = /^([a-z+]+):\/\/(.*)$/s.exec(text) ?? [];
  switch (kind) {
    case 'unix':
      return { kind, path: absolute(text, rest) };
    case 'tcp':
      return { kind, ...tcpPlace(text, rest) };
    case 'vsock':
      return { kind, ...vsockPlace(text, rest) };
    case 'vsock+unix':
      return { kind, ...hypervisorPlace(text, rest) };
    default:
      throw unknown(text);
  }
}

export function formatAddress(address: Address): string {
  switch (address.kind) {
    case 'unix':
      return `unix://${address.path}`;
    case 'tcp':
      return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
    case 'vsock':
      return `vsock://${address.cid === CID_ANY ? 'any' : address.cid}:${address.port}`;
    case 'vsock+unix':
      return `vsock+unix://${address.path}:${address.port}`;
  }
}

/** The socket file on which connections arrive that the VM makes to a port: `path_port`, as hypervisors have it. */
export function arrivalPath({ path, port }: AddressOf<'vsock+unix'>): string {
  return `${path}_${port}`;
}

function tcpPlace(text: string, place: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:/[\]]+)):(\d+)$/.exec(place);
  const host = match?.[1] ?? match?.[2];
  if (!match || host === undefined) throw unknown(text);
  return { host, port: portOf(text, match[3], MAX_TCP_PORT) };
}

function vsockPlace(text: string, place: string): { cid: number; port: number } {
  const [, name = '', port] = /^([^:/]+):(\d+)$/.exec(place) ?? [];
  if (port === undefined) throw unknown(text);
  if (name !== 'any' && !/^\d+$/.test(name))
    throw invalid(text, `the CID ${name} is neither a number nor any`);
  const cid = name === 'any' ? CID_ANY : Number(name);
  if (cid > CID_ANY) throw invalid(text, `CID ${name} is above ${CID_ANY - 1}`);
  return { cid, port: portOf(text, port, MAX_VSOCK_PORT) };
}

function hypervisorPlace(text: string, place: string): { path: string; port: number } {
  const [, path, port] = /^(.*):(\d+)$/s.exec(place) ?? [];
  if (path === undefined) throw invalid(text, 'no port stands behind the path');
  const number = portOf(text, port, MAX_VSOCK_PORT);
  if (number === 0)
    throw invalid(text, 'port 0 stands for a free one, and nobody knows which are free in the VM');
  return { path: absolute(text, path), port: number };
}

function absolute(text: string, path: string): string {
  if (!path.startsWith('/')) throw invalid(text, 'the path is not absolute');
  return path;
}

function portOf(text: string, digits: string | undefined, highest: number): number {
  const port = Number(digits);
  if (port > highest) throw invalid(text, `port ${port} is above ${highest}`);
  return port;
}

function unknown(text: string): RscError {
  return invalid(text, 'it is not of a known form');
}

function invalid(text: string, reason: string): RscError {
  return new RscError(
    'RSC_ADDRESS_INVALID',
    `cannot use the address ${text}: ${reason}`,
    `write ${addressForms}`,
  );
}
