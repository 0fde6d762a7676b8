import { bulkUpsert, type RowInput } from '../../src/write/bulk-upsert.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';

const minute = 60_000;
const start = Date.UTC(2020, 0, 1);
const length = 4000;
const batchSize = 250;
const writers = [0, 1, 2, 3, 4, 5, 6, 7];
const backfill = { ingestMode: 'backfill' } as const;

/** A wave with a spike now and then: outliers of both kinds, some of which also break a rule. */
function candles(source_id: number): RowInput[] {
  return Array.from({ length }, (_, i) => {
    const close = 100 + Math.sin(i / 40) + (i * 7919 % 11) / 10 + (i % 397 === 200 ? 7 : i % 613 === 300 ? 40 : 0);
    return { source_id, timestamp: start + i * minute, open: 100, high: Math.max(100, close), low: 95, close, volume: 1 };
  });
}

/** Batches in an order of this writer's own. */
function batches(rows: readonly RowInput[], writer: number): RowInput[][] {
  const all = Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, i) => rows.slice(i * batchSize, (i + 1) * batchSize));
  return all.map((_, i) => all[(i * 3 + writer) % all.length]!);
}

const test = databaseSuite('concurrent writers', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency)
    select 'source_' || n, 'Source', 'ohlcv', '1 minute' from generate_series(1, 10) as n`);
});

interface Outcome {
  rows: number;
  anomalies: number;
  doubled: number;
  audited: number;
  scores: string;
}

async function outcome(db: TestDatabase, source: number): Promise<Outcome> {
  const { rows: [found] } = await db.query<Outcome & { scores: string }>(`
    select
      (select count(*)::int from timeseries_data where source_id = $1) as rows,
      (select count(*)::int from anomalies where source_id = $1 and resolved_at is null) as anomalies,
      (
        select count(*)::int
        from (select from anomalies where source_id = $1 and resolved_at is null group by timestamp having count(*) > 1) as twice
      ) as doubled,
      (
        select sum(coalesce((new_value ->> 'rows')::int, 1))::int
        from audit_log
        where source_id = $1 and table_name = 'timeseries_data' and action = 'INSERT'
      ) as audited,
      (
        select md5(string_agg(concat_ws(' ', d.timestamp, d.close, d.quality_score, d.is_anomaly, d.is_validated,
          a.anomaly_type, a.severity, a.z_score), ',' order by d.timestamp))
        from timeseries_data as d
        left join anomalies as a on a.source_id = d.source_id and a.timestamp = d.timestamp and a.resolved_at is null
        where d.source_id = $1
      ) as scores`, [source]);
  return found!;
}

const serial = 10;

test('one writer after the other gives outliers to compare with', async (db) => {
  await bulkUpsert(db, candles(serial), backfill);
  const { rows, anomalies, doubled, audited } = await outcome(db, serial);
  assert.equal([rows, doubled, audited], [length, 0, length]);
  assert.ok(anomalies >= 10, `${anomalies} anomalies`);
});

test('8 writers of different sources do not touch each other', async (db) => {
  const expected = await outcome(db, serial);
  await Promise.all(writers.map(async (writer) => {
    for (const batch of batches(candles(writer + 1), 0).sort((a, b) => Number(a[0]!.timestamp) - Number(b[0]!.timestamp))) {
      await bulkUpsert(db, batch, backfill);
    }
  }));
  for (const writer of writers) assert.equal(await outcome(db, writer + 1), expected);
});

test('8 writers of one source, overlapping and in different order: no deadlock, nothing lost or double', async (db) => {
  const source = 9;
  const rows = candles(source);
  const counts = await Promise.all(writers.map(async (writer) => {
    let inserted = 0;
    for (const batch of batches(rows.slice(writer * 100, length - (7 - writer) * 100), writer)) {
      inserted += (await bulkUpsert(db, batch, backfill)).inserted;
    }
    return inserted;
  }));
  assert.is(counts.reduce((a, b) => a + b), length, 'each row is new for one writer');

  const before = await outcome(db, source);
  assert.equal([before.rows, before.doubled, before.audited], [length, 0, length]);
  // Rows came out of order, so that some were scored by another history.
  await db.query('call rescore($1)', [source]);
  assert.equal(await outcome(db, source), await outcome(db, serial));
});

test.run();
