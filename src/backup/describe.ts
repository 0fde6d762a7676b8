/** Asks a database what it holds. */
import type { ClientBase } from 'pg';
import * as backups from '../../queries/backups.queries.js';
import { migrations } from '../../queries/operations.queries.js';
import { one } from '../client/results.js';
import { version } from '../package-version.js';
import type { Description } from './manifest.js';

/** Settings under which names come with their schema, and nothing ends a long statement. */
export const describing = {
  search_path: 'pg_catalog', timezone: 'UTC', datestyle: 'ISO, MDY', intervalstyle: 'postgres', extra_float_digits: '1',
  bytea_output: 'hex', statement_timeout: '0', idle_in_transaction_session_timeout: '0', lock_timeout: '0',
};

/** In a transaction that is repeatable read and has the settings above, all of it is of one moment. */
export async function describe(tx: ClientBase): Promise<Description> {
  const server = await one(backups.server, undefined, tx);
  const { tables, sources, row_count } = await one(backups.contents, undefined, tx);
  return {
    taken_at: server.taken_at.toISOString(),
    database: server.database,
    versions: { postgres: server.version, timescaledb: server.timescaledb ?? '', package: version },
    migrations: await migrations.run(undefined, tx),
    row_count,
    tables: tables as never,
    sources: sources as never,
    schema: await backups.schemaDigests.run(undefined, tx),
    roles: await backups.roles.run(undefined, tx),
    settings: await backups.settings.run(undefined, tx),
    sequences: await backups.sequences.run(undefined, tx),
    retention: (await backups.retention.run(undefined, tx))[0]?.drop_after ?? null,
  };
}
