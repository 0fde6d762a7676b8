/** That every row has its source: what a foreign key would guarantee, checked once for each statement. */
import type { PoolClient } from 'pg';
import { copyLines } from '../../src/write/copy-lines.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { all, column, compressAll, day, only, source, twoSessions, waits, ways, write } from './support.js';

const test = databaseSuite('source-key');

const unknown = 2_000_000_000;

interface DatabaseError extends Error {
  detail?: string;
  schema?: string;
  table?: string;
  constraint?: string;
}

/** Those of the sources whose rows have no source. */
const orphans = (db: TestDatabase, ids: number[]): Promise<number[]> =>
  column(db, 'select distinct source_id from timeseries_data where source_id = any ($1) except select source_id from sources', [ids]);

for (const way of ways.filter((name) => name !== 'an update')) {
  for (const state of ['a new', 'a plain', 'a compressed'] as const) {
    test(`rows of an unknown source are refused like by a foreign key, by ${way} into ${state} chunk`, async (db) => {
      const known = await source(db);
      const at = day(ways.indexOf(way), state === 'a new' ? '2008-01-01' : state === 'a plain' ? '2010-01-01' : '2012-01-01');
      if (state !== 'a new') await write(db, [{ source_id: known, timestamp: at, value: 1 }]);
      if (state === 'a compressed') await compressAll(db);
      const rows = [known, unknown, unknown + 1].map((source_id) => ({ source_id, timestamp: day(40, at), value: 1 }));
      const error = await fails('23503', () => write(db, rows, way), /violates foreign key constraint/) as DatabaseError;
      assert.equal(
        [error.schema, error.table, error.constraint, error.detail],
        ['public', 'timeseries_data', 'timeseries_data_source_id_fkey', `Key (source_id)=(${unknown}) is not present in table "sources".`],
      );
      assert.is(await only(db, 'select count(*) from timeseries_data where source_id = any ($1) and timestamp = $2', [[known, unknown], day(40, at)]), '0');
      assert.equal(await orphans(db, [known, unknown, unknown + 1]), []);
    });
  }
}

test('an unknown source is told also where another statement of the same transaction was right', async (db) => {
  const id = await source(db);
  await fails('23503', () => write(db, [id, unknown].map((source_id) => ({ source_id, timestamp: day(0), value: 1 })), 'single inserts'));
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '0');
});

test('a source with compressed rows is kept whatever the session hides', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2015-05-05'), value: 1 }]);
  await compressAll(db);
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local timescaledb.enable_columnarscan = off');
    await client.query('delete from sources where source_id = $1', [id]);
    await client.query('commit');
  } finally {
    client.release();
  }
  assert.is(await only(db, 'select status from sources where source_id = $1', [id]), 'deprecated');
});

test('the number of a source stays', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await fails('MD005', () => db.query('update sources set source_id = default where source_id = $1', [id]));
  assert.is(await only(db, 'select count(*) from sources where source_id = $1', [id]), '1');
});

for (const statement of ['truncate sources', 'truncate sources cascade', 'drop table sources']) {
  test(`${statement} is refused`, async (db) => {
    const code = await db.query(statement).then(() => 'done', (error: { code: string }) => error.code);
    assert.ok(['0A000', 'MD004', '2BP01'].includes(code), code);
  });
}

// Interleaved ----------------------------------------------------------------------------------------------------------

const levels = ['read committed', 'repeatable read', 'serializable'] as const;
const writers = ['insert', 'COPY', 'upsert', 'restore'] as const;

const at = day(0, '2016-01-01');

async function put(client: PoolClient, way: (typeof writers)[number], id: number): Promise<void> {
  const insert = 'insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1)';
  if (way === 'COPY') await copyLines(client, 'public.timeseries_data', ['source_id', 'timestamp', 'value'], [Buffer.from(`${id}\t${at}\t1\n`)]);
  else if (way === 'restore') await client.query('select restore_archived($1)', [id]);
  else await client.query(way === 'insert' ? insert : `${insert} on conflict (source_id, timestamp) do update set value = excluded.value`, [id, at]);
}

/** Begins a transaction whose snapshot is older than what others do next. */
async function begin(client: PoolClient, level: string): Promise<void> {
  await client.query(`begin isolation level ${level}`);
  await client.query('select count(*) from sources');
}

async function prepare(db: TestDatabase, way: (typeof writers)[number], compressed: boolean, isNoted: boolean): Promise<number> {
  const [id, neighbour] = [await source(db), await source(db)];
  await write(db, [{ source_id: neighbour, timestamp: at, value: 1 }]);
  if (way === 'restore') {
    await write(db, [{ source_id: id, timestamp: at, value: 1 }]);
    await db.query('delete from timeseries_data where source_id = $1', [id]);
  }
  // As when another transaction has noted a later arrival: the insert does not touch the row of the source.
  if (isNoted) await db.query(`update sources set last_successful_update = now() + interval '1 day' where source_id = $1`, [id]);
  if (compressed) await compressAll(db);
  return id;
}

for (const way of writers) {
  for (const level of levels) {
    for (const compressed of [false, true]) {
      const where = `at ${level}, by ${way}${compressed ? ' into a compressed chunk' : ''}`;

      for (const isNoted of [false, true]) {
        test.onServer(`a source is kept whose rows are committed while it is deleted ${where}${isNoted ? ', without a change of it' : ''}`, async (db) => {
          const id = await prepare(db, way, compressed, isNoted);
          await twoSessions(db, async (writer, deleter) => {
            await begin(deleter, level);
            await begin(writer, 'read committed');
            await put(writer, way, id);
            const deleted = deleter.query('delete from sources where source_id = $1', [id])
              .then(() => 'done', (error: { code?: string }) => error.code);
            await waits(db, deleter);
            await writer.query('commit');
            const outcome = await deleted;
            if (level === 'read committed') assert.is(outcome, 'done');
            // The archive of what was restored is as old as the snapshot.
            else assert.ok(outcome === '40001' || outcome === '0A000' || (way === 'restore' && outcome === 'done'), outcome);
            await deleter.query('commit');
          });
          assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '1');
          assert.equal(await orphans(db, [id]), []);
          if (level === 'read committed') assert.is(await only(db, 'select status from sources where source_id = $1', [id]), 'deprecated');
        });
      }

      if (way === 'restore') continue; // what is in the archive keeps its source

      for (const end of ['commit', 'rollback'] as const) {
        test.onServer(`rows wait for the deletion of their source, which ends in ${end}, ${where}`, async (db) => {
          const id = await prepare(db, way, compressed, false);
          await twoSessions(db, async (deleter, writer) => {
            await begin(writer, level);
            await begin(deleter, 'read committed');
            await deleter.query('delete from sources where source_id = $1', [id]);
            const written = put(writer, way, id).then(() => 'done', (error: { code?: string }) => error.code);
            await waits(db, writer);
            await deleter.query(end);
            assert.is(await written, end === 'rollback' ? 'done' : level === 'read committed' ? '23503' : '40001');
            await writer.query('commit');
          });
          assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), end === 'rollback' ? '1' : '0');
          assert.equal(await orphans(db, [id]), []);
        });
      }
    }
  }
}

test('a source without rows is deleted at READ COMMITTED; any other level could not see all rows', async (db) => {
  const ids = [await source(db), await source(db), await source(db)];
  const client = await db.pool.connect();
  try {
    for (const [n, level] of levels.entries()) {
      await client.query(`begin isolation level ${level}`);
      const deletion = (): Promise<unknown> => client.query('delete from sources where source_id = $1', [ids[n]]);
      if (level === 'read committed') await deletion();
      else await fails('0A000', deletion, /isolation level/);
      await client.query('commit');
    }
  } finally {
    client.release();
  }
  assert.equal(
    await all(db, 'select source_id, status from sources where source_id = any ($1) order by 1', [ids]),
    ids.slice(1).map((source_id) => ({ source_id, status: 'active' })),
  );
});

test.run();
