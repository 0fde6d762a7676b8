/** The table of backups, and the checksums that a backup is compared by. */
import type { ClientBase } from 'pg';
import * as backups from '../../queries/backups.queries.js';
import { transaction } from '../../src/client/transaction.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { compressAll, day, only, source, write } from './support.js';

const test = databaseSuite('backups');

const stored = { name: 'a.dump', location: '/b', form: 'pg_dump', is_encrypted: false, taken_at: day(0), row_count: 1, size_bytes: 1, sha256: 'ab'.repeat(32) };

test('a backup is noted, verified and removed', async (db) => {
  const [noted] = await backups.note.run(stored, db);
  assert.equal(await backups.noteVerified.run({ ...stored, sha256: 'cd'.repeat(32), verified_on: 'x' }, db), [], 'another file of that name');
  assert.equal(await backups.noteVerified.run({ ...stored, verified_on: 'PostgreSQL' }, db), [noted]);
  assert.equal(await backups.noteRemoved.run(stored, db), [noted]);
  assert.equal(await backups.noteRemoved.run(stored, db), []);
  const [listed] = await backups.list.run(undefined, db);
  assert.equal([listed!.sha256, listed!.verified_on, listed!.created_by], [stored.sha256, 'PostgreSQL', await only(db, 'select session_user::text')]);
  assert.ok(listed!.verified_at && listed!.removed_at);
});

for (const [constraint, wrong] of [
  ['backups_form_check', { form: 'tar' }], ['backups_sha256_check', { sha256: 'ab' }],
] as const) {
  test(`a backup with wrong columns is refused: ${constraint}`, async (db) => {
    await fails('23514', () => backups.note.run({ ...stored, name: constraint, ...wrong }, db), new RegExp(constraint));
  });
}

test('a backup is over after it has begun, also when the clock was set back meanwhile', async (db) => {
  await backups.note.run({ ...stored, name: 'ahead', taken_at: '2100-01-01Z' }, db);
  await fails('23514', () => db.query(`update backups set finished_at = taken_at - interval '1 second' where name = 'ahead'`), /backups_finished_at_check/);
});

test('a name is taken once in a place', async (db) => {
  await backups.note.run({ ...stored, name: 'twice' }, db);
  await fails('23505', () => backups.note.run({ ...stored, name: 'twice' }, db), /backups_location_name_key/);
});

/** As a backup asks, with settings of its own before. */
async function contents(db: Parameters<typeof transaction>[0], settings: Record<string, string> = {}): Promise<backups.IContentsResult> {
  return transaction(db, { readOnly: true, settings: { ...settings, search_path: 'pg_catalog' } }, async (tx: ClientBase) => (await backups.contents.run(undefined, tx))[0]!);
}

test('a checksum depends on what is stored, and on nothing else', async (db) => {
  const id = await source(db, { name: 'summed', metadata: '{"a": 1.10}' });
  await write(db, Array.from({ length: 50 }, (_, n) => ({ source_id: id, timestamp: day(n), value: `${n}.10` })));
  const before = await contents(db);
  const [summed, tables] = [(before.sources as Record<string, unknown>)['summed'], before.tables as Record<string, object>];
  assert.equal(summed, { ...(summed as object), rows: 50, from: '2020-01-01T00:00:00.000Z', to: '2020-02-19T00:00:00.000Z' });
  assert.ok(Object.keys(tables).length > 15);
  assert.not.ok('app_private.pipeline_token' in tables, 'what a database has for itself');

  const settings = { timezone: 'Asia/Kolkata', datestyle: 'SQL, DMY', intervalstyle: 'iso_8601', extra_float_digits: '-15', bytea_output: 'escape' };
  assert.equal(await contents(db, settings), before);
  await compressAll(db);
  assert.equal(await contents(db), before, 'compressed');
  await db.query(`update timeseries_data set value = value where source_id = $1 and timestamp = $2`, [id, day(3)]);
  assert.equal((await contents(db)).sources, before.sources, 'in another place of its chunk');

  await db.query(`set session_replication_role = replica; update timeseries_data set value = 3.100 where value = 3.10; set session_replication_role = origin`);
  const after = await contents(db);
  assert.not.equal((after.sources as Record<string, unknown>)['summed'], summed, 'a digit more');
  assert.equal(Object.keys(tables).filter((name) => JSON.stringify(tables[name]) !== JSON.stringify((after.tables as Record<string, unknown>)[name])), ['public.timeseries_data']);
});

test('rows of the same text have the same checksum on every engine and version', async (db) => {
  await db.query(`create table public.golden (i int, n numeric, t timestamptz, x text, b bool, j jsonb, e public.market_enum, a text[], r tstzrange, v interval, u bytea, d date)`);
  await db.query(`insert into golden values
    (1, 1.10, '2024-01-01 01:02:03.004+00', 'é', true, '{"a": 1.10}', 'US', '{a,null}', '[2024-01-01Z,)', '1 day', '\\x00ff', '2024-02-29'),
    (null, null, null, null, false, null, null, null, null, null, null, null), (-1, 1e-10, '0001-01-01Z', '', null, '[]', 'CRYPTO', '{}', 'empty', '-1 mon', '', '1970-01-01')`);
  const { tables } = await contents(db);
  assert.equal((tables as Record<string, unknown>)['public.golden'], { rows: 3, checksum: '5996912949415459812' });
  await db.query('drop table golden');
});

test('the digests of the schema tell of a trigger that is off, a right that is granted, and a function that is another', async (db) => {
  const digests = (): Promise<Record<string, string>> => transaction(db, { readOnly: true, settings: { search_path: 'pg_catalog' } }, async (tx) =>
    Object.fromEntries((await backups.schemaDigests.run(undefined, tx)).map(({ kind, digest }) => [kind, digest])));
  let before = await digests();
  for (const [kind, change] of [
    ['triggers', 'alter table public.sources disable trigger _500_audit'],
    ['grants', 'grant insert on public.backups to btcdb_writer'],
    ['functions', `create or replace function public.is_trading_day(market public.market_enum, day date) returns boolean language sql stable set search_path = pg_catalog, pg_temp as 'select true'`],
    ['policies', `select alter_job(job_id, schedule_interval => interval '7 hours') from timescaledb_information.jobs where proc_name = 'compress_due_chunks'`],
    ['constraints', 'alter table public.backups drop constraint backups_verified_check'],
  ] as const) {
    await db.query(change);
    const after = await digests();
    assert.equal(Object.keys(after).filter((name) => after[name] !== before[name]), [kind]);
    before = after;
  }
});

test.run();
