/** Over which transport programs meet their server, where a test leaves that open: the same tests run over all. */
export type Transport = 'tcp' | 'unix' | 'vsock';

const asked = process.env['RSC_TEST_TRANSPORT'];

/** What RSC_TEST_TRANSPORT asks for; undefined: nothing. */
export const askedTransport: Transport | undefined = asked === undefined ? undefined : checked(asked);

function checked(name: string): Transport {
  if (name === 'tcp' || name === 'unix' || name === 'vsock') return name;
  throw new Error(`cannot test over ${name}: RSC_TEST_TRANSPORT is tcp, unix or vsock`);
}

/** An address of this machine to listen on, without a token; `folder` is for a socket file. */
export function listenAddress(transport: Transport, folder: string): string {
  return { tcp: 'tcp://127.0.0.1:0', unix: `unix://${folder}/socket`, vsock: 'vsock://1:0' }[transport];
}
