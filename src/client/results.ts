/** What typed functions give, in other forms than an array: one row, pages, a stream. */
import type { ClientBase } from 'pg';
import Cursor from 'pg-cursor';
import { BtcdbError } from '../errors/catalogue.js';
import { traced } from '../errors/stack.js';
import { dropHints, TypedClient } from './client.js';
import type { Database } from './open.js';
import { holdClient } from './pool.js';
import { titleOfFunction, type Queryable, type TypedFunction } from './prepared-query.js';

export type { Queryable, TypedFunction };

/**
 * The row that a typed function gives.
 *
 * @throws {BtcdbError} NO_ROW or SEVERAL_ROWS
 */
export async function one<Params, Row>(query: TypedFunction<Params, Row>, params: NoInfer<Params>, db: Queryable): Promise<Row> {
  const row = await maybeOne(query, params, db);
  if (row !== undefined) return row;
  throw new BtcdbError('NO_ROW', `${titleOfFunction(query)} gave no row`, 'Check its parameters; where there may be none, use maybeOne.');
}

/**
 * The row that a typed function gives, or undefined.
 *
 * @throws {BtcdbError} SEVERAL_ROWS
 */
export async function maybeOne<Params, Row>(
  query: TypedFunction<Params, Row>, params: NoInfer<Params>, db: Queryable): Promise<Row | undefined> {
  const rows = await query.run(params, db);
  if (rows.length <= 1) return rows[0];
  throw new BtcdbError('SEVERAL_ROWS', `${titleOfFunction(query)} gave ${rows.length} rows instead of one`, 'Narrow its parameters down, or take them all with run.');
}

/**
 * The pages of a typed function that gives at most `limit` rows beyond a place. `next` says which parameters lead beyond
 * the last row of a page.
 *
 *     for await (const rows of pages(series.range, { source_id, from, to, limit: 1000 }, db, (last) => ({ after: last.timestamp }))) …
 *
 * Each page is a statement of its own: between two nothing is held, and what is written meanwhile beyond it is seen.
 */
export async function* pages<Params extends { limit: number | string }, Row>(
  query: TypedFunction<Params, Row>,
  params: NoInfer<Params>,
  db: Queryable,
  next: (last: NoInfer<Row>) => Partial<NoInfer<Params>>,
): AsyncGenerator<Row[], void, undefined> {
  for (let place: Params = params; ;) {
    const page = await query.run(place, db);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < Number(params.limit)) return;
    place = { ...place, ...next(last) };
  }
}

export interface StreamOptions {
  /** Rows that are fetched at once. Default 1000. */
  batchRows?: number | undefined;
  /** Ends the query in the database; reading on rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * The rows of a typed function, one after the other, as of one moment: a batch is fetched when the one before is used up,
 * so that memory stays flat. It holds a connection until the loop ends, however that is; within a transaction that of
 * the transaction, on which meanwhile nothing else can run.
 *
 *     for await (const row of stream(series.range, { source_id, from, to, limit: 1e9 }, db)) …
 */
export async function* stream<Params, Row>(
  query: TypedFunction<Params, Row>,
  params: NoInfer<Params>,
  db: Pick<Database, 'pool'> | ClientBase,
  { batchRows = 1000, signal }: StreamOptions = {},
): AsyncGenerator<Row, void, undefined> {
  const { client, release } = await holdClient(db, signal);
  let failure: Error | undefined;
  try {
    const cursor = query.stream(params, {
      query: () => Promise.reject(new Error('a stream asks nothing else')),
      stream: (text, values) => client.query(new HintedCursor(text, values)),
    });
    try {
      for (;;) {
        signal?.throwIfAborted();
        const rows = await cursor.read(batchRows).catch((error: Error) => {
          throw (failure = error);
        });
        yield* rows;
        if (rows.length < batchRows) return;
      }
    } catch (error) {
      throw traced(error);
    } finally {
      // An error has closed it, and on a dead connection nobody would answer.
      if (failure === undefined && client.loss === undefined) await cursor.close();
    }
  } finally {
    await release(client instanceof TypedClient ? undefined : failure);
  }
}

interface CursorMessages {
  handleRowDescription(message: Parameters<typeof dropHints>[0]): void;
  handleDataRow(message: unknown): void;
}

const inherited = Cursor.prototype as unknown as CursorMessages;

class HintedCursor extends Cursor implements CursorMessages {
  /** Rows fetched so far. */
  rowCount = 0;

  handleRowDescription(message: Parameters<typeof dropHints>[0]): void {
    dropHints(message);
    inherited.handleRowDescription.call(this, message);
  }

  handleDataRow(message: unknown): void {
    this.rowCount++;
    inherited.handleDataRow.call(this, message);
  }
}

/**
 * A database whose statements end, in the database, when a signal says so, for a request whose client is gone:
 *
 *     await series.range.run(params, withSignal(db, request.signal));
 *
 * The promise then rejects with the signal's reason. In a transaction it is the `signal` of the transaction.
 */
export function withSignal(db: Pick<Database, 'pool'>, signal: AbortSignal): Queryable {
  return {
    async query(...statement) {
      const { client, release } = await holdClient(db, signal);
      try {
        return (await client.query(...statement)) as never;
      } finally {
        await release();
      }
    },
  };
}
