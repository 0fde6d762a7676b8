/** The connection on which pgTyped asks the database for types. */
import { getTypes, startup } from '@pgtyped/query';
import { AsyncQueue } from '@pgtyped/wire';
import pg from 'pg';
import { explainConnectionError } from '../../src/connection-errors.js';

export type TypeData = Awaited<ReturnType<typeof getTypes>>;

export interface Connection {
  readonly isOpen: boolean;
  /** Parameters and columns of a statement, or the error of the database. One question at a time. */
  types(query: Parameters<typeof getTypes>[0]): Promise<TypeData>;
  close(): void;
}

/** @throws {ConnectionError} */
export async function openConnection(url: string): Promise<Connection> {
  const target = await reach(url);
  const queue = new AsyncQueue();
  let isOpen = true;
  let lose: (cause?: Error) => void = () => undefined;
  // pgTyped would wait for ever when the connection breaks, or end the process.
  const loss = new Promise<never>((_, fail) => {
    lose = (cause) => {
      isOpen = false;
      fail(explainConnectionError(cause ?? new Error('the server has closed the connection'), url));
    };
  });
  loss.catch(() => undefined);
  const listen = (): unknown => queue.socket.on('error', lose).on('close', () => lose());
  listen();
  const plain = queue.socket;
  await Promise.race([startup(target, queue), loss]);
  // With TLS it is another socket now.
  if (queue.socket !== plain) listen();
  // It sends message by message: without this the network holds each back for 40 ms.
  queue.socket.setNoDelay(true);
  return {
    get isOpen() {
      return isOpen;
    },
    types: (query) => Promise.race([getTypes(query, queue), loss]),
    close: () => {
      isOpen = false;
      queue.socket.end();
    },
  };
}

/** Connects with pg, because pgTyped ends the process when it cannot, and says where to connect to. */
async function reach(url: string): Promise<Parameters<typeof startup>[0]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    throw explainConnectionError(error, url);
  } finally {
    await client.end().catch(() => undefined);
  }
  const { host, port, user = '', database = '', password, ssl } = client;
  const socket = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : {};
  return { host, port, user, dbName: database, password, ...(ssl ? { ssl } : {}), ...socket };
}
