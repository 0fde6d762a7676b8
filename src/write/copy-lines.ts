import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/**
 * COPY FROM STDIN. `lines`: text format, complete lines, best in pieces of 64 KB or more. An error leaves the connection
 * in order: what the transaction did so far is to be rolled back.
 */
export async function copyLines(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  lines: Iterable<Buffer>,
): Promise<void> {
  await pipeline(Readable.from(lines), client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`)));
}
