/** Proves a backup: restores it into a scratch database, compares everything, and lets the result work. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import * as audit from '../../queries/audit.queries.js';
import * as backups from '../../queries/backups.queries.js';
import { versions } from '../../queries/doctor.queries.js';
import { refreshAll } from '../../queries/operations.queries.js';
import { upsert } from '../../queries/series.queries.js';
import { register } from '../../queries/sources.queries.js';
import { scoreOf } from '../../queries/quality.queries.js';
import type { Database } from '../client/open.js';
import { one } from '../client/results.js';
import { BackupError } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';
import { restoreBackup, rootOf, type RestoreOptions, withOpen } from './restoration.js';
import type { StoredBackup } from './store.js';

/** How scratch databases are called. */
const scratch = 'btcdb_verify_';

/**
 * Verifies a backup on a server, beside the database of its URL, which is not looked at. What a verification that was killed has left
 * is dropped first.
 *
 * @returns where it was verified
 * @throws {BackupError}
 */
export async function verifyBackup(url: string, backup: StoredBackup, options: RestoreOptions = {}): Promise<string> {
  const root = rootOf(url);
  const name = `${scratch}${randomBytes(6).toString('hex')}`;
  const at = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  return withOpen(root, async (db) => {
    // One at a time on a server, so that what is there is left over.
    await backups.takeTurnToVerify.run(undefined, db);
    const dropAll = async (): Promise<void> => {
      for (const left of await backups.databases.run({ name_like: `${scratch.replaceAll('_', '\\_')}%` }, db)) {
        await db.query(`drop database if exists ${pg.escapeIdentifier(left.name)} with (force)`);
      }
    };
    await dropAll();
    try {
      await restoreBackup(at, backup, { ...options, policies: false });
      return await withOpen(at, (restored) => tryOut(restored, options));
    } finally {
      await dropAll();
    }
  });
}

/** What was restored has to work, too. */
export async function tryOut(db: Database, { onStep }: RestoreOptions): Promise<string> {
  onStep?.('checking the seals of the audit log, refreshing the aggregates, writing a row');
  try {
    const [broken] = await audit.verify.run(undefined, db);
    if (broken) throw new Error(`the audit log is not as it was sealed: ${broken.what} ${broken.detail}`);
    await refreshAll.run(undefined, db);
    if (!(await one(backups.areAggregated, undefined, db)).are_aggregated) throw new Error('a refreshed aggregate lacks rows');
    const name = `btcdb_verify_${randomBytes(4).toString('hex')}`;
    const { source_id } = await one(register, { name, display_name: 'Written to try a restored database', data_type: 'simple', update_frequency: '1 day' }, db);
    const timestamp = new Date(Math.floor(Date.now() / 1000) * 1000);
    await upsert.run({ source_id, timestamp, value: '1' }, db);
    if ((await scoreOf.run({ source_id, timestamp }, db)).length === 0) throw new Error('a row that was written has no score');
  } catch (cause) {
    throw new BackupError('BACKUP_DIFFERS', `What was restored does not work: ${messageOf(cause)}`, 'Keep this backup and take another one.', { cause });
  }
  const { server, timescale } = await one(versions, undefined, db);
  return `PostgreSQL ${server}, TimescaleDB ${timescale}`;
}
