/** The typed functions of backups; tests/schema/backups and tests/backup show what they are for. */
import * as generated from '../../queries/backups.queries.js';
import { transaction } from '../../src/client/transaction.js';
import { day, source, write } from '../schema/support.js';
import { assert, databaseSuite } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: backups, allProven } = checked('backups', generated);
const test = databaseSuite('queries of backups');

const stored = { name: 'a.dump', location: '/b', form: 'pg_dump', is_encrypted: false, taken_at: day(0), row_count: 1, size_bytes: 1, sha256: 'ab'.repeat(32) };

test('a database is described', async (db) => {
  assert.ok((await backups.isUntouched.run(undefined, db))[0]!.is_untouched);
  const id = await source(db, { name: 'described' });
  await write(db, [{ source_id: id, timestamp: day(0), value: '1' }]);
  assert.not.ok((await backups.isUntouched.run(undefined, db))[0]!.is_untouched);

  await db.query(`select set_retention('100 years')`);
  const database = (await db.query<{ name: string }>('select current_database() as name')).rows[0]!.name;
  await db.query(`alter database "${database}" set "btcdb.note" = 'a=b'`);
  await transaction(db, { readOnly: true, isolation: 'repeatable read', settings: { search_path: 'pg_catalog' } }, async (tx) => {
    assert.is((await backups.server.run(undefined, tx))[0]!.database, database);
    assert.ok(Number((await backups.contents.run(undefined, tx))[0]!.row_count) > 0);
    for (const query of [backups.schemaDigests, backups.roles, backups.tables, backups.sequences, backups.timescaleVersions] as const) {
      assert.ok((await query.run(undefined, tx)).length > 0);
    }
    assert.equal((await backups.settings.run(undefined, tx)).filter(({ name }) => name.startsWith('btcdb.')), [{ name: 'btcdb.note', value: 'a=b' }]);
    assert.is((await backups.retention.run(undefined, tx))[0]!.drop_after, '100 years');
    assert.not.ok((await backups.isEmpty.run(undefined, tx))[0]!.is_empty);
    assert.is((await backups.areAggregated.run(undefined, tx)).length, 1);
  });
  await db.query(`comment on database "${database}" is 'noted'`);
  assert.equal(await backups.databases.run({ name_like: database.replaceAll('_', '\\_') }, db), [{ name: database, comment: 'noted' }]);
  assert.equal(await backups.missingRoles.run({ names: ['btcdb_reader', 'nobody_here'] }, db), [{ name: 'nobody_here' }]);
  await transaction(db, { isolation: 'repeatable read' }, async (tx) => assert.is((await backups.exportSnapshot.run(undefined, tx)).length, 1));
});

test('a restore has its steps', async (db) => {
  await backups.setSequence.run({ name: 'public.backups_backup_id_seq', last_value: 41 }, db);
  await backups.compileRules.run(undefined, db);
  const [noted] = await backups.note.run(stored, db);
  assert.is(noted!.backup_id, '42');
  assert.equal(await backups.noteVerified.run({ ...stored, verified_on: 'PostgreSQL' }, db), [noted]);
  assert.equal(await backups.noteRemoved.run(stored, db), [noted]);
  assert.is((await backups.list.run(undefined, db)).length, 1);
  await transaction(db, {}, async (tx) => {
    assert.ok((await backups.lockCompression.run(undefined, tx))[0]!.is_locked);
    await backups.takeTurnToVerify.run(undefined, tx);
    await backups.takeTurnToRestore.run({ database: 'restored' }, tx);
    await tx.query('select pg_advisory_unlock_all()');
  });

  await backups.stopPolicies.run(undefined, db);
  await backups.startPolicies.run(undefined, db);
  await backups.beforeRestore.run(undefined, db);
  await transaction(db, {}, (tx) => backups.afterRestore.run(undefined, tx));
  await backups.startPolicies.run(undefined, db);
});

test('every query and column was seen', async () => allProven());

test.run();
