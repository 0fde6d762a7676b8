/** Transactions of the importer. */
import type { ClientBase } from 'pg';
import { again, type Retry } from '../client/again.js';
import { transactionOn } from '../client/transaction.js';
import { writeSettings } from '../write/slice.js';

export interface TransactionOptions {
  /** For the audit log. */
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  /** PostgreSQL refuses to write anything but temporary tables. */
  readonly dryRun?: boolean | undefined;
  /** Aborted before the commit, the transaction is rolled back. */
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

/**
 * Runs `action` in a transaction of ingest mode backfill. A batch may take its time: the limit on that is meant for other
 * work. It is done again when another transaction was in its way.
 */
export function inTransaction<T>(
  client: ClientBase,
  { user, reason, dryRun, signal, onRetry }: TransactionOptions,
  action: () => Promise<T>,
): Promise<T> {
  const settings = { statement_timeout: '0', ...writeSettings };
  return again(() => transactionOn(client, { user, reason, ingestMode: 'backfill', readOnly: dryRun, settings }, async () => {
    const result = await action();
    signal?.throwIfAborted();
    return result;
  }), { signal, onRetry });
}
