/** What rescore makes of rows that others change while it runs, and of what no longer holds. */
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { all, compressAll, hour, one, source, twoSessions, waits, write, type AnyRow } from './support.js';

const test = databaseSuite('rescore');

const spike = 60;
const at = hour(spike);

/** A source of 100 hourly rows with a black swan among them. */
async function withSpike(db: TestDatabase): Promise<number> {
  const id = await source(db, { update_frequency: '1 hour' });
  const rows = Array.from({ length: 100 }, (_, n) => ({ source_id: id, timestamp: hour(n), value: n === spike ? 1000 : 100 + n % 5 }));
  await write(db, rows, 'a multi-row insert', { ingestMode: 'backfill' });
  return id;
}

const openAnomalies = (db: TestDatabase, id: number): Promise<AnyRow[]> =>
  all(db, 'select timestamp, anomaly_type from anomalies where source_id = $1 and resolved_at is null', [id]);

const flagged = (db: TestDatabase, id: number): Promise<AnyRow[]> =>
  all(db, 'select timestamp from timeseries_data where source_id = $1 and is_anomaly', [id]);

const correct = 'update timeseries_data set value = 101 where source_id = $1 and timestamp = $2';

for (const state of ['plain', 'compressed'] as const) {
  const prepare = async (db: TestDatabase): Promise<number> => {
    const id = await withSpike(db);
    if (state === 'compressed') await compressAll(db);
    return id;
  };

  test.onServer(`a rescore that waits for a correction scores what that has stored, in a ${state} chunk`, async (db) => {
    const id = await prepare(db);
    await twoSessions(db, async (writer, rescorer) => {
      await writer.query('begin');
      await writer.query(correct, [id, at]);
      const rescored = rescorer.query('call rescore($1)', [id]);
      await waits(db, rescorer);
      await writer.query('commit');
      await rescored;
    });
    assert.equal(await openAnomalies(db, id), []);
    assert.equal(await flagged(db, id), []);
  });

  test.onServer(`a correction that waits for a rescore is scored afterwards, in a ${state} chunk`, async (db) => {
    const id = await prepare(db);
    await twoSessions(db, async (rescorer, writer) => {
      await rescorer.query('begin');
      await rescorer.query('call rescore($1)', [id]);
      const corrected = writer.query(correct, [id, at]);
      await waits(db, writer);
      await rescorer.query('commit');
      await corrected;
    });
    assert.equal(await openAnomalies(db, id), []);
    assert.equal(await flagged(db, id), []);
  });

  test.onServer(`a rescore in REPEATABLE READ that runs into a correction fails with 40001, in a ${state} chunk`, async (db) => {
    const id = await prepare(db);
    for (const order of ['correction first', 'waiting']) {
      await twoSessions(db, async (writer, rescorer) => {
        await rescorer.query('begin isolation level repeatable read');
        await rescorer.query('select count(*) from sources');
        await writer.query('begin');
        await writer.query('update timeseries_data set value = value + 1 where source_id = $1 and timestamp = $2', [id, at]);
        if (order === 'correction first') await writer.query('commit');
        const refused = fails('40001', () => rescorer.query('call rescore($1)', [id]));
        if (order === 'waiting') {
          await waits(db, rescorer);
          await writer.query('commit');
        }
        await refused;
      });
      assert.is((await openAnomalies(db, id)).length, 1, order);
      if (state === 'compressed') await compressAll(db);
    }
  });

  test.onServer(`a rescore that waits for a deletion leaves nothing behind, in a ${state} chunk`, async (db) => {
    const id = await prepare(db);
    await twoSessions(db, async (writer, rescorer) => {
      await writer.query('begin');
      await writer.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [id, at]);
      const rescored = rescorer.query('call rescore($1)', [id]);
      await waits(db, rescorer);
      await writer.query('commit');
      await rescored;
    });
    assert.equal(await openAnomalies(db, id), []);
  });
}

test.onServer('a rescore whose snapshot is older than a merge of chunks fails with 40001', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  await db.query(`insert into timeseries_data (source_id, timestamp, value)
    select $1, day, 1 from generate_series('2015-01-01Z'::timestamptz, '2015-03-31Z', '1 day') as day`, [id]);
  await twoSessions(db, async (rescorer) => {
    await rescorer.query('begin isolation level repeatable read');
    await rescorer.query('select from sources');
    await db.query('call compress_old_chunks()');
    await fails('40001', () => rescorer.query('call rescore($1)', [id]), /merged or dropped/);
    await rescorer.query('rollback');
    await rescorer.query('call rescore($1)', [id]);
  });
});

test.onServer('a rescore of another range, and of another source, waits for nobody', async (db) => {
  const [id, other] = [await withSpike(db), await withSpike(db)];
  await twoSessions(db, async (writer, rescorer) => {
    await writer.query('begin');
    await writer.query(correct, [id, at]);
    await rescorer.query(`set statement_timeout = '20s'`);
    await rescorer.query('call rescore($1, $2)', [id, hour(spike + 1)]);
    await rescorer.query('call rescore($1)', [other]);
    await rescorer.query('reset statement_timeout');
  });
});

test('rescore resolves an anomaly that is open for a clean row', async (db) => {
  const id = await withSpike(db);
  for (const [n, type] of [[10, 'outlier_4sigma'], [11, 'outlier_6sigma'], [12, 'late_data']] as const) {
    await db.query(
      `insert into anomalies (source_id, timestamp, anomaly_type, severity) values ($1, $2, $3, 'HIGH')`, [id, hour(n), type],
    );
  }
  await db.query('call rescore($1, $2, $2)', [id, hour(10)]);
  assert.is((await openAnomalies(db, id)).length, 3, 'it keeps to its range');
  await db.query('call rescore($1)', [id]);
  assert.equal(
    (await openAnomalies(db, id)).map((a) => [a.timestamp.toISOString(), a.anomaly_type]).sort(),
    [[hour(12), 'late_data'], [at, 'outlier_6sigma']].sort(),
  );
  assert.equal(
    await one(db, 'select resolved_by, resolution_notes from anomalies where source_id = $1 and timestamp = $2', [id, hour(11)]),
    { resolved_by: 'system', resolution_notes: 'The row is back inside.' },
  );
});

test('rescore resolves an outlier of a row that is gone, but not of rows that retention dropped', async (db) => {
  const id = await withSpike(db);
  const open = 'insert into anomalies (source_id, timestamp, anomaly_type, severity) values ($1, $2, $3, $4)';
  await db.query(open, [id, '2020-01-20', 'outlier_6sigma', 'CRITICAL']);
  await db.query('call rescore($1)', [id]);
  assert.equal((await openAnomalies(db, id)).map((a) => a.timestamp.toISOString()), [at]);
});

test.run();
