import pg, { type ClientBase, type PoolClient } from 'pg';
import { codeOf, ConnectionError, TransactionError } from '../errors/catalogue.js';
import { isConnectionLoss } from '../errors/connection-errors.js';
import { messageOf } from '../errors/messages.js';
import { again, inTheWay, type Retry } from './again.js';
import { TypedClient } from './client.js';
import type { Database } from './open.js';
import { connectClient } from './pool.js';
import type { FailedStatement } from './statement.js';

/** What the audit log and the pipeline want to know about a transaction. */
export interface TransactionContext {
  /** Who: `changed_by` in the audit log. Default: the session user. */
  user?: string | undefined;
  /** Why: makes updates corrections. */
  reason?: string | undefined;
  /** `backfill` switches the timeliness check off. Default `live`. */
  ingestMode?: 'live' | 'backfill' | undefined;
  /** Kept in the audit log. Default: the application name. */
  userAgent?: string | undefined;
  /** Settings of PostgreSQL for this transaction, such as `{ statement_timeout: '5s' }`. */
  settings?: Readonly<Record<string, string>> | undefined;
}

export interface TransactionOptions extends TransactionContext {
  /** Default: the server's, which is `read committed` unless somebody has changed it. */
  isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined;
  readOnly?: boolean | undefined;
  /**
   * How often `work` is done again after a serialization failure, a deadlock, or a lost connection. Default: `work` is called
   * once, and only what fails before that is tried again, up to three times: a connection that was refused, or that was lost
   * while it lay in the pool or at BEGIN. 0: never. Pauses are random, up to 0.2 s, then 0.4 s, and so on. It is not done again
   * when the connection was lost during COMMIT: it may be stored.
   */
  retries?: number | undefined;
  /** Told before it is done again: which attempt failed, why, and how long the pause is. */
  onRetry?: ((retry: Retry) => void) | undefined;
  /** Ends the statement at work in the database, and rolls back. The promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs `work` in a transaction. It is committed when the promise resolves and rolled back when it rejects, with the
 * error of `work` passed on.
 *
 * @throws {TransactionError} TRANSACTION_ABORTED: `work` went well, but had caught the error of a statement, after which
 *   PostgreSQL stores nothing. With {@link savepoint} a part may fail.
 * @throws {ConnectionError} CONNECTION_LOST: nothing is stored; COMMIT_UNKNOWN: perhaps
 */
export async function transaction<T>(
  db: Pick<Database, 'pool'>,
  options: TransactionOptions,
  work: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  return repeatedly(db, options, work);
}

/** The same, where `work` may be done again after errors that `repeats` names although nobody says how often: up to 7 times. */
export async function repeatedly<T>(
  db: Pick<Database, 'pool'>,
  options: TransactionOptions,
  work: (tx: PoolClient) => Promise<T>,
  repeats?: (error: unknown) => boolean,
): Promise<T> {
  const { retries, signal, onRetry } = options;
  let hasBegun = false;
  let failure: FailedStatement | undefined;
  const once = async (): Promise<T> => {
    hasBegun = false;
    failure = undefined;
    const tx = await connectClient(db, signal);
    try {
      return await transactionOn(tx, options, () => {
        hasBegun = true;
        return work(tx);
      });
    } finally {
      failure = failureOf(tx);
      tx.release(lossOf(tx));
    }
  };
  const passes = (error: unknown): boolean => {
    if (retries !== undefined) return mayTryAgain(error, failure);
    return hasBegun ? repeats?.(error) === true : isAway(error);
  };
  return again(once, { retries: retries ?? (repeats ? 7 : 3), signal, onRetry, passes });
}

/** The same on a connection that one has already, once. */
export async function transactionOn<T>(client: ClientBase, options: TransactionOptions, work: () => Promise<T>): Promise<T> {
  const { signal } = options;
  const stop = client instanceof TypedClient ? client.cancelOn(signal) : async () => {};
  try {
    await client.query(beginWith(options, client));
    const result = await work();
    await stop();
    signal?.throwIfAborted();
    requireOpen(client);
    await commit(client);
    return result;
  } catch (error) {
    await stop();
    // What went wrong before is the news, not that the rollback on a dead connection fails too.
    if (isOpen(client)) await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Runs a part of a transaction that may fail: when it rejects, what it did is undone, and the transaction can go on.
 *
 *     await savepoint(tx, () => series.upsert.run(row, tx)).catch(report);
 */
export async function savepoint<T>(tx: ClientBase, work: () => Promise<T>): Promise<T> {
  await tx.query('savepoint btcdb');
  try {
    const result = await work();
    requireOpen(tx);
    await tx.query('release savepoint btcdb').catch((error: unknown) => {
      // A statement that nobody waited for has failed meanwhile.
      throw codeOf(error) === '25P02' ? aborted(failureOf(tx)) : error;
    });
    return result;
  } catch (error) {
    await tx.query('rollback to savepoint btcdb; release savepoint btcdb').catch(() => undefined);
    throw error;
  }
}

/** @throws {TransactionError} a statement has failed, or the transaction is over */
function requireOpen(client: ClientBase): void {
  const status = client.getTransactionStatus();
  if (status === 'E') throw aborted(failureOf(client));
  if (status !== 'I' || lossOf(client) !== undefined) return;
  throw new TransactionError('TRANSACTION_ABORTED', 'The transaction was over before its end: a statement in it was COMMIT or ROLLBACK',
    'Let transaction() begin and end it; for a part that may fail there is savepoint().');
}

function aborted(failure: FailedStatement | undefined): TransactionError {
  return new TransactionError('TRANSACTION_ABORTED',
    `Nothing is stored: a statement of the transaction failed${failure ? `, ${failure.title}: ${messageOf(failure.error)}` : ''}`,
    'Let its error pass, or put what may fail into savepoint().', { cause: failure?.error });
}

async function commit(client: ClientBase): Promise<void> {
  const before = lossOf(client);
  try {
    const { command } = await client.query('commit');
    // A statement that nobody waited for has failed meanwhile.
    if (command === 'ROLLBACK') throw aborted(failureOf(client));
  } catch (error) {
    if (before !== undefined || !isConnectionLoss(error)) throw error;
    throw new ConnectionError('COMMIT_UNKNOWN', 'The connection was lost during COMMIT: the transaction may be stored, or not',
      'Look whether it is before doing it again. bulkUpsert and an import may just run again: what is stored already stays as it is.',
      { cause: error });
  }
}

const isOpen = (client: ClientBase): boolean => client.getTransactionStatus() !== 'I';
const lossOf = (client: ClientBase): Error | undefined => (client instanceof TypedClient ? client.loss : undefined);
const failureOf = (client: ClientBase): FailedStatement | undefined =>
  (client instanceof TypedClient ? client.failure : undefined);

/** The database does not let us in, or has sent us away. */
const isAway = (error: unknown): boolean => ['CONNECTION_LOST', 'CONNECTION_REFUSED'].includes(codeOf(error));

/** Over without a trace, like what {@link inTheWay} says; it may go well the next time. */
const isConnectionError = (error: unknown): boolean => isAway(error) || codeOf(error) === 'CONNECTION_TIMEOUT';

/** Whether the error, one that it was made of, or the one that `work` caught is of those that pass. */
function mayTryAgain(error: unknown, failure: FailedStatement | undefined): boolean {
  const errors = [...chainOf(error), ...chainOf(failure?.error)];
  return !errors.some((cause) => codeOf(cause) === 'COMMIT_UNKNOWN') && errors.some((cause) => inTheWay(cause) || isConnectionError(cause));
}

function chainOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...chainOf(error.cause)] : [error];
}

/** One message to begin a transaction with its settings, which have no parameters: a round trip less. */
export function beginWith(options: TransactionOptions, client: ClientBase): string {
  const { user, reason, ingestMode, userAgent, settings, isolation, readOnly } = options;
  const all = {
    'app.user': user ?? '',
    'app.reason': reason ?? '',
    'app.ingest_mode': ingestMode ?? 'live',
    'app.user_agent': userAgent ?? '',
    ...(client instanceof TypedClient ? client.transactionSettings : {}),
    ...settings,
  };
  return `begin${isolation === undefined ? '' : ` isolation level ${isolation}`}${readOnly ? ' read only' : ''}; select ${setLocal(all)}`;
}

/** What to select to make settings for the rest of a transaction. */
export function setLocal(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`).join(', ');
}
