/** Starting and stopping the server. */
import type { AddressInfo } from 'node:net';
import { open, type Database } from 'btc-dashboard-db';
import { isOpen, type AccessOptions } from './access/gate.js';
import { readerSettings } from './access/read.js';
import { createApp } from './app.js';

export interface ServeOptions extends Omit<AccessOptions, 'host'> {
  /** Default 127.0.0.1: reachable from this machine only. */
  host?: string | undefined;
  /** Default 8080; 0 takes a free one. */
  port?: number | undefined;
  /** After this a request is given up, ms. Default 30,000. */
  requestTimeoutMs?: number | undefined;
  /** After this an answer that streams rows is given up, ms. Default 600,000. */
  streamTimeoutMs?: number | undefined;
  /** Whether GraphQL tells of its schema, and GraphiQL is there. Default false. */
  isDevelopment?: boolean | undefined;
  /** Default `info`. */
  logLevel?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent' | undefined;
}

export interface Server {
  readonly url: string;
  /** Whether whoever is on this machine may read without a token. */
  readonly isOpen: boolean;
  /** Lets running requests finish, then closes what it has opened. The database stays open. */
  stop(): Promise<void>;
}

/**
 * Serves a database over HTTP. Requests run on connections of their own, with the rights of the role that they are for: the login
 * has to be a member of btcdb_reader, btcdb_writer and btcdb_curator, and to be allowed to read app_private.access_tokens.
 */
export async function serve(db: Database, options: ServeOptions = {}): Promise<Server> {
  const { host = '127.0.0.1', port = 8080, requestTimeoutMs = 30_000, streamTimeoutMs = 600_000 } = options;
  const opened: Database[] = [];
  const close = (): Promise<unknown> => Promise.all(opened.map((database) => database.close()));
  const as = async (settings: Readonly<Record<string, string>>, statementTimeoutMs: number, maxConnections: number): Promise<Database> => {
    const database = await open(db.url, db.engine, {
      applicationName: 'btcdb serve', statementTimeoutMs, maxConnections, settings,
    });
    opened.push(database);
    return database;
  };
  try {
    const readers = await as(readerSettings, requestTimeoutMs, 10);
    // Few and slow ones, for whom the quick ones shall not wait.
    const exporters = await as(readerSettings, streamTimeoutMs, 4);
    const poller = await as(readerSettings, requestTimeoutMs, 1);
    const writers = await as({ role: 'btcdb_writer' }, requestTimeoutMs, 10);
    const app = await createApp({
      readers,
      exporters,
      poller,
      writers,
      keeper: db,
      access: { ...options, host },
      requestTimeoutMs,
      streamTimeoutMs,
      isDevelopment: options.isDevelopment ?? false,
      logLevel: options.logLevel ?? 'info',
    });
    await app.listen({ host, port });
    const { address, port: taken, family } = app.server.address() as AddressInfo;
    return {
      url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
      isOpen: isOpen({ ...options, host }),
      async stop() {
        // Fastify closes the connections that are idle now; one that is still at work would be kept alive after its answer.
        const sweep = setInterval(() => app.server.closeIdleConnections(), 100);
        await app.close().finally(() => clearInterval(sweep));
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
