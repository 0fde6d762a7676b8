/** A wire between client and server that a test can cut. */
import { connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  /** The database, through the wire. */
  readonly url: string;
  /** Cuts all connections. New ones are let through. */
  cut(): void;
  /** Cuts all connections when a client sends this text; the server does not get it. */
  cutAt(text: string): void;
  /** Cuts all connections, and refuses new ones. */
  stop(): Promise<void>;
  /** Lets connections through again, at the same address. */
  restart(): Promise<void>;
}

export async function proxyTo(url: string): Promise<Proxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let fatal: string | undefined;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  // Else small messages wait for the acknowledgement of those before, which takes 40 ms.
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(target.port || 5432), host: target.hostname, noDelay: true });
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (fatal !== undefined && chunk.includes(fatal)) {
        fatal = undefined;
        return cut();
      }
      upstream.write(chunk);
    });
    upstream.pipe(client);
  });
  const listen = (at: number): Promise<void> => new Promise((listening) => server.listen(at, '127.0.0.1', listening));
  await listen(0);
  const { port } = server.address() as { port: number };
  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String(port);
  return {
    url: own.href,
    cut,
    cutAt(text) {
      fatal = text;
    },
    stop: () => new Promise((stopped) => {
      server.close(() => stopped());
      cut();
    }),
    restart: () => listen(port),
  };
}
