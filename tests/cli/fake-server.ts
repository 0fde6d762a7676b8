/** A server that speaks just enough of PostgreSQL's protocol to be what no test machine has. */
import { createServer, type Socket } from 'node:net';

type Rows = readonly (readonly (string | null)[])[];

export interface FakeServer {
  readonly port: number;
  url(credentials: string): string;
  stop(): Promise<void>;
}

export interface FakeOptions {
  /** Refuses every password. */
  readonly refuses?: boolean;
  /** Answer to a statement, as texts; undefined for an error. */
  readonly answer?: (sql: string) => { readonly columns: readonly string[]; readonly rows: Rows } | undefined;
}

export async function fakeServer({ refuses = false, answer = () => undefined }: FakeOptions): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let buffer = Buffer.alloc(0);
    let started = false;
    socket.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        // Only the first messages have no type.
        const head = started ? 1 : 0;
        if (buffer.length < head + 4) return;
        const length = buffer.readInt32BE(head);
        if (buffer.length < head + length) return;
        const [type, body] = [started ? String.fromCharCode(buffer[0] as number) : '', buffer.subarray(head + 4, head + length)];
        buffer = buffer.subarray(head + length);
        if (type === '') {
          if (body.readInt32BE(0) === 80877103) {
            socket.write('N'); // no TLS
            continue;
          }
          started = true;
          socket.write(refuses ? message('R', int32(3)) : Buffer.concat([message('R', int32(0)), ready]));
        } else if (type === 'p') {
          socket.end(errorMessage('28P01', 'password authentication failed for user "dashboard"', 'FATAL'));
        } else if (type === 'Q') {
          const sql = body.toString('utf8', 0, body.length - 1);
          // What the pool asks on each new connection.
          const result = sql.includes('pg_backend_pid()') ? { columns: ['is_session'], rows: [['t']] } : answer(sql);
          socket.write(Buffer.concat([result ? resultMessages(result.columns, result.rows) : errorMessage('0A000', `not answered: ${sql}`), ready]));
        } else if (type === 'S') {
          // The end of a statement with parameters: nobody should wait for an answer for ever.
          socket.write(Buffer.concat([errorMessage('0A000', 'statements with parameters are not answered'), ready]));
        } else if (type === 'X') socket.end();
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  return {
    port,
    url: (credentials) => `postgres://${credentials}@127.0.0.1:${port}/market`,
    stop: () => new Promise((stopped) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => stopped());
    }),
  };
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

const ready = message('Z', Buffer.from('I'));

function errorMessage(code: string, what: string, severity = 'ERROR'): Buffer {
  return message('E', text(`S${severity}`), text(`V${severity}`), text(`C${code}`), text(`M${what}`), Buffer.from([0]));
}

function resultMessages(columns: readonly string[], rows: Rows): Buffer {
  const description = message('T', int16(columns.length), ...columns.flatMap((name) =>
    [text(name), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]));
  const data = rows.map((row) => message('D', int16(row.length), ...row.flatMap((cell) =>
    (cell === null ? [int32(-1)] : [int32(Buffer.byteLength(cell)), Buffer.from(cell)]))));
  return Buffer.concat([description, ...data, message('C', text(`SELECT ${rows.length}`))]);
}
