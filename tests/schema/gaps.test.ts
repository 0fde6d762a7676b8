/** detect_gaps and record_gaps. */
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { transaction } from '../../src/client/transaction.js';
import { all, day, hour, one, only, source, write, type Runner } from './support.js';

const test = databaseSuite('gaps');

type Gap = [start: string, end: string, missing: number];

async function gaps(db: Runner, id: number, from: string | null = null, to: string | null = null): Promise<Gap[]> {
  const found = await all(db, 'select * from detect_gaps($1, $2, $3)', [id, from, to]);
  return found.map((g) => [g.gap_start.toISOString(), g.gap_end.toISOString(), Number(g.missing_points)]);
}

/** A source with a row at each of these moments. */
async function series(db: TestDatabase, frequency: string, moments: string[], columns: Record<string, unknown> = {}): Promise<number> {
  const id = await source(db, { update_frequency: frequency, ...columns });
  if (moments.length > 0) await write(db, moments.map((timestamp) => ({ source_id: id, timestamp, value: 1 })), 'COPY', { ingestMode: 'backfill' });
  return id;
}

const hours = (...numbers: number[]): string[] => numbers.map((n) => hour(n));
const dates = (...texts: string[]): string[] => texts.map((text) => `${text}T00:00:00.000Z`);

// Finding --------------------------------------------------------------------------------------------------------------

test('a complete series has no gap', async (db) => {
  assert.equal(await gaps(db, await series(db, '1 hour', hours(0, 1, 2, 3, 4))), []);
});

test('an empty series and a single row have no gap', async (db) => {
  assert.equal(await gaps(db, await series(db, '1 hour', [])), []);
  assert.equal(await gaps(db, await series(db, '1 hour', hours(5))), []);
});

test('gaps are listed from first to last missing moment, in order', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2, 3, 7, 8));
  assert.equal(await gaps(db, id), [[hour(1), hour(1), 1], [hour(4), hour(6), 3]]);
});

test('rows need not lie on the grid', async (db) => {
  const jitter = [3, -4, 10, 20, -20].map((minutes, n) => hour(n + minutes / 60));
  assert.equal(await gaps(db, await series(db, '1 hour', jitter)), []);
  const id = await series(db, '1 hour', [hour(0.05), hour(2.9)]);
  assert.equal((await gaps(db, id)).map(([, , missing]) => missing), [2]);
});

test('more rows than the frequency asks for are no gap', async (db) => {
  assert.equal(await gaps(db, await series(db, '1 day', hours(0, 1, 2, 24, 30, 48))), []);
});

test('a range that starts and ends with a row has the gaps inside', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2, 5, 6, 9));
  assert.equal(await gaps(db, id, hour(2), hour(6)), [[hour(3), hour(4), 2]]);
});

test('a range may start and end in a gap', async (db) => {
  const id = await series(db, '1 hour', hours(0, 5, 6, 12));
  assert.equal(await gaps(db, id, hour(3), hour(8)), [[hour(3), hour(4), 2], [hour(7), hour(8), 2]]);
});

test('a range off the grid invents no gap', async (db) => {
  const id = await series(db, '1 hour', hours(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  for (const [from, to] of [[2.5, 6.5], [2.01, 6.99], [2.99, 6.01]] as const) {
    assert.equal(await gaps(db, id, hour(from), hour(to)), [], `${from} to ${to}`);
  }
  const holed = await series(db, '1 hour', hours(0, 1, 5, 6, 10));
  assert.equal(await gaps(db, holed, hour(2.5), hour(8.5)), [[hour(3), hour(4), 2], [hour(7), hour(8), 2]]);
});

test('a range without any row is missing as a whole', async (db) => {
  const id = await series(db, '1 hour', []);
  assert.equal(await gaps(db, id, hour(0), hour(3)), [[hour(0), hour(3), 4]]);
});

test('an open range ends with the series', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2, 5));
  assert.equal(await gaps(db, id, hour(2)), [[hour(3), hour(4), 2]]);
  assert.equal(await gaps(db, id, null, hour(2)), [[hour(1), hour(1), 1]]);
});

test('months are counted by the calendar', async (db) => {
  const complete = dates('2019-12-01', '2020-01-01', '2020-02-01', '2020-03-01', '2020-04-01');
  assert.equal(await gaps(db, await series(db, '1 month', complete)), []);
  assert.equal(
    await gaps(db, await series(db, '1 month', dates('2010-01-01', '2013-01-01', '2013-02-01'))),
    [['2010-02-01T00:00:00.000Z', '2012-12-01T00:00:00.000Z', 35]],
  );
  assert.equal(
    await gaps(db, await series(db, '3 months', dates('2020-01-01', '2020-10-01'))),
    [['2020-04-01T00:00:00.000Z', '2020-07-01T00:00:00.000Z', 2]],
  );
  assert.equal(
    await gaps(db, await series(db, '1 year', dates('2009-01-01', '2012-01-01'))),
    [['2010-01-01T00:00:00.000Z', '2011-01-01T00:00:00.000Z', 2]],
  );
});

test('ends of months are no gap', async (db) => {
  assert.equal(await gaps(db, await series(db, '1 month', dates('2021-01-31', '2021-02-28', '2021-03-31', '2021-04-30'))), []);
});

test('a day has 24 hours, whatever the time zone of the session', async (db) => {
  const id = await series(db, '1 day', dates('2024-03-08', '2024-03-09', '2024-03-10', '2024-03-12'));
  await transaction(db, {}, async (tx) => {
    await tx.query(`set local timezone = 'America/New_York'`);
    assert.equal(await gaps(tx, id), [['2024-03-11T00:00:00.000Z', '2024-03-11T00:00:00.000Z', 1]]);
  });
});

test('a week that is missing from 100 is found', async (db) => {
  const id = await series(db, '1 week', Array.from({ length: 100 }, (_, n) => day(7 * n)).filter((_, n) => n !== 50));
  assert.equal(await gaps(db, id), [[day(350), day(350), 1]]);
});

test('gaps of US sources are counted in trading days', async (db) => {
  // Thursday 2024-07-04 was a holiday, 6 and 7 a weekend.
  const us = { market_type: 'US' };
  assert.equal(await gaps(db, await series(db, '1 day', dates('2024-07-02', '2024-07-03', '2024-07-05', '2024-07-08'), us)), []);
  assert.equal(
    await gaps(db, await series(db, '1 day', dates('2024-07-01', '2024-07-03', '2024-07-08'), us)),
    [['2024-07-02T00:00:00.000Z', '2024-07-02T00:00:00.000Z', 1], ['2024-07-05T00:00:00.000Z', '2024-07-05T00:00:00.000Z', 1]],
  );
  // A gap over the weekend is one gap.
  assert.equal(
    await gaps(db, await series(db, '1 day', dates('2024-07-03', '2024-07-09'), us)),
    [['2024-07-05T00:00:00.000Z', '2024-07-08T00:00:00.000Z', 2]],
  );
});

test('a US row may come at any hour of its day', async (db) => {
  assert.equal(await gaps(db, await series(db, '1 day', ['2024-07-02T20:00:00Z', '2024-07-03T17:00:00Z', '2024-07-05T20:00:00Z'], { market_type: 'US' })), []);
});

test('a crypto source has no days off', async (db) => {
  const id = await series(db, '1 day', dates('2024-07-05', '2024-07-08'));
  assert.equal(await gaps(db, id), [['2024-07-06T00:00:00.000Z', '2024-07-07T00:00:00.000Z', 2]]);
});

test('an unknown source and an upside-down range are refused', async (db) => {
  const id = await source(db);
  await fails('MD006', () => db.query('select * from detect_gaps(2000000000)'));
  await fails('MD007', () => gaps(db, id, hour(2), hour(1)));
  await fails('MD006', () => db.query('call record_gaps(2000000000)'));
});

// Recording ------------------------------------------------------------------------------------------------------------

const recorded = `select timestamp, anomaly_type, severity, context, resolved_by from anomalies where source_id = $1 order by timestamp`;

test('record_gaps writes each gap as an anomaly, once', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2, 7, 40));
  await db.query('call record_gaps($1)', [id]);
  await db.query('call record_gaps($1, $2, $3)', [id, null, null]);
  const found = await all(db, recorded, [id]);
  assert.equal(
    found.map((a) => [a.timestamp.toISOString(), a.anomaly_type, a.severity, new Date(a.context.gap_end).toISOString(), a.context.missing_points]),
    [
      [hour(1), 'missing_data', 'LOW', hour(1), 1],
      [hour(3), 'missing_data', 'MEDIUM', hour(6), 4],
      [hour(8), 'missing_data', 'HIGH', hour(39), 32],
    ],
  );
});

test('a gap that is filled is resolved by system', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2, 5));
  await db.query('call record_gaps($1)', [id]);
  await write(db, [{ source_id: id, timestamp: hour(1), value: 1 }]);
  await db.query('call record_gaps($1)', [id]);
  assert.equal((await all(db, recorded, [id])).map((a) => [a.timestamp.toISOString(), a.resolved_by]), [[hour(1), 'system'], [hour(3), null]]);
});

test('a gap that opens again is open again', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2));
  await db.query('call record_gaps($1)', [id]);
  await write(db, [{ source_id: id, timestamp: hour(1), value: 1 }]);
  await db.query('call record_gaps($1)', [id]);
  await db.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [id, hour(1)]);
  await db.query('call record_gaps($1)', [id]);
  assert.equal((await all(db, recorded, [id])).map((a) => a.resolved_by), [null]);
});

test('a gap that grows shorter is recorded with its new extent', async (db) => {
  const id = await series(db, '1 hour', hours(0, 5));
  await db.query('call record_gaps($1)', [id]);
  await write(db, [{ source_id: id, timestamp: hour(4), value: 1 }]);
  await db.query('call record_gaps($1)', [id]);
  const gap = await one(db, recorded, [id]);
  assert.equal([gap.timestamp.toISOString(), new Date(gap.context.gap_end).toISOString(), gap.context.missing_points], [hour(1), hour(3), 3]);
});

test('what a person has said about a gap stays', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2));
  await db.query('call record_gaps($1)', [id]);
  await db.query(`update anomalies set reviewed = true, resolved_at = now(), resolved_by = 'alice' where source_id = $1`, [id]);
  await db.query('call record_gaps($1)', [id]);
  assert.is((await one(db, recorded, [id])).resolved_by, 'alice');
});

test('record_gaps leaves other anomalies and what lies outside its range alone', async (db) => {
  const id = await series(db, '1 hour', hours(0, 2, 4, 6));
  await db.query('call record_gaps($1)', [id]);
  await db.query(`insert into anomalies (source_id, timestamp, anomaly_type, severity) values ($1, $2, 'late_data', 'LOW')`, [id, hour(2)]);
  await write(db, hours(1, 5).map((timestamp) => ({ source_id: id, timestamp, value: 1 })));
  await db.query('call record_gaps($1, $2, $3)', [id, hour(0), hour(2)]);
  assert.equal(
    (await all(db, recorded, [id])).map((a) => [a.timestamp.toISOString(), a.anomaly_type, a.resolved_by]),
    [[hour(1), 'missing_data', 'system'], [hour(2), 'late_data', null], [hour(3), 'missing_data', null], [hour(5), 'missing_data', null]],
  );
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '6');
});

test.run();
