/** The one way in which requests read: with the rights of btcdb_reader. */
import { transaction, withSignal, type Database, type Queryable } from 'btc-dashboard-db';

/** What each transaction is set to: times come in UTC. */
export const readerSettings = { role: 'btcdb_reader', timezone: 'UTC' };

/** A database for the statements of one request, which end with it. */
export function reading(readers: Database, signal: AbortSignal): Queryable {
  if (readers.engine === 'server') return withSignal(readers, signal);
  // The embedded engine has one session for all: what a connection sets there lasts as long as its transaction.
  const options = { readOnly: true, signal, settings: readerSettings };
  return { query: (...statement) => transaction(readers, options, async (tx) => await tx.query(...statement) as never) };
}
