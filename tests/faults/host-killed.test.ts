/**
 * The process of the database is killed under a running pool, and started again: during migrations, bulkUpsert, each step
 * of an import, and a backup. On the embedded engine in a folder, or with TEST_DATABASE_URL on a cluster of its own where PostgreSQL is found.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { suite } from 'uvu';
import { takeBackup } from '../../src/backup/take.js';
import { again, maintenance } from '../../src/client/again.js';
import { open, type Database } from '../../src/client/open.js';
import { transaction } from '../../src/client/transaction.js';
import { codeOf } from '../../src/errors/catalogue.js';
import { importFolder, type ImportOptions } from '../../src/import/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { pendingMigrations } from '../../src/schema/migration-state.js';
import { bulkUpsert, type BulkUpsertResult } from '../../src/write/bulk-upsert.js';
import { assert } from '../support/suite.js';
import { clusterHost, embeddedHost, serverPrograms, type Host } from './host.js';
import { addSources, backfill, batches, chance, contents, fileOf, requireWhole, start } from './wholeness.js';

const programs = process.env['TEST_DATABASE_URL'] ? serverPrograms() : undefined;
const onServer = Boolean(process.env['TEST_DATABASE_URL']);
const tests = suite('the database is killed');
const test = (title: string, work: () => Promise<void>): void => {
  if (onServer && programs === undefined) tests.skip(title);
  else tests(title, work);
};
const rounds = Number(process.env['FAULTS_ROUNDS'] ?? (onServer ? 6 : 2));
const random = chance();

let host: Host;
let db: Database;
/** Errors of idle connections. */
let poolErrors = 0;

/** The work has to fail for the reason that its database went away. Returns the code. */
async function dies(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => assert.unreachable('nothing failed'), (reason: unknown) => reason);
  assert.ok(['CONNECTION_LOST', 'COMMIT_UNKNOWN', 'CONNECTION_REFUSED'].includes(codeOf(error)), String((error as Error).stack));
  assert.ok((error as { hint?: string }).hint);
  return codeOf(error);
}

const soon = (most: number): Promise<void> => delay(random.next() * most);

test('in a migration: up goes on where it was', async () => {
  host = programs === undefined ? await embeddedHost() : await clusterHost(programs);
  await host.start();
  // Not the last.
  let left = 2 + Math.floor(random.next() * 6);
  let killed: Promise<void> | undefined;
  await dies(migrate(host.url, (message) => {
    if (message.startsWith('Running migration') && --left === 0) killed = soon(40).then(() => host.kill());
  }));
  await killed;
  await host.start();
  db = await open(host.url, host.engine, { maxConnections: 4, onPoolError: () => poolErrors++ });
  const pending = (await pendingMigrations(db)).length;
  assert.is((await migrate(host.url)).length, pending);
  assert.equal(await pendingMigrations(db), []);
});

test('in bulkUpsert: what was told to be lost is not there, what was told to be stored is, and the pool goes on', async () => {
  const [source, undisturbed] = await addSources(db, 'upserted', 'undisturbed') as [number, number];
  const all = batches(source, 4 * (rounds + 10));
  // Connections that lie in the pool when the database goes.
  await Promise.all(Array.from({ length: 4 }, () => db.query('select pg_sleep(0.01)')));
  let [k, hits] = [0, 0];
  // As often as it takes to hit one at work.
  for (let round = 0; round < rounds || (hits === 0 && round < rounds + 10); round++) {
    const last = k + Math.floor(random.next() * 3);
    for (; k < last; k++) assert.is((await bulkUpsert(db, all[k]!, backfill)).inserted, 500);
    const writing = bulkUpsert(db, all[k]!, { ...backfill, retries: 0 }).then(() => '', codeOf);
    await soon(40);
    await host.kill();
    const code = await writing;
    assert.ok(['', 'CONNECTION_LOST', 'COMMIT_UNKNOWN'].includes(code), code);
    if (code !== '') hits++;
    // Begun while there is no database: it is stored once there is one again.
    const patient = await new Promise<{ writing: Promise<BulkUpsertResult> }>((tried) => {
      const writing = bulkUpsert(db, all[k]!, { ...backfill, retries: 30, onRetry: () => tried({ writing }) });
      // A backend may outlive its postmaster by a moment, and do it.
      writing.then(() => tried({ writing }), () => tried({ writing }));
    });
    await host.start();
    const { inserted, unchanged } = await patient.writing;
    const expected = code === '' ? [0] : code === 'CONNECTION_LOST' ? [500] : [0, 500];
    assert.ok(expected.includes(inserted), `${code || 'no error'}, and then ${inserted} inserted`);
    assert.is(inserted + unchanged, 500);
    k++;
    await requireWhole(db);
  }
  assert.ok(hits > 0, 'none was at work');
  for (const batch of batches(undisturbed, k)) await bulkUpsert(db, batch, backfill);
  // The policies of a server have refreshed some of it meanwhile.
  await again(() => db.query('call refresh_all_aggregates()'), { passes: maintenance });
  assert.equal(await contents(db, source), await contents(db, undisturbed));
});

test('in each step of an import: the next one goes on, and all is as if nothing had been', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-fault-'));
  // So many that the first kill is in their midst.
  const rows = onServer ? 16_000 : 4000;
  const options: ImportOptions = { batchRows: 2000, rejectsFolder: folder };
  try {
    writeFileSync(join(folder, 'disturbed.json'), fileOf(rows));
    const [noise] = await addSources(db, 'noise') as [number];
    let minute = 0;
    for (const step of ['upsert', 'refresh', 'compress'] as const) {
      // As often as it takes to hit it at work.
      for (let [round, outcome] = [0, '']; outcome === ''; round++) {
        assert.ok(round < 10, `${step} was not at work`);
        // Something to refresh and to compress again, which the policies of a server leave alone.
        await db.query(`select alter_job(job_id, scheduled => false) from timescaledb_information.jobs where hypertable_schema = 'public';
          select decompress_chunk(c, true) from show_chunks('timeseries_data') as c`);
        await db.query(`insert into timeseries_data (source_id, timestamp, value)
          select $1, to_timestamp($2 / 1000.0) + n * interval '1 hour' + $3 * interval '1 minute', n from generate_series(0, 100) as n`,
        [noise, start, minute++]);
        let killed: Promise<void> | undefined;
        const importing = importFolder(db, folder, {
          ...options,
          onProgress(progress) {
            if (progress.step === step) killed ??= soon(step === 'upsert' ? 60 : 20).then(() => host.kill());
          },
        });
        outcome = await importing.then(() => '', codeOf);
        assert.ok(['', 'CONNECTION_LOST'].includes(outcome), outcome);
        await killed;
        await host.start();
        await requireWhole(db);
      }
    }
    const [report] = (await importFolder(db, folder, options)).files;
    assert.is(report!.inserted + report!.unchanged, rows);
    rmSync(join(folder, 'disturbed.json'));
    writeFileSync(join(folder, 'calm.json'), fileOf(rows));
    assert.ok((await importFolder(db, folder, options)).ok);
    const { rows: sources } = await db.query<{ source_id: number }>(`select source_id from sources where name in ('disturbed', 'calm') order by name`);
    const [calm, disturbed] = await Promise.all(sources.map(({ source_id }) => contents(db, source_id)));
    assert.equal(disturbed, calm);
    const { rows: [chunks] } = await db.query(`select bool_and(is_compressed) as compressed from chunk_stats where range_end < now() - interval '7 days'`);
    assert.equal(chunks, { compressed: true });
    await requireWhole(db);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('in a backup: it fails, and there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-fault-'));
  const names = (partial: boolean): string[] => readdirSync(folder).filter((name) => name.endsWith('.btcdb-partial') === partial);
  try {
    for (let round = 0, hits = 0; hits === 0; round++) {
      assert.ok(round < 10, 'none was at work');
      for (const name of names(false)) rmSync(join(folder, name));
      const taking = takeBackup(db, folder).then(() => '', (error: unknown) => codeOf(error) || String(error));
      const isOver = taking.then(() => true);
      while (names(true).length === 0 && !(await Promise.race([isOver, delay(1, false)])));
      await host.kill();
      const code = await taking;
      assert.ok(['', 'CONNECTION_LOST', 'BACKUP_FAILED'].includes(code), code);
      if (code !== '') hits++;
      assert.equal(readdirSync(folder).length, code === '' ? 2 : 0, code);
      await host.start();
    }
    await again(() => requireWhole(db), { retries: 30, passes: (error) => codeOf(error).startsWith('CONNECTION_') });
    await takeBackup(db, folder);
    assert.is(names(false).length, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

if (onServer) test('one of its processes is killed, which resets the others, too', async () => {
  const [source] = await addSources(db, 'reset') as [number];
  for (const [k, batch] of batches(source, rounds).entries()) {
    const writing = bulkUpsert(db, batch, { ...backfill, retries: 0 }).then(() => '', codeOf);
    const { rows: [found] } = await db.query<{ pid: number }>(
      `select pid from pg_stat_activity where backend_type = 'client backend' order by state = 'active' desc, pid <> pg_backend_pid() desc limit 1`);
    // By its end one sees that the others are reset: what comes later is not hit any more.
    const bystander = new pg.Client({ connectionString: host.url });
    const reset = new Promise<void>((over) => bystander.on('error', () => undefined).once('end', over));
    await bystander.connect();
    await soon(20);
    try {
      process.kill(found!.pid, 'SIGKILL');
      await reset;
    } catch (error) {
      assert.is(codeOf(error), 'ESRCH');
      await bystander.end();
    }
    const code = await writing;
    assert.ok(['', 'CONNECTION_LOST', 'COMMIT_UNKNOWN'].includes(code), code);
    const { inserted } = await bulkUpsert(db, batch, { ...backfill, retries: 30 });
    assert.ok((code === '' ? [0] : code === 'CONNECTION_LOST' ? [500] : [0, 500]).includes(inserted), `${k}: ${code}, ${inserted}`);
    await again(() => requireWhole(db), { retries: 30, passes: (error) => codeOf(error).startsWith('CONNECTION_') });
  }
});

test('a restart in order is gone through by the same pool', async () => {
  await Promise.all(Array.from({ length: 4 }, () => db.query('select pg_sleep(0.01)')));
  await host.stop();
  const waiting = transaction(db, { retries: 30 }, (tx) => tx.query('select 1 as one'));
  await host.start();
  assert.equal((await waiting).rows, [{ one: 1 }]);
  assert.is(await transaction(db, { retries: 0 }, () => Promise.resolve('done')), 'done');
  assert.ok(poolErrors > 0, 'the listener is told');
  assert.ok(db.pool.totalCount <= 4);
});

test('stops', async () => {
  await db?.close();
  await host?.remove();
});

tests.run();
