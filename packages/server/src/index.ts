export { startServer, type Server } from './server.js';
export type { ServerOptions } from './options.js';
