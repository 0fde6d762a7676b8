/** Transactions of the importer, and what their errors mean. */
import type { ClientBase } from 'pg';
import { codeOf, messageOf } from './input.js';

export interface TransactionOptions {
  /** For the audit log. */
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  /** Aborted before the commit, the transaction is rolled back. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `action` in a transaction of ingest mode backfill. A batch may take its time, and may open old compressed
 * chunks: the limits on both are meant for other work.
 */
export async function inTransaction<T>(client: ClientBase, options: TransactionOptions, action: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query(
      `select set_config('app.ingest_mode', 'backfill', true),
         set_config('statement_timeout', '0', true),
         set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true),
         case when $1::text is not null then set_config('app.user', $1, true) end,
         case when $2::text is not null then set_config('app.reason', $2, true) end`,
      [options.user ?? null, options.reason ?? null],
    );
    const result = await action();
    options.signal?.throwIfAborted();
    await client.query('commit');
    return result;
  } catch (error) {
    // What went wrong before is the news, not that the rollback on a dead connection fails too.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Classes 08 (connection) and 57P (shutdown) of PostgreSQL, the sockets' errors, and pg's own, which have no code. */
export function isConnectionLoss(error: unknown): boolean {
  return /^(?:08|57P0|ECONN|EPIPE|ETIMEDOUT)/.test(codeOf(error))
    || /Connection terminated|connection error and is not queryable|Client was closed/.test(messageOf(error));
}
