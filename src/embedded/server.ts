/** The TCP server in front of the engine. */

import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Engine } from './engine.js';
import { deathNotice, Session, type Shared } from './session.js';
import { Queue } from './queue.js';

/** How long clients have to read that the server stops. */
const farewellMs = 500;

export interface ServeOptions {
  host: string;
  port: number;
  waitTimeoutMs: number;
  /** Told once when the engine has broken. */
  onDeath: (death: Error) => void;
}

export interface Serving {
  readonly port: number;
  /** Runs work of the server itself while no client is in a transaction. */
  exclusively<R>(work: () => R): Promise<R>;
  /** Sends the clients away and stops listening. */
  close(): Promise<void>;
}

export async function serve(engine: Engine, { host, port, waitTimeoutMs, onDeath }: ServeOptions): Promise<Serving> {
  const sessions = new Set<Session>();
  const queue = new Queue<Session | symbol>(waitTimeoutMs);
  let dead = false;
  const shared: Shared = {
    engine,
    queue,
    sessions,
    waitTimeoutMs,
    parameters: engine.parameters(),
    unnamedOwner: undefined,
    fail(error) {
      const death = engine.abandon(error);
      for (const session of [...sessions]) session.kick(deathNotice(death));
      if (!dead) onDeath(death);
      dead = true;
    },
  };
  const server = createServer((socket) => void new Session(socket, shared));
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async exclusively(work) {
      const self = Symbol('server');
      if (!engine.death) await queue.enter(self, { patient: true });
      try {
        return work();
      } finally {
        queue.leave(self);
      }
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const last = [...sessions];
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
