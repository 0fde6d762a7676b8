/**
 * The portable form: a tar.gz with the rows of each table as COPY writes them, in parts, `public.sources/000001.copy`. Put
 * together the parts of a table are what COPY … FROM STDIN reads; the columns stand in the first, `columns.json`.
 */
import { createGunzip, createGzip } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import { paddingOf, readTarHeader, tarEnd, tarHeader, tarBlock } from '../embedded/tar.js';

const partBytes = 1024 * 1024;

/** Rows of a table, in pieces that need not be whole lines. */
export interface ArchivedTable {
  readonly table: string;
  readonly rows: AsyncIterable<Buffer>;
}

async function* entries(head: Buffer, tables: AsyncIterable<ArchivedTable>): AsyncGenerator<Buffer> {
  const entry = (path: string, content: Buffer): Buffer[] =>
    [tarHeader(path, content.length), content, Buffer.alloc(paddingOf(content.length))];
  yield* entry('columns.json', head);
  for await (const { table, rows } of tables) {
    let [pieces, length, part]: [Buffer[], number, number] = [[], 0, 0];
    const flush = (): Buffer[] => {
      const content = entry(`${table}/${String(++part).padStart(6, '0')}.copy`, Buffer.concat(pieces));
      [pieces, length] = [[], 0];
      return content;
    };
    for await (const piece of rows) {
      pieces.push(piece);
      length += piece.length;
      if (length >= partBytes) yield* flush();
    }
    if (length > 0) yield* flush();
  }
  yield tarEnd;
}

export function pack(columns: unknown, tables: AsyncIterable<ArchivedTable>): AsyncIterable<Buffer> {
  const plain = Readable.from(entries(Buffer.from(JSON.stringify(columns)), tables), { objectMode: false });
  return pipeline(plain, createGzip({ level: 3 }), () => undefined);
}

/** The files of an archive, piece by piece. */
export async function* unpack(content: AsyncIterable<Buffer>): AsyncGenerator<{ path: string; piece: Buffer }> {
  const packed = Readable.from(content, { objectMode: false });
  const source: AsyncIterable<Buffer> = pipeline(packed, createGunzip({ chunkSize: 256 * 1024 }), () => undefined);
  let waiting: Buffer = Buffer.alloc(0);
  let [path, left, padding] = ['', 0, 0];
  for await (const chunk of source) {
    waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
    for (;;) {
      if (left > 0 && waiting.length > 0) {
        const piece = waiting.subarray(0, left);
        left -= piece.length;
        waiting = waiting.subarray(piece.length);
        yield { path, piece };
      } else if (left === 0 && padding > 0 && waiting.length >= padding) {
        waiting = waiting.subarray(padding);
        padding = 0;
      } else if (left === 0 && padding === 0 && waiting.length >= tarBlock) {
        const header = readTarHeader(waiting);
        if (header === undefined) {
          // The end; what follows is empty, and read so that the file is read as a whole.
          waiting = Buffer.alloc(0);
          break;
        }
        waiting = waiting.subarray(tarBlock);
        [path, left, padding] = [header.path, header.size, paddingOf(header.size)];
      } else break;
    }
  }
}
