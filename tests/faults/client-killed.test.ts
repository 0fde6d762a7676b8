/** A client is killed while it writes, imports, refreshes, compresses or migrates: what it was at is whole or not there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { importFolder } from '../../src/import/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { open } from '../../src/client/open.js';
import { pendingMigrations } from '../../src/schema/migration-state.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { emptyDatabase, type TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';
import { child, end, linesOf } from './host.js';
import { addSources, backfill, batches, chance, contents, fileOf, requireWhole } from './wholeness.js';

const random = chance();
const count = 12;

const test = databaseSuite('a client is killed', async (db) => {
  const [undisturbed] = await addSources(db, 'undisturbed') as [number];
  for (const batch of batches(undisturbed, count)) await bulkUpsert(db, batch, backfill);
});

/**
 * Starts a writer, kills it a moment after it has printed such a line so many times and the server is at its work, and waits until
 * the server has noticed. It must not have ended by itself.
 */
async function killed(db: TestDatabase, line: RegExp, times: number, mostMs: number, ...args: string[]): Promise<void> {
  const victim = child('writer', ...args);
  const lines = linesOf(victim);
  const isThere = async (state: string): Promise<boolean> => db.engine === 'server'
    && (await db.query(`select from pg_stat_activity where application_name = 'victim' and state ~ $1`, [state])).rowCount > 0;
  try {
    for (let left = times; left > 0; left--) await lines.until(line);
    while (db.engine === 'server' && victim.exitCode === null && !(await isThere('active|in transaction'))) await delay(2);
    await delay(random.next() * mostMs);
  } finally {
    await end(victim, 'SIGKILL');
  }
  assert.is(victim.signalCode, 'SIGKILL', 'it was at work');
  while (await isThere('')) await delay(20);
}

async function idOf(db: TestDatabase, name: string): Promise<number> {
  return (await db.query<{ source_id: number }>('select source_id from sources where name = $1', [name])).rows[0]!.source_id;
}

test('in bulkUpsert: what it had printed is there, the batch at work is whole or not there, and writing again completes it', async (db) => {
  const [source] = await addSources(db, 'written') as [number];
  const last = Math.floor(random.next() * 6);
  await killed(db, /^batch/, last + 1, 60, db.url, 'upsert', String(source), String(count));
  await requireWhole(db);
  const all = batches(source, count);
  const written: number[] = [];
  for (const batch of all) written.push((await bulkUpsert(db, batch, backfill)).inserted);
  assert.ok(written.every((inserted, k) => (k <= last ? inserted === 0 : inserted === 0 || inserted === 500)), written.join(' '));
  assert.equal(await contents(db, source), await contents(db, await idOf(db, 'undisturbed')));
});

test('in an import: the next one goes on where it was', async (db) => {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-fault-'));
  try {
    writeFileSync(join(folder, 'imported.json'), fileOf(count * 500));
    // It reads, and so writes, 2,000 rows at a time.
    const stored = 1 + Math.floor(random.next() * 2);
    await killed(db, /^upsert [1-9]/, stored, 60, db.url, 'import', folder);
    await requireWhole(db);
    const { files: [file] } = await importFolder(db, folder, { rejectsFolder: folder });
    assert.ok(file!.unchanged >= 2000 * stored && file!.unchanged % 2000 === 0, `${file!.unchanged} were there`);
    assert.is(file!.inserted + file!.unchanged, count * 500);
    assert.equal(await contents(db, await idOf(db, 'imported')), await contents(db, await idOf(db, 'undisturbed')));
    await requireWhole(db);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('in a refresh and in a compression: called again, they are done', async (db) => {
  const [source] = await addSources(db, 'maintained') as [number];
  for (const batch of batches(source, count)) await bulkUpsert(db, batch, backfill);
  for (const call of ['call refresh_all_aggregates()', `call compress_old_chunks('0 days')`]) {
    await killed(db, /^begin$/, 1, 30, db.url, call);
    await db.query(call);
    await requireWhole(db);
  }
  assert.equal((await db.query(`select chunk from chunk_stats where range_end < now() and not is_compressed`)).rows, []);
  // Its hours lie below what is materialized: those that were not refreshed would be missing.
  assert.equal(await contents(db, source), await contents(db, await idOf(db, 'undisturbed')));
});

test.onServer('in a migration: up goes on, and its lock is free', async () => {
  // On the embedded engine its process is killed, elsewhere.
  const empty = await emptyDatabase();
  try {
    const victim = child('writer', empty.url, 'up');
    const message = linesOf(victim);
    for (let left = 2 + Math.floor(random.next() * 6); left > 0; left--) await message.until(/^Running migration/);
    await delay(random.next() * 100);
    await end(victim, 'SIGKILL');
    await migrate(empty.url);
    const db = await open(empty.url, 'server');
    assert.equal(await pendingMigrations(db), []);
    await requireWhole({ ...db, drop: () => Promise.resolve() } as TestDatabase);
    await db.close();
  } finally {
    await empty.drop();
  }
});

test.run();
