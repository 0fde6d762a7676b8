/** Backups are whole and come back whole, on the engine of the test run; what is wrong with one is said before anything is touched. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as audit from '../../queries/audit.queries.js';
import * as backups from '../../queries/backups.queries.js';
import { describeNow, restoreBackup } from '../../src/backup/restoration.js';
import { differences, manifestOf, readManifest } from '../../src/backup/manifest.js';
import { backupAt, backupsIn, placeAt } from '../../src/backup/store.js';
import { type BackupOptions, noteBackup, rotate, takeBackup } from '../../src/backup/take.js';
import { verifyBackup } from '../../src/backup/verify.js';
import { open, type Database } from '../../src/client/open.js';
import { importFolder } from '../../src/import/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { beside, dropDatabase, isThere } from '../../tools/databases.js';
import { hourlyCandles, workFolder, writeFiles } from '../cli/run.js';
import { compressAll, only } from '../schema/support.js';
import { fill } from '../support/contents.js';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/database.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const isServer = Boolean(process.env['TEST_DATABASE_URL']);
const forms = isServer ? (['pg_dump', 'portable'] as const) : (['portable'] as const);
const sample = workFolder();
writeFiles(sample, { 'imported.json': hourlyCandles(3000), 'nulls.json': JSON.stringify(Array.from({ length: 400 }, (_, i) => [Date.UTC(2024, 0, 1) + i * 86_400_000, i % 9])) });

const test = databaseSuite('backup', async (db) => {
  await fill(db);
  await load(db);
  // Months of daily rows are merged into one chunk; no row of it has an open, high, low, close or volume.
  await db.query('call compress_old_chunks()');
  await db.query('call refresh_all_aggregates()');
  await audit.seal.run(undefined, db);
  if (isServer) await db.query(`select set_retention('80 years'); grant btcdb_reader to current_user; grant select on public.sources to pg_monitor`);
});

const load = (db: Database) => importFolder(db, sample, { rejectsFolder: join(sample, '..', 'rejects-of-backup') });

/** A name for a database that is not there. */
let count = 0;
const elsewhere = (db: TestDatabase): string => beside(db.url, `btcdb_restored_${process.pid}_${++count}`);

/** Runs `work` on what is restored, and drops it. */
async function restored<T>(db: TestDatabase, folder: string, work: (copy: Database) => Promise<T>, options = {}): Promise<T> {
  const url = elsewhere(db);
  try {
    await restoreBackup(url, await backupAt(folder), { ...options, policies: false });
    const copy = await open(url, db.engine);
    try {
      return await work(copy);
    } finally {
      await copy.close();
    }
  } finally {
    await dropDatabase(url, db.url);
  }
}

async function take(db: TestDatabase, folder = workFolder(), options: BackupOptions = {}): Promise<{ folder: string; file: string }> {
  const { manifest } = await takeBackup(db, folder, options);
  return { folder, file: join(folder, manifest.file) };
}

test('import, seal, back up, destroy the database, restore it under its name: all is the same, and the next import changes nothing', async (db) => {
  const lost = await testDatabase();
  const { url } = lost;
  await load(lost);
  await audit.seal.run(undefined, lost);
  const before = await describeNow(lost);
  const { folder } = await take(lost);
  await lost.drop();
  try {
    await restoreBackup(url, await backupAt(folder), { policies: false });
    const back = await open(url, db.engine);
    try {
      assert.equal(differences(before, await describeNow(back), { contentsOnly: !isServer }), []);
      assert.equal(await audit.verify.run(undefined, back), []);
      assert.equal((await load(back)).files.map(({ inserted, updated, rows, unchanged }) => [inserted, updated, rows - unchanged]), [[0, 0, 0], [0, 0, 0]]);
    } finally {
      await back.close();
    }
  } finally {
    await dropDatabase(url, db.url);
  }
});

for (const form of forms) {
  test(`the drill, ${form}: back up, restore, and all is the same, works, and the next import changes nothing`, async (db) => {
    const before = await describeNow(db);
    assert.ok(Object.values(before.tables).filter(({ rows }) => rows > 0).length > 12);
    assert.ok(Number(await only(db, `select count(*) from chunk_stats where is_compressed and range_end - range_start > interval '100 days'`)) > 0, 'a merged chunk');
    const { folder } = await take(db, workFolder(), { portable: form === 'portable' });
    await restored(db, folder, async (copy) => {
      assert.equal(differences(before, await describeNow(copy), { contentsOnly: form === 'portable' }), []);
      if (isServer) assert.is((await backups.retention.run(undefined, copy))[0]?.drop_after, '80 years');
      assert.is(await only(copy, 'select count(*) > 0 from audit_seals'), true);
      assert.equal(await audit.verify.run(undefined, copy), []);
      const report = await load(copy);
      assert.equal(report.files.map(({ inserted, updated, rows, unchanged }) => [inserted, updated, rows - unchanged]), [[0, 0, 0], [0, 0, 0]]);

      // Rules, triggers, keys and aggregates go on where they were.
      await copy.query(`insert into timeseries_data (source_id, timestamp, value) values (2, '2024-01-22T00:30Z', 900), (2, '2010-01-01Z', 1)`);
      assert.is(await only(copy, `select is_validated from timeseries_data where source_id = 2 and timestamp = '2024-01-22T00:30Z'`), false);
      const last = await only(db, 'select max(audit_id) from audit_log');
      assert.ok(BigInt(await only(copy, 'select max(audit_id) from audit_log')) > BigInt(last));
      await copy.query('call refresh_all_aggregates()');
      assert.is(await only(copy, `select data_points from daily_ohlcv where source_id = (select source_id from sources where name = 'imported') and day = '2024-01-03Z'`), '24');
      await compressAll(copy);
      await fails('MD003', () => copy.query('delete from audit_log'));
    });
  });

  test(`a backup is verified in a scratch database that is gone afterwards, and that is noted, ${form}`, async (db) => {
    const folder = workFolder();
    const stored = await takeBackup(db, folder, { portable: form === 'portable' });
    await noteBackup(db, stored);
    const where = await verifyBackup(db.url, stored);
    assert.match(where, /^PostgreSQL \d+.*TimescaleDB 2\./);
    assert.equal(await backups.databases.run({ name_like: 'btcdb\\_verify\\_%' }, db), []);
    const { file, sha256 } = stored.manifest;
    await backups.noteVerified.run({ name: file, sha256, verified_on: where }, db);
    assert.is((await backups.list.run(undefined, db)).find(({ name }) => name === file)?.verified_on, where);
  });

  test(`a database that holds data is refused, and left as it is, ${form}`, async (db) => {
    const { folder } = await take(db, workFolder(), { portable: form === 'portable' });
    const before = await describeNow(db);
    const found = await backupAt(folder);
    await fails('RESTORE_NOT_EMPTY', () => restoreBackup(db.url, found), /holds data/);
    assert.equal(differences(before, await describeNow(db), { contentsOnly: false }), []);
    // An empty one is taken.
    const empty = await emptyDatabase();
    try {
      if (form === 'portable') await migrate(empty.url);
      await restoreBackup(empty.url, found, { policies: false });
    } finally {
      await empty.drop();
    }
  });

  test(`what is damaged is named before anything is touched, ${form}`, async (db) => {
    const { folder, file } = await take(db, workFolder(), { portable: form === 'portable' });
    const url = elsewhere(db);
    const refused = async (message: RegExp, code = 'BACKUP_DAMAGED'): Promise<void> => {
      await fails(code, async () => restoreBackup(url, await backupAt(file)), message);
      await fails(code, async () => verifyBackup(db.url, await backupAt(file)), message);
      assert.is(await isThere(url), false);
    };
    const [whole, manifest] = [readFileSync(file), readFileSync(manifestOf(file), 'utf8')];
    const altered = Buffer.from(whole);
    altered[whole.length >> 1]! ^= 1;
    writeFileSync(file, altered);
    await refused(/damaged: its SHA-256 is another one/);
    truncateSync(file, whole.length - 1);
    await refused(/damaged: it has \d+ bytes instead of \d+/);
    assert.equal((await backupsIn((await placeAt(folder)).store)).map(({ isWhole }) => isWhole), [false]);
    await fails('BACKUP_MISSING', () => backupAt(folder), /There is no backup/);
    rmSync(file);
    await fails('BACKUP_MISSING', () => backupAt(file), /has no /);
    writeFileSync(file, whole);

    writeFileSync(manifestOf(file), manifest.slice(0, -100));
    await refused(/is not the manifest of a backup/);
    const said = JSON.parse(manifest) as { migrations: unknown[]; versions: object; sources: Record<string, { checksum: string }> };
    writeFileSync(manifestOf(file), JSON.stringify({ ...said, migrations: said.migrations.slice(1), versions: { ...said.versions, timescaledb: '1.7.5' } }));
    await refused(form === 'portable' ? /another set of migrations/ : /takes TimescaleDB 1\.7\.5, and this server has 2\./, 'BACKUP_VERSION');
    rmSync(manifestOf(file));
    await fails('BACKUP_MISSING', () => backupAt(file), /has no .*\.json/);

    said.sources['btc']!.checksum = '1';
    writeFileSync(manifestOf(file), JSON.stringify(said));
    await fails('BACKUP_DIFFERS', async () => verifyBackup(db.url, await backupAt(file)), /1 points.*source btc: .*"checksum":"1"/);
    assert.equal(await backups.databases.run({ name_like: 'btcdb\\_verify\\_%' }, db), []);
  });
}

test('what is written during a backup is in it as a whole, or not at all', async (db) => {
  if (!isServer) return;
  let isWriting = true;
  const writer = (async () => {
    for (let i = 0; isWriting; i++) {
      await db.query(`insert into timeseries_data (source_id, timestamp, value)
        select 2, timestamptz '2012-01-01Z' + ($1 * 10 + n) * interval '1 hour', n from generate_series(0, 9) as n`, [i]);
    }
  })();
  const { folder } = await take(db).finally(() => {
    isWriting = false;
    return writer;
  });
  await restored(db, folder, async (copy) => {
    assert.is(await only(copy, `select count(*) % 10 from timeseries_data where source_id = 2 and timestamp between '2012-01-01Z' and '2020-01-01Z'`), '0');
  });
});

test('rotation keeps by count and by age, and never takes the last good nor the last verified one', async (db) => {
  const folder = workFolder();
  const { store } = await placeAt(folder);
  const now = Date.now();
  const names: string[] = [];
  for (let age = 0; age < 6; age++) {
    const { manifest } = await takeBackup(db, folder, { portable: true });
    const aged = { ...manifest, taken_at: new Date(now - age * 86_400_000).toISOString() };
    writeFileSync(join(folder, manifestOf(manifest.file)), JSON.stringify(aged));
    await noteBackup(db, { store, manifest: aged, isWhole: true });
    names.push(manifest.file);
  }
  const { database } = (await backupAt(folder)).manifest;
  const kept = async (): Promise<number[]> => (await backupsIn(store)).map(({ manifest }) => names.indexOf(manifest.file));
  await rotate(db, store, 'another', { keep: 1 });
  await rotate(db, store, database, { keep: 1, keepDays: 10 }, now);
  assert.equal(await kept(), [0, 1, 2, 3, 4, 5]);
  const oldest = (await backupsIn(store)).at(-1)!.manifest;
  await backups.noteVerified.run({ name: oldest.file, sha256: oldest.sha256, verified_on: 'here' }, db);
  await rotate(db, store, database, { keep: 2, keepDays: 3 }, now + 1000);
  assert.equal(await kept(), [0, 1, 2, 5]);
  // The newest is not whole, so the one before is the last good one.
  truncateSync(join(folder, names[0]!), 10);
  await rotate(db, store, database, { keepDays: 1 }, now + 30 * 86_400_000);
  assert.equal(await kept(), [0, 1, 5]);
  assert.equal(readdirSync(folder).length, 6);
  assert.is((await backups.list.run(undefined, db)).find(({ name }) => name === names[3])?.removed_at === null, false);
});

test('two backups at once into one folder are two', async (db) => {
  const folder = workFolder();
  await Promise.all([take(db, folder), take(db, folder)]);
  assert.equal((await backupsIn((await placeAt(folder)).store)).map(({ isWhole }) => isWhole), [true, true]);
});

test('a file that is there is not written over', async (db) => {
  const file = join(workFolder(), 'mine.dump');
  await takeBackup(db, file);
  const before = statSync(file).mtimeMs;
  await fails('BACKUP_TARGET', () => takeBackup(db, file), /is there already/);
  assert.is(statSync(file).mtimeMs, before);
  assert.equal(readManifest(readFileSync(manifestOf(file), 'utf8'), file).file, 'mine.dump');
});

test('without space, or given up, nothing is left', async (db) => {
  const folder = workFolder();
  await take(db, folder);
  const before = readdirSync(folder);
  const stopped = new AbortController();
  stopped.abort(new Error('enough'));
  await takeBackup(db, folder, { signal: stopped.signal }).then(() => assert.unreachable(), (error: Error) => assert.is(error.message, 'enough'));
  const { store } = await placeAt(folder);
  async function* full(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(100_000);
    throw Object.assign(new Error('write'), { code: 'ENOSPC' });
  }
  await fails('ENOSPC', () => store.write('x.dump', full()));
  assert.equal(readdirSync(folder), before);
  writeFileSync(join(folder, 'file'), '');
  await fails('BACKUP_TARGET', () => takeBackup(db, join(folder, 'file', 'x', 'y.dump')), /cannot be written/);
});

/** A folder with tools that do what a script says; `real` is the true one. */
function tools(name: string, script: string): string {
  const folder = workFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\nreal() { exec ${name} "$@"; }\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  return folder;
}

const version = 'if [ "$1" = --version ]; then real --version; fi';

if (isServer) {
  test('a tool that is missing or too old is named, with where to get one', async (db) => {
    const folder = workFolder();
    const missing = await fails('BACKUP_TOOL', () => takeBackup(db, folder, { pgBin: join(folder, 'none') }), /cannot be run: there is none/) as Error & { hint?: string };
    assert.match(missing.hint ?? '', /postgresql-client-\d+.*--pg-bin/);
    await fails('BACKUP_TOOL', () => takeBackup(db, folder, { pgBin: tools('pg_dump', 'echo "pg_dump (PostgreSQL) 12.3"') }), /is of version 12, and \d+ or newer is needed/);
    const { folder: whole } = await take(db);
    const url = elsewhere(db);
    await fails('BACKUP_TOOL', async () => restoreBackup(url, await backupAt(whole), { pgBin: tools('pg_restore', 'echo "pg_restore (PostgreSQL) 12.3"') }), /version 12/);
    assert.is(await isThere(url), false);
    assert.equal(readdirSync(folder), []);
  });

  for (const [what, script, message] of [
    ['fails in the middle', `${version}; pg_dump "$@" | head -c 20000; echo "pg_dump: error: query failed: it was me" >&2; exit 1`, /pg_dump failed: query failed: it was me/],
    ['is killed', `${version}; kill -9 $$`, /pg_dump failed: it ended with SIGKILL/],
  ] as const) {
    test(`a dump that ${what} leaves nothing`, async (db) => {
      const folder = workFolder();
      await fails('BACKUP_FAILED', () => takeBackup(db, folder, { pgBin: tools('pg_dump', script) }), message);
      assert.equal(readdirSync(folder), []);
    });
  }

  test('a restore that failed says so, keeps others off, and can be run again', async (db) => {
    const { folder } = await take(db);
    const found = await backupAt(folder);
    const url = elsewhere(db);
    try {
      const pgBin = tools('pg_restore', `${version}; head -c 30000 | pg_restore "$@"`);
      await fails('RESTORE_FAILED', () => restoreBackup(url, found, { pgBin }), /did not end/);
      await fails('RESTORE_UNFINISHED', () => migrate(url));
      await restoreBackup(url, found, { policies: false });
      assert.equal(await migrate(url), []);
      await fails('RESTORE_NOT_EMPTY', () => restoreBackup(url, found));
    } finally {
      await dropDatabase(url, db.url);
    }
  });

  test('a role with the rights of the docs can back up, and roles that a server lacks are made', async (db) => {
    const role = `btcdb_backup_${process.pid}`;
    await db.query(`create role ${role} login; grant btcdb_reader to ${role}`);
    // As docs/operations.md says.
    const grants = /^grant pg_read_all_data [^`]*/m.exec(readFileSync('docs/operations.md', 'utf8'))![0];
    await db.query(grants.replaceAll('backup_login', role));
    const url = Object.assign(new URL(db.url), { username: role }).href;
    const weak = await open(url, 'server');
    const folder = workFolder();
    try {
      const stored = await takeBackup(weak, folder);
      await noteBackup(weak, stored);
      assert.ok(stored.manifest.roles.some(({ name, member_of: groups }) => name === role && groups.includes('btcdb_reader')));
    } finally {
      await weak.close();
    }
    const made: string[] = [];
    await db.query(`drop owned by ${role}; drop role ${role}`);
    await restored(db, folder, async (copy) => {
      assert.is(await only(copy, `select pg_has_role($1, 'btcdb_reader', 'member')`, [role]), true);
      await copy.query(`drop owned by ${role}; drop role ${role}`);
    }, { onStep: (text: string) => made.push(text) });
    assert.ok(made.some((text) => text.includes(`made the roles ${role}`)), made.join());
  });
}

test('an encrypted backup takes its identity', async (db) => {
  const age = await import('age-encryption');
  const keys = workFolder();
  const identity = await age.generateIdentity();
  const [own, other, recipient] = ['own', 'other', 'recipient'].map((name) => join(keys, name)) as [string, string, string];
  writeFileSync(own, `# created: today\n${identity}\n`);
  writeFileSync(recipient, `${await age.identityToRecipient(identity)}\n`);
  writeFileSync(other, await age.generateIdentity());

  const { folder, file } = await take(db, workFolder(), { keyFile: recipient, portable: true });
  assert.match(file, /\.tar\.gz\.age$/);
  assert.is(readFileSync(file, 'latin1').slice(0, 21), 'age-encryption.org/v1');
  const url = elsewhere(db);
  for (const [keyFile, message] of [[undefined, /is encrypted/], [other, /no identity matched/], [recipient, /recipients only/], [join(keys, 'none'), /cannot be read/], [join(sample, 'nulls.json'), /holds no keys/]] as const) {
    await fails('BACKUP_KEY', async () => restoreBackup(url, await backupAt(file), { keyFile }), message);
  }
  assert.is(await isThere(url), false);
  await fails('BACKUP_KEY', () => take(db, folder, { keyFile: join(sample, 'nulls.json') }));
  await restored(db, folder, async (copy) => {
    assert.equal(differences((await backupAt(folder)).manifest, await describeNow(copy), { contentsOnly: true }), []);
  }, { keyFile: own });
});

test('what a killed backup has left goes after a day', async () => {
  const folder = workFolder();
  writeFiles(folder, { '.a.dump.1.partial': '', '.b.dump.2.partial': '' });
  const { store } = await placeAt(folder);
  const { utimesSync } = await import('node:fs');
  utimesSync(join(folder, '.a.dump.1.partial'), 0, 0);
  await store.sweep!();
  assert.equal(readdirSync(folder), ['.b.dump.2.partial']);
  renameSync(join(folder, '.b.dump.2.partial'), join(folder, '.c'));
});

test.run();
