/** Transactions of the importer, and what their errors mean. */
import type { ClientBase } from 'pg';
import { transactionOn } from '../transaction.js';
import { codeOf, messageOf } from './input.js';

export interface TransactionOptions {
  /** For the audit log. */
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  /** PostgreSQL refuses to write anything but temporary tables. */
  readonly dryRun?: boolean | undefined;
  /** Aborted before the commit, the transaction is rolled back. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `action` in a transaction of ingest mode backfill. A batch may take its time, and may open old compressed
 * chunks: the limits on both are meant for other work.
 */
export function inTransaction<T>(
  client: ClientBase,
  { user, reason, dryRun, signal }: TransactionOptions,
  action: () => Promise<T>,
): Promise<T> {
  const settings = {
    statement_timeout: '0',
    'timescaledb.max_tuples_decompressed_per_dml_transaction': '0',
    ...(dryRun ? { transaction_read_only: 'on' } : {}),
  };
  return transactionOn(client, { user, reason, ingestMode: 'backfill', settings }, async () => {
    const result = await action();
    signal?.throwIfAborted();
    return result;
  });
}

/** Classes 08 (connection) and 57P (shutdown) of PostgreSQL, the sockets' errors, and pg's own, which have no code. */
export function isConnectionLoss(error: unknown): boolean {
  return /^(?:08|57P0|ECONN|EPIPE|ETIMEDOUT)/.test(codeOf(error))
    || /Connection terminated|connection error and is not queryable|Client was closed/.test(messageOf(error));
}
