/** btcdb seal, audit and retention: a chain that was made anew is found by what was exported, and what goes is proved or told. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appendHead, readArchive, readHeads } from '../../src/audit/files.js';
import { writeWhole } from '../../src/disk/durable.js';
import { archive, archiveLines, seal, sealsToArchive } from '../../queries/audit.queries.js';
import { all, only, type Runner } from '../schema/support.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { btcdb, workFolder, type Outcome } from './run.js';

const test = databaseSuite('cli: seal');

const cwd = workFolder();
const run = (db: TestDatabase, ...args: string[]): Promise<Outcome> => btcdb(args, { cwd, env: { DATABASE_URL: db.url } });

let names = 0;
async function write(db: Runner, n = 1): Promise<void> {
  for (let i = 0; i < n; i++) await db.query(`insert into sources (name, display_name, data_type) values ($1, 'S', 'simple')`, [`sealed_${names++}`]);
}

/** What a superuser does behind the back of the triggers. */
async function forge(db: TestDatabase, ...statements: string[]): Promise<void> {
  const client = await db.pool.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
    await client.query('commit');
  } finally {
    client.release();
  }
}

test('it seals, exports the head, and verifies against it', async (db) => {
  await write(db, 3);
  const sealed = await run(db, 'seal', '--export', 'heads.json');
  assert.is(sealed.code, 0, sealed.stderr);
  const digest = await only(db, `select encode(digest, 'hex') from audit_seals order by seal_id desc limit 1`);
  assert.match(sealed.stdout, /^✓ The audit log is sealed, up to entry \d+: seal \d+ of 20.+\n {2}[0-9a-f]{64}\n {2}exported to heads\.json\n$/);
  assert.ok(sealed.stdout.includes(digest));
  const again = await run(db, 'seal', '--export', 'heads.json');
  assert.match(again.stdout, /^✓ Nothing new to seal/);
  assert.is((await readHeads(join(cwd, 'heads.json'))).length, 1, 'the same head once');

  await write(db);
  const good = await run(db, 'seal', 'verify', '--against', 'heads.json');
  assert.equal([good.code, good.stderr], [0, '']);
  assert.match(good.stdout, /^✓ The audit log is as it was sealed, up to entry \d+ on 20/);
});

test('a change is named, and a chain that was made anew is found by the head', async (db) => {
  await write(db, 3);
  await run(db, 'seal', '--export', 'heads.json');
  const entry = await only(db, 'select audit_ids[1] from audit_seals order by seal_id desc limit 1');
  await forge(db, `update audit_log set changed_by = 'mallory' where audit_id = ${entry}`);
  const changed = await run(db, 'seal', 'verify');
  assert.equal([changed.code, changed.stdout], [1, `✗ Entry ${entry}: changed, it is not what was sealed\n`]);

  // He seals all of it again.
  await forge(db, 'delete from audit_seals');
  await seal.run(undefined, db);
  assert.is((await run(db, 'seal', 'verify')).code, 0);
  const found = await run(db, 'seal', 'verify', '--against', 'heads.json');
  assert.is(found.code, 1);
  assert.match(found.stdout, /✗ Seal \d+ is not the one that was exported to heads\.json: the chain was made anew/);

  // Or he cuts the end off.
  rmSync(join(cwd, 'heads.json'));
  await write(db, 3);
  await run(db, 'seal', '--export', 'heads.json');
  await forge(db, 'delete from audit_log where audit_id = any (array(select unnest(audit_ids) from audit_seals order by seal_id desc limit 1))',
    'delete from audit_seals where seal_id = (select max(seal_id) from audit_seals)');
  assert.is((await run(db, 'seal', 'verify')).code, 0);
  const cut = await run(db, 'seal', 'verify', '--against', 'heads.json');
  assert.is(cut.code, 1);
  assert.match(cut.stdout, /✗ Seal \d+, which was exported to heads\.json, is not there: the end was cut off, or this is an older state of the database/);
});

/** The entries of these seals as a file, by the queries of the command. */
async function lines(db: TestDatabase): Promise<string> {
  let text = '';
  for (const { seal_id } of await sealsToArchive.run({ older_than: '0 seconds' }, db)) {
    for (const { line } of await archiveLines.run({ seal_id }, db)) text += `${line}\n`;
  }
  return text;
}

test('sealed entries are moved into a file, and chain and file prove each other', async (db) => {
  for (let i = 0; i < 3; i++) {
    await write(db, 2);
    await seal.run(undefined, db);
  }
  await write(db, 2);
  const none = await run(db, 'audit', 'export', 'none.ndjson', '--older-than', '1 day');
  assert.equal([none.code, none.stdout], [0, '✓ No entry has been sealed for that long\n']);
  const before = await all(db, 'select * from audit_log order by audit_id');
  const sealedUntil = Number(await only(db, 'select max(last_id) from audit_seals'));

  const moved = await run(db, 'audit', 'export', 'old.ndjson', '--older-than', '0 seconds');
  assert.is(moved.code, 0, moved.stderr);
  assert.match(moved.stdout, /^✓ \d+ entries of \d+ seals moved to old\.ndjson, .*B\n/);
  const kept = await all(db, 'select * from audit_log order by audit_id');
  assert.equal(kept.slice(0, 2), before.filter((entry) => entry['audit_id'] > sealedUntil), 'whole seals, and nothing else');
  const [said] = kept.slice(2);
  assert.equal([kept.length, said!['action'], said!['table_name'], said!['old_value'].rows], [3, 'DELETE', 'audit_log', before.length - 2]);
  const archived = readFileSync(join(cwd, 'old.ndjson'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { audit_id?: number });
  assert.equal(archived.flatMap((line) => line.audit_id ?? []), before.slice(0, -2).map((entry) => Number(entry['audit_id'])));

  assert.is((await run(db, 'seal', 'verify')).code, 0, 'without the file');
  const both = await run(db, 'seal', 'verify', '--archive', 'old.ndjson');
  assert.equal([both.code, both.stderr], [0, '']);
  assert.match(both.stdout, /^✓ old\.ndjson: \d+ entries of \d+ seals, as they were sealed\n✓ The audit log/);

  // The next archive goes on where this one ends.
  await seal.run(undefined, db);
  assert.is((await run(db, 'audit', 'export', 'next.ndjson', '--older-than', '0 seconds')).code, 0);
  assert.is((await run(db, 'seal', 'verify', '--archive', 'old.ndjson', 'next.ndjson')).code, 0);
});

test('what was done to an archive is found', async (db) => {
  await write(db, 3);
  await seal.run(undefined, db);
  const text = await lines(db);
  const path = join(cwd, 'forged.ndjson');
  const all = text.trimEnd().split('\n');
  for (const [title, forged] of [
    ['a changed byte', text.replace('"S"', '"T"')],
    ['a removed entry', all.slice(1).join('\n') + '\n'],
    ['two that change places', [all[1], all[0], ...all.slice(2)].join('\n') + '\n'],
    ['another number of entries', text.replace(/"entry_count" : \d+/, '"entry_count" : 1')],
    ['an end that is missing', all.slice(0, -1).join('\n') + '\n'],
    ['half a line', text.slice(0, -3)],
    ['a seal that is no JSON any more', text.replace('"entries_digest" : "', '"entries_digest" : ')],
    ['nothing', ''],
  ] as const) {
    writeFileSync(path, forged);
    const error = await fails('AUDIT_FILE', () => readArchive(path));
    assert.ok(error.message.startsWith(`${path} is not whole: `), title);
  }
  // A file that is whole, and of another log.
  const last = JSON.parse(all.at(-1)!) as { sealed_by: string };
  writeFileSync(path, text.replace(`"sealed_by" : "${last.sealed_by}"`, '"sealed_by" : "mallory"'));
  const other = await run(db, 'seal', 'verify', '--archive', 'forged.ndjson');
  assert.equal([other.code, other.stdout.split('\n')[0]], [1, '✗ forged.ndjson holds entries of another log, or the chain was made anew']);
  writeFileSync(path, text);
  const { firstSeal, seal_id } = await readArchive(path);
  await fails('MD009', () => archive.run({ first_seal: firstSeal, last_seal: seal_id, head: Buffer.alloc(32) }, db));
});

test('an export that was interrupted loses nothing, and goes on', async (db) => {
  await write(db, 3);
  await seal.run(undefined, db);
  const text = await lines(db);
  // Before the file was whole: what there is of it is not believed, and made anew.
  writeFileSync(join(cwd, '.again.ndjson.01234567.btcdb-partial'), text.slice(0, 100));
  const count = await only(db, 'select count(*)::int from audit_log');
  assert.is((await run(db, 'audit', 'export', 'again.ndjson', '--older-than', '0 seconds')).code, 0);
  assert.is(readFileSync(join(cwd, 'again.ndjson'), 'utf8'), text);
  assert.ok(await only(db, 'select count(*)::int from audit_log') < count);

  // After it was, and before the log was told.
  await seal.run(undefined, db);
  writeFileSync(join(cwd, 'left.ndjson'), await lines(db));
  assert.match((await run(db, 'audit', 'export', 'left.ndjson', '--older-than', '0 seconds')).stdout, /moved to left\.ndjson/);
  // After all of it: a second time is refused, and so is a file that leaves seals out.
  const twice = await run(db, 'audit', 'export', 'left.ndjson', '--older-than', '0 seconds');
  assert.is(twice.code, 1);
  assert.match(twice.stderr, /is not what the log has to archive next/);
  await write(db);
  await seal.run(undefined, db);
  await write(db);
  await seal.run(undefined, db);
  const whole = (await lines(db)).trimEnd().split('\n');
  writeFileSync(join(cwd, 'gap.ndjson'), whole.slice(whole.findIndex((line) => line.includes('"entries_digest"')) + 1).join('\n') + '\n');
  assert.match((await run(db, 'audit', 'export', 'gap.ndjson', '--older-than', '0 seconds')).stderr, /is not what the log has to archive next/);
  assert.is((await run(db, 'seal', 'verify')).code, 0);
});

test('of two who write one archive at once one fails, and who fails leaves nothing', async () => {
  const path = join(workFolder(), 'one.ndjson');
  await fails('EEXIST', () => writeWhole(path, (async function* () {
    yield 'slow\n';
    await writeWhole(path, ['quick\n', 'quick\n']);
    yield 'slow\n';
  })()));
  assert.is(readFileSync(path, 'utf8'), 'quick\nquick\n', 'not what the other has begun');
  await fails('ENOSPC', () => writeWhole(join(dirname(path), 'full.ndjson'), (function* () {
    yield 'as much as there was room for\n';
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  })()));
  assert.equal(readdirSync(dirname(path)), ['one.ndjson']);
});

test('a log that is not as it was sealed is not archived', async (db) => {
  await write(db, 3);
  await seal.run(undefined, db);
  const entry = await only(db, 'select audit_ids[1] from audit_seals order by seal_id desc limit 1');
  await forge(db, `create table kept as select * from audit_log where audit_id = ${entry}`, `update audit_log set changed_by = 'mallory' where audit_id = ${entry}`);
  const refused = await run(db, 'audit', 'export', 'refused.ndjson', '--older-than', '0 seconds');
  assert.is(refused.code, 1);
  assert.match(refused.stderr, /are not what was sealed \(AUDIT_FILE\)/);
  assert.is(await only(db, `select changed_by from audit_log where audit_id = ${entry}`), 'mallory', 'nothing was deleted');
  await forge(db, `update audit_log as l set changed_by = k.changed_by from kept as k where k.audit_id = l.audit_id`, 'drop table kept');

  // An entry without a seal among them.
  await forge(db, 'insert into audit_log (audit_id, action, table_name) overriding system value values (-1, \'INSERT\', \'forged\')');
  renameSync(join(cwd, 'refused.ndjson'), join(cwd, 'other.ndjson'));
  const inserted = await run(db, 'audit', 'export', 'refused.ndjson', '--older-than', '0 seconds');
  assert.match(inserted.stderr, /\d+ entries were sealed, and \d+ are there .*MD009/);
  await forge(db, 'delete from audit_log where audit_id = -1');
  assert.is((await run(db, 'seal', 'verify')).code, 0);
});

for (const statement of [
  'delete from audit_log where audit_id <= (select max(last_id) from audit_seals)',
  'update audit_seals set archived_at = now(), audit_ids = null, entry_digests = null',
  `select set_config('app.pipeline_token', 'a guess', true) from pg_sleep(0); delete from audit_log`,
]) {
  test(`only so are entries deleted, not by the owner's ${statement.slice(0, 24)}…`, async (db) => {
    await fails('MD003', () => db.query(statement));
  });
}

test('retention is shown, tried, set and switched off', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type) values ('kept', 'K', 'simple')`);
  await db.query(`insert into timeseries_data (source_id, timestamp, value) select source_id, t, 1 from sources, (values (timestamptz '2015-03-04Z'), (now())) as v (t) where name = 'kept'`);
  assert.match((await run(db, 'retention')).stdout, /^Nothing goes: retention is off/);
  const dry = await run(db, 'retention', '5 years', '--dry-run');
  assert.equal([dry.code, dry.stderr], [0, '']);
  assert.match(dry.stdout, /^1 chunk of 2, 1 rows, would go with the next daily run\n.*from.*\n2015-.* 1 .*next run +kept\n20\d\d-.* 1 .* 20\d\d-\d\d-\d\d +kept\n$/);
  const isOn = (): Promise<boolean> => only(db, `select exists (select from timescaledb_information.jobs where proc_name = 'drop_old_chunks')`);
  assert.is(await isOn(), false);
  assert.match((await run(db, 'retention', '5 years')).stdout, /^✓ Rows are kept for 5 years\n1 chunk of 2, 1 rows, go with/);
  assert.is(await isOn(), true);
  assert.match((await run(db, 'retention')).stdout, /^1 chunk of 2/);
  assert.is((await run(db, 'retention', 'off')).stdout, '✓ Rows are kept for ever\n');
  assert.is(await isOn(), false);
  assert.is((await run(db, 'retention', 'soon')).code, 2);
  assert.is(await only(db, 'select count(*)::int from timeseries_data'), 2);
});

test('a usage error is told', async (db) => {
  const wrong = await run(db, 'audit', 'export', 'x.ndjson', '--older-than', 'soon');
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /--older-than: invalid input syntax/);
  writeFileSync(join(cwd, 'empty.json'), '');
  assert.match((await run(db, 'seal', 'verify', '--against', 'empty.json')).stderr, /empty\.json holds no digest/);
  writeFileSync(join(cwd, 'wrong.json'), '{"seal_id":"1"}\n');
  assert.match((await run(db, 'seal', 'verify', '--against', 'wrong.json')).stderr, /wrong\.json is not whole/);
  await appendHead(join(cwd, 'empty.json'), { seal_id: '1', digest: '0'.repeat(64) });
  assert.equal(await readHeads(join(cwd, 'empty.json')), [{ seal_id: '1', digest: '0'.repeat(64) }]);
});

test.run();
