/** Rows as bytes: many of them go out quickest as COPY writes them. */
import { to as copyTo } from 'pg-copy-streams';
import type { Database } from './open.js';
import { holdClient } from './pool.js';
import { PreparedQuery } from './prepared-query.js';
import type { TypedFunction } from './results.js';
import { beginWith, type TransactionOptions } from './transaction.js';

/**
 * The rows of a typed function that selects, as one stream of bytes in PostgreSQL's text format of COPY: a line for each row,
 * tabs between its columns, `\N` for null. The pace is the reader's; memory stays flat. It holds a connection, in a transaction
 * with these `settings`, until the loop ends; one that is left early is closed.
 *
 * @see https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export async function* copyRows<Params>(
  query: TypedFunction<Params, unknown>,
  params: NoInfer<Params>,
  db: Pick<Database, 'pool'>,
  { signal, settings = {} }: Pick<TransactionOptions, 'signal' | 'settings'> = {},
): AsyncGenerator<Buffer, void, undefined> {
  if (!(query instanceof PreparedQuery)) throw new TypeError('copyRows takes a typed function of this package');
  const text = query.textWith(params);
  const { client, release } = await holdClient(db, signal);
  let isDone = false;
  try {
    await client.query(beginWith({ settings, readOnly: true }, client));
    yield* client.query(copyTo(`copy (${text}) to stdout`)) as AsyncIterable<Buffer>;
    await client.query('commit');
    isDone = true;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    // Whatever is still on its way would be taken for the answer to the next statement.
    await release(!isDone);
  }
}
