/** The TCP server in front of the databases. */

import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Databases } from './databases.js';
import { Session } from './session.js';

/** How long clients have to read that the server stops. */
const farewellMs = 500;

export interface Serving {
  readonly port: number;
  /** Sends the clients away and stops listening. */
  close(): Promise<void>;
}

export async function serve(databases: Databases, { host, port }: { host: string; port: number }): Promise<Serving> {
  const server = createServer((socket) => void new Session(socket, databases));
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const last = [...databases.sessions];
      for (const session of last) {
        session.kick({ code: '57P01', message: 'terminating connection: the embedded database is stopping' });
      }
      // A client that reads nothing does not read its farewell either.
      const impatience = setTimeout(() => last.forEach((session) => session.drop()), farewellMs);
      await closed;
      clearTimeout(impatience);
    },
  };
}
