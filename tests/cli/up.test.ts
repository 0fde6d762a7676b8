/** `btcdb up` believes the hashes, and says only what it has done. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../../src/schema/migrate.js';
import { appliedMigrations, migrationsFolder, readCommitted } from '../../src/schema/migration-state.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { btcdb, workFolder, type Outcome } from './run.js';
import { loadGraphileMigrate } from '../../src/schema/graphile-migrate.js';

const { calculateHash } = await loadGraphileMigrate();

const test = databaseSuite('cli: up');

const command = (db: TestDatabase, ...args: string[]): Promise<Outcome> => btcdb([...args, '--url', db.url], { cwd: workFolder() });

/** Changes what the database believes to have applied for as long as `work` takes. */
async function withHistory(db: TestDatabase, change: string, work: () => Promise<void>): Promise<void> {
  await db.query('create table history as select * from graphile_migrate.migrations');
  try {
    await db.query(change);
    await work();
  } finally {
    await db.query(`delete from graphile_migrate.migrations;
      insert into graphile_migrate.migrations select * from history order by filename; drop table history`);
  }
}

/** A copy of the committed set. */
function copyOfSet(): string {
  const folder = workFolder();
  cpSync(join(migrationsFolder, 'committed'), join(folder, 'committed'), { recursive: true });
  return folder;
}

test('a database with another committed set is refused, whatever the command', (db) =>
  withHistory(db, `update graphile_migrate.migrations set hash = md5(hash), previous_hash = md5(previous_hash)`, async () => {
    for (const name of ['up', 'status', 'refresh']) {
      const { code, stdout, stderr } = await command(db, name);
      assert.is(code, 1);
      assert.is(stdout, '', 'it does not claim to have applied anything');
      assert.match(stderr, /^error: The database has applied another version of 000001-extensions\.sql: \w+, not sha1:\w+ \(MIGRATION_DIVERGED\)\nhint: .*"Upgrading" in README\.md/);
    }
    const doctor = await command(db, 'doctor');
    assert.is(doctor.code, 2);
    assert.match(doctor.stdout, /✗ The database has applied another version of 000001-extensions\.sql: .*\n {2}→ .*"Upgrading" in README\.md/);
    assert.is((await appliedMigrations(db)).length, readCommitted().length, 'nothing was added');
  }));

test('a history that leaves the chain in the middle is refused, though its last number is ours', (db) =>
  withHistory(db, `
    with changed as (select hash as mine from graphile_migrate.migrations where filename = '000003.sql')
    update graphile_migrate.migrations
    set hash = case hash when mine then 'sha1:other' else hash end,
        previous_hash = case previous_hash when mine then 'sha1:other' else previous_hash end
    from changed`, async () => {
    const { code, stderr } = await command(db, 'up');
    assert.is(code, 1);
    assert.match(stderr, /another version of 000003-core\.sql: sha1:other, not sha1:\w+ \(MIGRATION_DIVERGED\)/);
  }));

test('a shorter history of another set is refused, and not continued with ours', (db) =>
  withHistory(db, `delete from graphile_migrate.migrations where filename > '000005.sql';
    update graphile_migrate.migrations set hash = md5(hash), previous_hash = md5(previous_hash)`, async () => {
    assert.match((await command(db, 'up')).stderr, '(MIGRATION_DIVERGED)');
    assert.is((await appliedMigrations(db)).length, 5);
  }));

test('a migration in the middle that is missing is refused', (db) =>
  withHistory(db, `
    update graphile_migrate.migrations
    set previous_hash = (select hash from graphile_migrate.migrations where filename = '000001.sql')
    where filename = '000003.sql';
    delete from graphile_migrate.migrations where filename = '000002.sql'`, async () => {
    assert.match((await command(db, 'up')).stderr, 'has applied 000003-core.sql without 000002-enums.sql, which comes before it (MIGRATION_DIVERGED)');
  }));

test('a database that a newer version has migrated is refused by up; what reads goes on', async (db) => {
  await withHistory(db, `insert into graphile_migrate.migrations (hash, previous_hash, filename)
    select 'sha1:newer', hash, '000099.sql' from graphile_migrate.migrations order by filename desc limit 1`, async () => {
    const up = await command(db, 'up');
    assert.is(up.code, 1);
    assert.match(up.stderr, /^error: The database has applied 000099\.sql \(sha1:newer\), which is not among .* \(MIGRATION_UNKNOWN\)\nhint: Update btc-dashboard-db/);
    assert.is((await command(db, 'status')).code, 0);
  });
});

test('an edited file of the set is refused before anything runs', async (db) => {
  const folder = copyOfSet();
  const file = join(folder, 'committed', readCommitted().at(-1)!.name);
  writeFileSync(file, `${readFileSync(file, 'utf8')}\ncreate table public.smuggled ();\n`);
  await fails('MIGRATION_EDITED', () => migrate(db.url, undefined, folder), /\.sql was edited/);
  const { rows } = await db.query(`select to_regclass('public.smuggled') as smuggled`);
  assert.equal(rows, [{ smuggled: null }]);
});

test.onServer('on a server that takes no writes it still says that nothing is to be done, and others say why they fail', async (db) => {
  const url = `${db.url}?options=-c%20default_transaction_read_only%3Don`;
  const up = await btcdb(['up', '--url', url], { cwd: workFolder() });
  assert.is(up.code, 0, up.stderr);
  assert.is(up.stdout, '✓ already up to date\n');
  const refresh = await btcdb(['refresh', '--url', url], { cwd: workFolder() });
  assert.is(refresh.code, 1);
  assert.match(refresh.stderr, /\(the database, SQLSTATE 25006\)\nhint: This server takes no writes: it is a hot standby.*the URL of the primary/);
});

test('it tells what was applied, and nothing else', async (db) => {
  assert.equal(await migrate(db.url), []);
  await withHistory(db, 'select 1', async () => {
    const folder = copyOfSet();
    const { hash } = readCommitted().at(-1)!;
    const body = 'create table if not exists public.more ();\n';
    writeFileSync(join(folder, 'committed', '000099-more.sql'), `--! Previous: ${hash}\n--! Hash: ${calculateHash(body, hash)}\n\n${body}`);
    assert.equal(await migrate(db.url, undefined, folder), ['000099-more.sql']);
    assert.equal(await migrate(db.url, undefined, folder), []);
  });
});

test.run();
