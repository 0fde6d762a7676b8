import type { PoolClient } from 'pg';
import type { Database } from './connection.js';

/** What the audit log and the pipeline want to know about a transaction. */
export interface TransactionContext {
  /** Who: `changed_by` in the audit log. Default: the session user. */
  user?: string;
  /** Why: makes updates corrections. */
  reason?: string;
  /** `backfill` switches the timeliness check off. Default `live`. */
  ingestMode?: 'live' | 'backfill';
  /** Kept in the audit log. Default: the application name. */
  userAgent?: string;
}

/**
 * Runs `work` in a transaction. It is committed when the promise resolves and rolled back when it rejects, with the
 * error of `work` passed on.
 */
export async function transaction<T>(
  db: Pick<Database, 'pool'>,
  context: TransactionContext,
  work: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query(
      `select
         set_config('app.user', $1, true),
         set_config('app.reason', $2, true),
         set_config('app.ingest_mode', $3, true),
         set_config('app.user_agent', $4, true)`,
      [context.user ?? '', context.reason ?? '', context.ingestMode ?? 'live', context.userAgent ?? ''],
    );
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
