import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** The host's end of a VM's vsock device, as Firecracker has it: a Unix socket, and beside it one for each port. */
export interface Hypervisor {
  close(): Promise<void>;
}

/**
 * Takes `CONNECT port` on the socket `path`, and hands the connection to who listens on `path_port`, in place of the VM. With
 * `greeting` it answers that instead of OK and a number, and hands on nothing.
 */
export async function startHypervisor(path: string, greeting?: Buffer): Promise<Hypervisor> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined));
    return socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client).once('data', (bytes) => {
      const [, port] = /^CONNECT (\d+)\n$/.exec(bytes.toString('latin1')) ?? [];
      if (port === undefined) return void client.destroy();
      if (greeting !== undefined) return void client.write(greeting);
      const vm = keep(connect({ path: `${path}_${port}`, allowHalfOpen: true }));
      vm.once('error', () => client.destroy());
      vm.once('connect', () => {
        client.write('OK 1073741824\n');
        client.pipe(vm).pipe(client);
      });
      vm.once('close', () => client.destroy());
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
