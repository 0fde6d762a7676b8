/** Backups are whole and come back whole, on the engine of the test run; what is wrong with one is said before anything is touched. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as audit from '../../queries/audit.queries.js';
import * as backups from '../../queries/backups.queries.js';
import * as doctor from '../../queries/doctor.queries.js';
import { describeNow, requireSound, restoreBackup, rootOf } from '../../src/backup/restoration.js';
import { differences, type Manifest, manifestOf, readManifest } from '../../src/backup/manifest.js';
import { backupAt, backupsIn, placeAt } from '../../src/backup/store.js';
import { noteBackup, rotate } from '../../src/backup/rotation.js';
import { type BackupOptions, takeBackup } from '../../src/backup/take.js';
import { tryOut, verifyBackup } from '../../src/backup/verify.js';
import { open, type Database } from '../../src/client/open.js';
import { writeWhole } from '../../src/disk/durable.js';
import { codeOf } from '../../src/errors/catalogue.js';
import { importFolder } from '../../src/import/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { dropDatabase, isThere } from '../../tools/databases.js';
import { hourlyCandles, workFolder, writeFiles } from '../cli/run.js';
import { compressAll, only } from '../schema/support.js';
import { fill } from '../support/contents.js';
import type { TestDatabase } from '../support/database.js';
import { canMount, withSmallDisk } from '../support/small-disk.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const isServer = Boolean(process.env['TEST_DATABASE_URL']);
const forms = isServer ? (['pg_dump', 'portable'] as const) : (['portable'] as const);
const sample = workFolder();
writeFiles(sample, { 'imported.json': hourlyCandles(3000), 'nulls.json': JSON.stringify(Array.from({ length: 400 }, (_, i) => [Date.UTC(2024, 0, 1) + i * 86_400_000, i % 9])) });

async function prepare(db: TestDatabase): Promise<void> {
  await fill(db);
  await load(db);
  // Months of daily rows are merged into one chunk; no row of it has an open, high, low, close or volume.
  await db.query('call compress_old_chunks()');
  await db.query('call refresh_all_aggregates()');
  await audit.seal.run(undefined, db);
  if (isServer) await db.query(`select set_retention('80 years'); grant btcdb_reader to current_user; grant select on public.sources to pg_monitor`);
}

const test = databaseSuite('backup', prepare);

const load = (db: Database) => importFolder(db, sample, { rejectsFolder: join(sample, '..', 'rejects-of-backup') });

/** A name for a database that is not there, and that has to be quoted everywhere. */
let count = 0;
const elsewhere = (db: TestDatabase): string => Object.assign(new URL(db.url), { pathname: `/btcdb_Restored="É'%5C ${process.pid}_${++count}` }).href;

const scratches = (db: Database): Promise<unknown[]> => backups.databases.run({ name_like: 'btcdb\\_verify\\_%' }, db);

async function identityFile(): Promise<string> {
  const file = join(workFolder(), 'identity.txt');
  writeFileSync(file, `# created: today\n${await (await import('age-encryption')).generateIdentity()}\n`);
  return file;
}

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

for (const [minute, form] of forms.entries()) {
  test(`the drill, ${form}: import, seal, back up, destroy the database, restore it under its name: all is the same, works, and the next import changes nothing`, async (db) => {
    const before = await describeNow(db);
    assert.ok(Object.values(before.tables).filter(({ rows }) => rows > 0).length > 12);
    assert.ok(Number(await only(db, `select count(*) from chunk_stats where is_compressed and range_end - range_start > interval '100 days'`)) > 0, 'a merged chunk');
    const last = await only(db, 'select max(audit_id) from audit_log');
    const { folder } = await take(db, workFolder(), { portable: form === 'portable' });
    // Those that follow go on with what is restored.
    await dropDatabase(db.url, rootOf(db.url));
    await restoreBackup(db.url, await backupAt(folder), { policies: false });
    const copy = await open(db.url, db.engine);
    try {
      assert.equal(differences(before, await describeNow(copy), { contentsOnly: form === 'portable' }), []);
      if (isServer) assert.is((await backups.retention.run(undefined, copy))[0]?.drop_after, '80 years');
      assert.is(await only(copy, 'select count(*) > 0 from audit_seals'), true);
      assert.equal(await audit.verify.run(undefined, copy), []);
      assert.equal([await doctor.chunkDroppers.run(undefined, copy), await doctor.jobMakers.run(undefined, copy)], [[], []]);
      const report = await load(copy);
      assert.equal(report.files.map(({ inserted, updated, rows, unchanged }) => [inserted, updated, rows - unchanged]), [[0, 0, 0], [0, 0, 0]]);

      // Rules, triggers, keys and aggregates go on where they were.
      await copy.query(`insert into timeseries_data (source_id, timestamp, value) values (2, '2024-01-22T00:0${minute + 1}Z', 900), (2, '2010-01-0${minute + 1}Z', 1)`);
      assert.is(await only(copy, `select is_validated from timeseries_data where source_id = 2 and timestamp = '2024-01-22T00:0${minute + 1}Z'`), false);
      assert.ok(BigInt(await only(copy, 'select max(audit_id) from audit_log')) > BigInt(last));
      await copy.query('call refresh_all_aggregates()');
      assert.is(await only(copy, `select data_points from daily_ohlcv where source_id = (select source_id from sources where name = 'imported') and day = '2024-01-03Z'`), '24');
      await compressAll(copy);
      await fails('MD003', () => copy.query('delete from audit_log'));
    } finally {
      await copy.close();
    }
  });

  test(`an encrypted backup is verified in a scratch database that is gone afterwards, and that is noted, ${form}`, async (db) => {
    const folder = workFolder();
    const keyFile = await identityFile();
    const stored = await takeBackup(db, folder, { portable: form === 'portable', keyFile });
    // As if the server's clock had gone back since.
    await noteBackup(db, { ...stored, manifest: { ...stored.manifest, taken_at: '2100-01-01T00:00:00.000Z' } });
    const where = await verifyBackup(db.url, stored, { keyFile });
    assert.match(where, /^PostgreSQL \d+.*TimescaleDB 2\./);
    assert.equal(await scratches(db), []);
    const { file, sha256 } = stored.manifest;
    await backups.noteVerified.run({ name: file, sha256, verified_on: where }, db);
    assert.is((await backups.list.run(undefined, db)).find(({ name }) => name === file)?.verified_on, where);
  });

  if (isServer) test(`of two verifications the second waits, and what a killed one has left goes, ${form}`, async (db) => {
    const { folder } = await take(db, workFolder(), { portable: form === 'portable' });
    const found = await backupAt(folder);
    await db.query('create database btcdb_verify_killed');
    const seen: Promise<unknown[]>[] = [];
    const onStep = (): void => void seen.push(scratches(db));
    await Promise.all([verifyBackup(db.url, found, { onStep }), verifyBackup(db.url, found, { onStep })]);
    assert.is(Math.max(...(await Promise.all(seen)).map(({ length }) => length)), 1);
    assert.is(await isThere(Object.assign(new URL(db.url), { pathname: '/btcdb_verify_killed' }).href), false);
  });

  test(`a database that holds data is refused, and left as it is, ${form}`, async (db) => {
    const { folder } = await take(db, workFolder(), { portable: form === 'portable' });
    const before = await describeNow(db);
    const found = await backupAt(folder);
    const steps: string[] = [];
    await fails('RESTORE_NOT_EMPTY', () => restoreBackup(db.url, found, { onStep: (text) => steps.push(text) }), /holds data/);
    assert.is(steps.some((text) => text.startsWith('making')), false);
    assert.equal(differences(before, await describeNow(db), { contentsOnly: false }), []);
  });

  test(`a restore that is stopped before it is compared keeps others off, and begins anew, ${form}`, async (db) => {
    const { folder } = await take(db, workFolder(), { portable: form === 'portable' });
    const found = await backupAt(folder);
    const url = elsewhere(db);
    const onStep = (text: string): void => {
      if (text.startsWith('comparing')) throw new Error('stopped');
    };
    try {
      await restoreBackup(url, found, { onStep }).then(() => assert.unreachable(), () => undefined);
      await fails('RESTORE_UNFINISHED', () => migrate(url));
      await restoreBackup(url, found, { policies: false });
      assert.equal(await migrate(url), []);
    } finally {
      await dropDatabase(url, db.url);
    }
  });

  if (isServer) test(`of two restores into one database the second waits, and is refused, ${form}`, async (db) => {
    const { folder } = await take(db, workFolder(), { portable: form === 'portable' });
    const found = await backupAt(folder);
    const url = elsewhere(db);
    let second: Promise<string> | undefined;
    const onStep = (text: string): void => {
      if (/^(loading|restoring)/.test(text)) second = restoreBackup(url, found, { policies: false }).then(() => '', codeOf);
    };
    try {
      await restoreBackup(url, found, { policies: false, onStep });
      assert.is(await second, 'RESTORE_NOT_EMPTY');
    } finally {
      await second;
      await dropDatabase(url, db.url);
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

    const said = JSON.parse(manifest) as Manifest & { sources: Record<string, { checksum: string }> };
    const { versions: _, ...unversioned } = said;
    for (const broken of [manifest.slice(0, -100), 'null', JSON.stringify(unversioned), JSON.stringify({ ...said, taken_at: 'then' })]) {
      writeFileSync(manifestOf(file), broken);
      await refused(/is not the manifest of a backup/);
    }
    writeFileSync(manifestOf(file), JSON.stringify({ ...said, sha256: said.sha256.replace(/./g, (digit) => (digit === '0' ? '1' : '0')) }));
    await refused(/its SHA-256 is another one/);
    writeFileSync(manifestOf(file), JSON.stringify({ ...said, migrations: said.migrations.slice(1), versions: { ...said.versions, timescaledb: '1.7.5' } }));
    await refused(form === 'portable' ? /another set of migrations/ : /takes TimescaleDB 1\.7\.5, and this server has 2\./, 'BACKUP_VERSION');
    rmSync(manifestOf(file));
    await fails('BACKUP_MISSING', () => backupAt(file), /has no .*\.json/);

    said.sources['btc']!.checksum = '1';
    writeFileSync(manifestOf(file), JSON.stringify(said));
    await fails('BACKUP_DIFFERS', async () => verifyBackup(db.url, await backupAt(file)), /1 points.*source btc: .*"checksum":"1"/);
    assert.equal(await scratches(db), []);
  });
}

/** Waits for a session that waits for a lock. */
async function waitsForLock(db: Database, query: string): Promise<void> {
  while (await only(db, `select count(*) = 0 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike $1`, [query])) {
    await delay(10);
  }
}

test.onServer('what is written and what is compressed by hand during a backup is in it as a whole', async (db) => {
  // Whoever compresses has copied the chunk, and waits for a reader before it empties it.
  await db.query(`insert into timeseries_data (source_id, timestamp, value) select 2, timestamptz '2011-01-01Z' + n * interval '1 hour', n from generate_series(0, 99) as n`);
  const [reader, other] = [await db.pool.connect(), await db.pool.connect()];
  try {
    await reader.query(`begin; select count(*) from timeseries_data where timestamp < '2011-02-01Z'`);
    const compressing = other.query(`select compress_chunk(c) from show_chunks('timeseries_data', older_than => timestamptz '2011-02-01Z') as c`);
    await waitsForLock(db, 'select compress_chunk%');
    const taking = take(db);
    await Promise.race([taking, waitsForLock(db, '%lock table%'), waitsForLock(db, '%describe_contents%')]);
    await reader.query('commit');
    await compressing;
    let isOver = false;
    const written = (async () => {
      for (let i = 0; !isOver; i++) {
        await db.query(`insert into timeseries_data (source_id, timestamp, value)
          select 2, timestamptz '2012-01-01Z' + ($1 * 10 + n) * interval '1 hour', n from generate_series(0, 9) as n`, [i]);
      }
    })();
    const { folder } = await taking.finally(() => (isOver = true));
    await written;
    await restored(db, folder, async (copy) => {
      assert.is(await only(copy, `select count(*) % 10 from timeseries_data where source_id = 2 and timestamp between '2012-01-01Z' and '2020-01-01Z'`), '0');
      assert.is(await only(copy, `select count(*) from timeseries_data where timestamp between '2011-01-01Z' and '2011-02-01Z'`), '100');
    });
  } finally {
    reader.release(true);
    other.release(true);
  }
});

test.onServer('a backup that waits for a compression is given up at once', async (db) => {
  const other = await db.pool.connect();
  try {
    await other.query(`select pg_advisory_lock('public.timeseries_data'::regclass::oid::bigint)`);
    const stopped = new AbortController();
    const taking = takeBackup(db, workFolder(), { signal: stopped.signal });
    while (await only(db, `select count(*) = 0 from pg_stat_activity where datname = current_database() and query like '%pg_try_advisory_lock%' and pid <> pg_backend_pid()`)) await delay(10);
    stopped.abort(new Error('enough'));
    await taking.then(() => assert.unreachable(), (error: Error) => assert.is(error.message, 'enough'));
  } finally {
    other.release(true);
  }
});

test('rotation keeps by count and by age, and never takes the last good, the last verified, the one just taken, or one of another database', async (db) => {
  const folder = workFolder();
  const { store, manifest } = await takeBackup(db, folder, { portable: true });
  const now = Date.now();
  /** Another backup, as far as its manifest tells. */
  const add = async (file: string, age: number, isNoted = true): Promise<Manifest> => {
    const sha256 = createHash('sha256').update(file).digest('hex');
    const aged = { ...manifest, file, sha256, size_bytes: 100, taken_at: new Date(now - age * 86_400_000).toISOString() };
    writeFileSync(join(folder, file), Buffer.alloc(100));
    writeFileSync(join(folder, manifestOf(file)), JSON.stringify(aged));
    if (isNoted) await noteBackup(db, { store, manifest: { ...aged, taken_at: manifest.taken_at }, isWhole: true });
    return aged;
  };
  rmSync(join(folder, manifest.file));
  rmSync(join(folder, manifestOf(manifest.file)));
  const aged: Manifest[] = [];
  for (let age = 0; age < 6; age++) aged.push(await add(`${age}.dump`, age));
  const kept = async (): Promise<string> => (await backupsIn(store)).map(({ manifest: { file } }) => file.replace('.dump', '')).join(' ');
  const latest = { store, manifest: aged[0]!, isWhole: true };
  await rotate(db, { ...latest, manifest: { ...aged[0]!, database: 'another' } }, { keep: 1 });
  await rotate(db, latest, { keep: 1, keepDays: 10 }, now);
  assert.is(await kept(), '0 1 2 3 4 5');
  await backups.noteVerified.run({ name: aged[5]!.file, sha256: aged[5]!.sha256, verified_on: 'here' }, db);
  await rotate(db, latest, { keep: 2, keepDays: 3 }, now + 1000);
  assert.is(await kept(), '0 1 2 5');
  // The newest is not whole, so the one before is the last good one.
  truncateSync(join(folder, '0.dump'), 10);
  await rotate(db, latest, { keepDays: 1 }, now + 30 * 86_400_000);
  assert.is(await kept(), '0 1 5');
  assert.equal(readdirSync(folder).length, 6);
  assert.is((await backups.list.run(undefined, db)).find(({ name }) => name === '3.dump')?.removed_at === null, false);
  // The clock was wrong once: the newest by its time is not the one that was just taken. One of the same name is of another server.
  await add('future.dump', -1000);
  await add('other.dump', 1, false);
  await rotate(db, { ...latest, manifest: await add('now.dump', 3) }, { keep: 1 });
  assert.is(await kept(), 'future 0 other now 5');
});

test('rotation removes a file that has had no manifest for a week, and no other one', async (db) => {
  const folder = workFolder();
  const latest = await takeBackup(db, folder, { portable: true });
  const { store, manifest } = latest;
  await noteBackup(db, latest);
  const name = (database: string, end: string): string => `${database.replace(/[^\w-]/g, '_')}-20240101T000000Z-${end}`;
  const database = manifest.database;
  const left = [name(database, '0a1b.dump'), name(database, '0a1c.tar.gz.age')];
  const missed = name(database, '0a1d.dump');
  const others = [
    name(`${database}-2`, '0a1b.dump'), name('other', '0a1b.dump'), `x${left[0]!}`, `${left[0]!}.bak`, name(database, 'mine.dump'), 'mine.dump',
    name(database, '0a1b.dump.txt'), name(database, '0A1B.dump'),
  ];
  writeFiles(folder, Object.fromEntries([...left, missed, ...others].map((file) => [file, ''])));
  // Of a manifest that cannot be read nobody knows what it says. One that was noted is whole: it is its manifest that was lost.
  const unread = name(database, '0a1e.dump');
  writeFileSync(join(folder, unread), '');
  mkdirSync(join(folder, manifestOf(unread)));
  await noteBackup(db, { ...latest, manifest: { ...manifest, file: missed, sha256: 'ab'.repeat(32) } });
  const all = readdirSync(folder).sort();
  const in6Days = Date.now() + 6 * 86_400_000;
  assert.equal(await rotate(db, latest, { keep: 1 }, in6Days), []);
  assert.equal(await rotate(db, latest, {}, in6Days * 2), []);
  assert.equal(readdirSync(folder).sort(), all);
  assert.equal((await rotate(db, latest, { keep: 1 }, in6Days + 2 * 86_400_000)).sort(), left);
  assert.equal(readdirSync(folder).sort(), all.filter((file) => !left.includes(file)));
  assert.is((await backupAt(folder)).manifest.file, manifest.file);
  assert.equal([...(await store.files()).keys()].sort(), all.filter((file) => !left.includes(file) && file !== manifestOf(unread)));
});

test('a rotation that is ended in the middle leaves what the next one removes', async (db) => {
  const folder = workFolder();
  const older = await takeBackup(db, folder, { portable: true });
  const latest = await takeBackup(db, folder, { portable: true });
  for (const stored of [older, latest]) await noteBackup(db, stored);
  const { store } = latest;
  for (const last of [manifestOf(older.manifest.file), older.manifest.file]) {
    const remove = (file: string): Promise<void> => (file === last ? Promise.reject(new Error('ended')) : store.remove(file));
    await rotate(db, { ...latest, store: { ...store, remove } }, { keep: 1 }).then(() => assert.unreachable(), ({ message }: Error) => assert.is(message, 'ended'));
    assert.is(readdirSync(folder).includes(older.manifest.file), true);
  }
  assert.equal(await rotate(db, latest, { keep: 1 }, Date.now() + 8 * 86_400_000), [older.manifest.file]);
  assert.equal(readdirSync(folder).sort(), [latest.manifest.file, manifestOf(latest.manifest.file)]);
});

test('two backups at once into one folder are two; of two into one file one is refused, and the other is whole', async (db) => {
  const folder = workFolder();
  await Promise.all([take(db, folder, { portable: true }), take(db, folder, { portable: true })]);
  assert.equal((await backupsIn((await placeAt(folder)).store)).map(({ isWhole }) => isWhole), [true, true]);

  const file = join(workFolder(), 'mine.dump');
  async function* content(text: string): AsyncGenerator<Buffer> {
    await delay(1);
    yield Buffer.from(text);
  }
  const { store } = await placeAt(file);
  const ends = await Promise.allSettled(['one', 'two'].map((text) => store.write('mine.dump', content(text))));
  assert.equal(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.is((ends.find(({ status }) => status === 'rejected') as PromiseRejectedResult & { reason: { code: string } }).reason.code, 'BACKUP_TARGET');
  assert.is(readFileSync(file, 'utf8'), ends[0]!.status === 'fulfilled' ? 'one' : 'two');
  assert.equal(readdirSync(join(file, '..')), ['mine.dump']);
});

test('a file that is there is not written over, and neither is a manifest', async (db) => {
  const folder = workFolder();
  const file = join(folder, 'mine.dump');
  await takeBackup(db, file, { portable: true });
  const before = statSync(file).mtimeMs;
  await fails('BACKUP_TARGET', () => takeBackup(db, file, { portable: true }), /is there already/);
  assert.is(statSync(file).mtimeMs, before);
  assert.is(readManifest(readFileSync(manifestOf(file), 'utf8'), file).file, 'mine.dump');
  rmSync(file);
  await fails('BACKUP_TARGET', () => takeBackup(db, file, { portable: true }), /mine\.dump\.json is there already/);
  assert.equal(readdirSync(folder), ['mine.dump.json']);
});

test('what else lies in a folder is no backup, and in nobody\'s way', async (db) => {
  const folder = workFolder();
  const { manifest } = await takeBackup(db, folder, { portable: true });
  for (const name of ['x.dump', 'x.dump.json', ' y\n.dump', ' y\n.dump.json', '..z.tar.gz', 'a.dump.json', '-n']) writeFileSync(join(folder, name), '{}');
  symlinkSync('/nowhere', join(folder, 'gone.dump'));
  symlinkSync('loop.dump', join(folder, 'loop.dump'));
  mkdirSync(join(folder, 'b.dump'));
  mkdirSync(join(folder, 'b.dump.json'));
  // A manifest that nobody writes would be waited for.
  assert.is(spawnSync('mkfifo', [join(folder, 'c.dump'), join(folder, 'c.dump.json')]).status, 0);
  const { store } = await placeAt(folder);
  assert.equal((await backupsIn(store)).map(({ manifest: { file } }) => file), [manifest.file]);
  await noteBackup(db, { store, manifest, isWhole: true });
  assert.equal(await rotate(db, { store, manifest, isWhole: true }, { keep: 1 }), []);
  assert.is((await backupAt(folder)).manifest.file, manifest.file);
});

test('a file is there when it is whole; what a killed process has left goes after a day', async () => {
  const folder = workFolder();
  const [old, fresh] = ['.a.dump.00000000.btcdb-partial', '.b.dump.00000000.btcdb-partial'];
  writeFiles(folder, { [old]: '', [fresh]: '' });
  utimesSync(join(folder, old), 0, 0);
  await writeWhole(join(folder, 'c'), ['one', ' two']);
  assert.equal(readdirSync(folder).sort(), [fresh, 'c']);
  assert.is(readFileSync(join(folder, 'c'), 'utf8'), 'one two');
  assert.is(statSync(join(folder, 'c')).mode & 0o777, 0o600);
  assert.is(await writeWhole(join(folder, 'c'), ['three']).then(() => '', (error: NodeJS.ErrnoException) => error.code), 'EEXIST');
  assert.is(readFileSync(join(folder, 'c'), 'utf8'), 'one two');
});

test('given up, nothing is left', async (db) => {
  const folder = workFolder();
  const stopped = new AbortController();
  stopped.abort(new Error('enough'));
  await takeBackup(db, folder, { signal: stopped.signal }).then(() => assert.unreachable(), (error: Error) => assert.is(error.message, 'enough'));
  assert.equal(readdirSync(folder), []);
  writeFileSync(join(folder, 'file'), '');
  await fails('BACKUP_TARGET', () => takeBackup(db, join(folder, 'file', 'x', 'y.dump')), /cannot be written/);
});

(canMount ? test : test.skip)('a disk that is full, and one that takes no writes: one clear error, nothing new, and what was there is found', async (db) => {
  await withSmallDisk('8m', async (folder, run) => {
    const options = { portable: true };
    const { manifest } = await takeBackup(db, folder, options);
    const before = readdirSync(folder);
    const page = 4096;
    // The file does not fit; it does, and its manifest does not.
    for (const room of [page, Math.ceil(manifest.size_bytes / page) * page + page]) {
      const free = Number(spawnSync('stat', ['-f', '-c', '%a', folder], { encoding: 'utf8' }).stdout) * page;
      writeFileSync(join(folder, 'ballast'), Buffer.alloc(free - room));
      const error = await fails('BACKUP_FAILED', () => takeBackup(db, folder, options), /^There is no space left for the backup$/) as Error & { hint?: string };
      assert.match(error.hint ?? '', /^Nothing was stored/);
      rmSync(join(folder, 'ballast'));
      assert.equal(readdirSync(folder), before);
    }
    const mounted = folder.replace(/^\/proc\/\d+\/root/, '');
    run(`mount -o remount,ro '${mounted}'`);
    await fails('BACKUP_TARGET', () => takeBackup(db, folder, options), /cannot be written: EROFS/);
    const found = await backupAt(folder);
    assert.is(found.manifest.file, manifest.file);
    await requireSound(found);
  });
});

test.onServer('a verification finds what is not as it was: rows, compiled rules, triggers, grants', async (db) => {
  const { manifest } = await takeBackup(db, workFolder());
  const shift = (by: number): Promise<unknown> => db.query(`set session_replication_role = replica;
    update timeseries_data set value = value + ${by} where source_id = 2 and timestamp = '2024-01-02Z'; set session_replication_role = origin`);
  await shift(1);
  await db.query(`alter table sources disable trigger _500_audit; revoke select on forecasts from btcdb_reader;
    create or replace function app_private.error_rules() returns int[] language sql immutable return '{}'::int[]`);
  const folder = workFolder();
  const other = (await takeBackup(db, folder)).manifest;
  await shift(-1);
  await db.query('alter table sources enable trigger _500_audit; grant select on forecasts to btcdb_reader; select app_private.compile_rules()');
  assert.equal(differences(manifest, other, { contentsOnly: false }).map((line) => line.split(':')[0]),
    ['table public.timeseries_data', 'source btc', 'schema functions', 'schema grants', 'schema triggers']);
  const { file, size_bytes, sha256 } = other;
  writeFileSync(join(folder, manifestOf(file)), JSON.stringify({ ...manifest, file, size_bytes, sha256 }));
  await fails('BACKUP_DIFFERS', async () => verifyBackup(db.url, await backupAt(folder)),
    /5 points.*table public\.timeseries_data.*source btc.*schema functions.*schema grants.*schema triggers/);
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

  test('a tool gets the address and the password where nobody else sees them, and nothing that leads elsewhere', async (db) => {
    const folder = workFolder();
    const pgBin = tools('pg_dump', `${version}; printf '%s\\n' "$@" > '${folder}/arguments'; env > '${folder}/environment'; exit 1`);
    Object.assign(process.env, { PGSERVICE: 'other', PGHOSTADDR: '192.0.2.1' });
    try {
      const url = `postgres://us%40er:p%3Aa%20ss%2F'%22%C3%A9@db.example:5433/N%22a%20me?sslmode=verify-full&sslrootcert=package.json`;
      await fails('BACKUP_FAILED', () => takeBackup({ ...db, url }, workFolder(), { pgBin }));
    } finally {
      delete process.env['PGSERVICE'];
      delete process.env['PGHOSTADDR'];
    }
    const [said, seen] = ['arguments', 'environment'].map((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'));
    assert.equal(said!.slice(0, -1), ['--format=custom', '--compress=2', '--no-password']);
    assert.match(said!.at(-1)!, /^--snapshot=[-\dA-F]+$/);
    assert.equal(seen!.filter((line) => /^PG(?!BIN|_)(?!OPTIONS)/.test(line)).sort(), [
      'PGAPPNAME=btcdb backup', 'PGDATABASE=N"a me', 'PGHOST=db.example', `PGPASSWORD=p:a ss/'"é`, 'PGPORT=5433', 'PGSSLMODE=verify-full', 'PGSSLROOTCERT=package.json', 'PGUSER=us@er',
    ]);
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
      // Somebody is connected.
      const other = await open(url, 'server');
      await other.query('select 1');
      await restoreBackup(url, found, { policies: false });
      assert.equal(await migrate(url), []);
      await fails('RESTORE_NOT_EMPTY', () => restoreBackup(url, found));
      await other.close();
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
  await requireSound(await backupAt(folder), { keyFile: own });
});

test('what was restored does not work when its seals are broken, or an aggregate lacks rows', async (db) => {
  const forge = (reason: string): Promise<unknown> => db.query(`set session_replication_role = replica;
    update audit_log set reason = ${reason} where audit_id = 1; set session_replication_role = origin`);
  await forge(`'!'`);
  await fails('BACKUP_DIFFERS', () => tryOut(db, {}), /does not work: the audit log is not as it was sealed: changed/);
  await forge('null');
  assert.equal(await audit.verify.run(undefined, db), []);
  const weeks = await only(db, `select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) from timescaledb_information.continuous_aggregates where view_name = 'weekly_stats'`);
  await db.query(`delete from ${weeks} where source_id = 2`);
  await fails('BACKUP_DIFFERS', () => tryOut(db, {}), /a refreshed aggregate lacks rows/);
});

test.run();
