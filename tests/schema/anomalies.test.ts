/**
 * Anomalies against an oracle that is written another way: for each row it looks at the 200 rows before, with integers
 * that cannot round.
 */
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { all, compressAll, day, hour, isCompressed, one, only, source, scoreOf, ways, write, type AnyRow, type Row } from './support.js';

const test = databaseSuite('anomalies');

// The oracle -----------------------------------------------------------------------------------------------------------

/** Levels in hundredths; null for a row without a level. */
type Levels = (number | null)[];

interface Expected {
  index: number;
  type: string;
  severity: string;
  isBlackSwan: boolean;
  /** Null after a flat history. */
  z: number | null;
  mean: number;
}

function oracle(levels: Levels): Expected[] {
  return levels.flatMap((level, index): Expected[] => {
    const before = levels.slice(Math.max(0, index - 200), index).filter((earlier) => earlier !== null).map(BigInt);
    if (level === null || before.length < 30) return [];
    const n = BigInt(before.length);
    const sum = before.reduce((total, x) => total + x, 0n);
    const squares = before.reduce((total, x) => total + x * x, 0n);
    // z = distance / n / sqrt(spread / (n (n - 1))), compared as squares of integers.
    const distance = n * BigInt(level) - sum;
    const spread = n * squares - sum * sum;
    const isBeyond = (k: bigint): boolean => distance * distance * (n - 1n) > k * k * n * spread;
    if (!isBeyond(4n)) return [];
    const isBlackSwan = isBeyond(6n);
    return [{
      index,
      type: isBlackSwan ? 'outlier_6sigma' : 'outlier_4sigma',
      severity: isBlackSwan ? 'CRITICAL' : isBeyond(5n) ? 'HIGH' : 'MEDIUM',
      isBlackSwan,
      z: spread === 0n ? null : Number(distance) * Math.sqrt((before.length - 1) / before.length / Number(spread)),
      mean: Number(sum) / before.length / 100,
    }];
  });
}

/** The same sequence of numbers in [0, 1) for the same seed (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Noise around a slow wave, with spikes of all sizes, a step, a flat run, and rows without a level. */
function series(seed: number, length = 460): Levels {
  const next = random(seed);
  return Array.from({ length }, (_, n) => {
    const noise = [1, 2, 3].reduce((sum) => sum + next() - 0.5, 0);
    const spike = next() < 0.04 ? (next() < 0.5 ? -1 : 1) * (2 + 7 * next()) : 0;
    if (n % 53 === 17) return null;
    if (n > 100 && n < 130) return 102_000 + (seed % 100);
    return Math.round(100_000 + 500 * Math.sin(n / 40) + 400 * noise + 500 * spike);
  });
}

function rowsOf(source_id: number, levels: Levels): Row[] {
  return levels.map((level, n) => ({ source_id, timestamp: hour(n), value: level === null ? null : (level / 100).toFixed(2) }));
}

/** Where the tests with a compressed chunk cut the series. */
const split = 420;

const levels = series(1069);
const expected = oracle(levels);

test('the series of these tests holds enough of everything', async () => {
  const count = (type: string, severity: string): number => expected.filter((e) => e.type === type && e.severity === severity).length;
  assert.ok(count('outlier_4sigma', 'MEDIUM') >= 3, `${count('outlier_4sigma', 'MEDIUM')} of MEDIUM`);
  assert.ok(count('outlier_4sigma', 'HIGH') >= 3, `${count('outlier_4sigma', 'HIGH')} of HIGH`);
  assert.ok(count('outlier_6sigma', 'CRITICAL') >= 3);
  assert.ok(expected.some((e) => e.z! < -4) && expected.some((e) => e.z! > 4));
  assert.ok(expected.some((e) => e.index >= split), 'some come after the split');
});

/** What the database has found must be what the oracle finds: the whole set, with its numbers, and the flags of the rows. */
async function matches(db: TestDatabase, sourceId: number, truth: Expected[], of: Levels = levels): Promise<void> {
  const found = await all(db, 'select * from anomalies where source_id = $1 and resolved_at is null order by timestamp', [sourceId]);
  assert.equal(
    found.map((a) => [a.timestamp.toISOString(), a.anomaly_type, a.severity, a.is_blackswan]),
    truth.map((e) => [hour(e.index), e.type, e.severity, e.isBlackSwan]),
  );
  truth.forEach((e, n) => {
    const a = found[n]!;
    const level = of[e.index]! / 100;
    const near = (what: string, actual: string | null, right: number | null, tolerance: number): void => {
      if (right === null || actual === null) assert.is(actual, right, `${what} of row ${e.index}`);
      else assert.ok(Math.abs(Number(actual) - right) <= tolerance, `${what} of row ${e.index}: ${actual} instead of ${right}`);
    };
    near('z_score', a.z_score, e.z, 2e-6);
    near('expected_value', a.expected_value, e.mean, 1e-8);
    near('deviation_pct', a.deviation_pct, (100 * (level - e.mean)) / e.mean, 2e-6);
    near('value', a.value, level, 0);
  });
  const flagged = await all(db, 'select timestamp from timeseries_data where source_id = $1 and is_anomaly order by timestamp', [sourceId]);
  assert.equal(flagged.map((row) => row.timestamp.toISOString()), truth.map((e) => hour(e.index)));
}

function batches<T>(rows: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, n) => rows.slice(n * size, (n + 1) * size));
}

function shuffled<T>(rows: T[], seed: number): T[] {
  const next = random(seed);
  return rows.map((row) => ({ row, key: next() })).sort((a, b) => a.key - b.key).map(({ row }) => row);
}

/** A source of hourly rows, so that the pipeline may tell far rows from near ones. */
const hourly = (db: TestDatabase): Promise<number> => source(db, { update_frequency: '1 hour' });

// Every way of arriving ------------------------------------------------------------------------------------------------

for (const size of [1000, 201, 200, 37, 1]) {
  test(`a series in batches of ${size} by multi-row insert has the right anomalies`, async (db) => {
    const id = await hourly(db);
    for (const batch of batches(rowsOf(id, levels), size)) await write(db, batch);
    await matches(db, id, expected);
  });
}

for (const size of [1000, 150]) {
  test(`a series in batches of ${size} by COPY has the right anomalies`, async (db) => {
    const id = await hourly(db);
    for (const batch of batches(rowsOf(id, levels), size)) await write(db, batch, 'COPY');
    await matches(db, id, expected);
  });
}

test('a series whose rows come mixed in one statement has the right anomalies', async (db) => {
  const id = await hourly(db);
  await write(db, shuffled(rowsOf(id, levels), 5), 'COPY');
  await matches(db, id, expected);
});

test('a series in shuffled batches has the right anomalies after rescore', async (db) => {
  const id = await hourly(db);
  for (const batch of batches(shuffled(rowsOf(id, levels), 7), 60)) await write(db, batch);
  await db.query('call rescore($1)', [id]);
  await matches(db, id, expected);
});

test('rescore of a part reads the history before it', async (db) => {
  const id = await hourly(db);
  const rows = rowsOf(id, levels);
  await write(db, rows.slice(200));
  await write(db, rows.slice(0, 200));
  await db.query('call rescore($1, $2, $3)', [id, hour(200), hour(levels.length)]);
  await matches(db, id, expected);
});

test('two sources that alternate in one statement do not disturb each other', async (db) => {
  const [a, b] = [await hourly(db), await hourly(db)];
  const other = series(42);
  const [rowsA, rowsB] = [rowsOf(a, levels), rowsOf(b, other)];
  await write(db, rowsA.flatMap((row, n) => [row, rowsB[n]!]), 'COPY');
  await matches(db, a, expected);
  await matches(db, b, oracle(other), other);
});

test('two sources that alternate in batches of inserts do not disturb each other', async (db) => {
  const [a, b] = [await hourly(db), await hourly(db)];
  const other = series(43);
  const [rowsA, rowsB] = [rowsOf(a, levels), rowsOf(b, other)];
  for (const batch of batches(rowsA.flatMap((row, n) => [row, rowsB[n]!]), 123)) await write(db, batch);
  await matches(db, a, expected);
  await matches(db, b, oracle(other), other);
});

/** Rows of a noisy wave with spikes, written by `insert … select`: a statement may have any number of them. */
async function generate(db: TestDatabase, id: number, from: number, to: number): Promise<void> {
  await db.query(
    `insert into timeseries_data (source_id, timestamp, value)
     select $1, '2020-01-01Z'::timestamptz + n * interval '1 hour',
       1000 + round(100 * sin(n / 50.0)) + n * 7919 % 13 + case when n % 1009 = 500 then 90 when n % 997 = 400 then 700 else 0 end
     from generate_series($2::int, $3::int) as n`,
    [id, from, to - 1],
  );
}

const allScores = (db: TestDatabase, id: number): Promise<AnyRow[]> => all(
  db,
  `select d.timestamp, d.quality_score, a.anomaly_type, a.severity, a.z_score
   from timeseries_data as d
   left join anomalies as a on a.source_id = d.source_id and a.timestamp = d.timestamp and a.resolved_at is null
   where d.source_id = $1 and (d.is_anomaly or d.quality_score <> 80 or a.anomaly_id is not null)
   order by d.timestamp`,
  [id],
);

test('a statement of more rows than are scored at a time, all of them late, has the scores of many small ones', async (db) => {
  const [whole, parts] = [await hourly(db), await hourly(db)];
  const count = 25_000;
  await generate(db, whole, 0, count);
  for (let from = 0; from < count; from += 2500) await generate(db, parts, from, from + 2500);
  const expected = await allScores(db, parts);
  assert.ok(expected.length > 20, `${expected.length} anomalies`);
  assert.equal(await allScores(db, whole), expected);
});

for (const frequency of ['1 second', '10 years']) {
  test(`an update_frequency of ${frequency} for hourly rows changes neither scores nor, by much, the time`, async (db) => {
    const [right, wrong] = [await hourly(db), await source(db, { update_frequency: frequency })];
    const timed = async (id: number): Promise<number> => {
      const start = performance.now();
      await generate(db, id, 0, 5000);
      await db.query('update timeseries_data set value = value + 1 where source_id = $1 and timestamp < $2', [id, hour(3000)]);
      return performance.now() - start;
    };
    const [expected, time] = [await timed(right), await timed(wrong)];
    assert.ok(time < 10 * expected, `${time} ms instead of ${expected} ms`);
    const flags = 'select timestamp from timeseries_data where source_id = $1 and is_anomaly order by timestamp';
    assert.equal(await all(db, flags, [wrong]), await all(db, flags, [right]));
  });
}

// Numbers near the end of numeric --------------------------------------------------------------------------------------

const huge = '9.9e131071';
const backfill = { ingestMode: 'backfill' } as const;

for (const way of ways) {
  test(`a level whose deviation overflows is stored and scored, by ${way}`, async (db) => {
    const id = await hourly(db);
    const rows = Array.from({ length: 80 }, (_, n): Row => ({ source_id: id, timestamp: hour(n), value: n === 40 ? huge : n === 60 ? `-${huge}` : 100 + n % 5 }));
    if (way === 'an upsert' || way === 'an update') await write(db, rows.map((row) => ({ ...row, value: 100 })), 'a multi-row insert', backfill);
    await write(db, rows, way, backfill);
    assert.equal(
      await all(db, 'select timestamp, value = abs($2::numeric) * sign(value) as is_exact, is_blackswan from anomalies where source_id = $1 order by timestamp', [id, huge]),
      [40, 60].map((n) => ({ timestamp: new Date(hour(n)), is_exact: true, is_blackswan: true })),
    );
    assert.is((await scoreOf(db, id, hour(40))).quality_score, 75);
    assert.is((await scoreOf(db, id, hour(79))).quality_score, 100);
  });
}

for (const [title, sign] of [['one sign', 1], ['alternating signs', -1]] as const) {
  test(`a series of levels near the end of numeric, of ${title}, is stored`, async (db) => {
    const id = await hourly(db);
    await db.query(
      `insert into timeseries_data (source_id, timestamp, value)
       select $1, '2020-01-01Z'::timestamptz + n * interval '1 hour', $2::numeric * (case when n % 2 = 0 then 1 else $3 end) from generate_series(0, 40) as n`,
      [id, huge, sign],
    );
    await db.query(`insert into timeseries_data (source_id, timestamp, value) values ($1, '2020-03-01Z', 1)`, [id]);
    assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '42');
    await db.query('call rescore($1)', [id]);
  });
}

for (const way of ['an upsert', 'an update'] as const) {
  test(`a series that is overwritten by ${way} has the right anomalies`, async (db) => {
    const id = await hourly(db);
    await write(db, rowsOf(id, series(44)));
    await write(db, rowsOf(id, levels), way);
    await matches(db, id, expected);
  });
}

test('rows far apart in one statement each have their own history', async (db) => {
  const id = await hourly(db);
  const rows = rowsOf(id, levels);
  const late = new Set([40, 41, 90, 310, 311, 400, ...expected.map((e) => e.index)]);
  await write(db, rows.filter((_, n) => !late.has(n)));
  await write(db, rows.filter((_, n) => late.has(n)));
  await db.query('call rescore($1)', [id]);
  await matches(db, id, expected);
});

test('a series with wide holes is scored by rows, not by time', async (db) => {
  const id = await hourly(db);
  // Each row is a day apart though the source is hourly: 200 rows are far more than 200 intervals.
  const rows = rowsOf(id, levels).map((row, n) => ({ ...row, timestamp: hour(n * 24) }));
  for (const batch of batches(rows, 100)) await write(db, batch);
  const found = await all(db, 'select timestamp, anomaly_type from anomalies where source_id = $1 order by timestamp', [id]);
  assert.equal(found.map((a) => [a.timestamp.toISOString(), a.anomaly_type]), expected.map((e) => [hour(e.index * 24), e.type]));
});

for (const way of ways) {
  test(`rows that reach a compressed chunk by ${way} find the history there`, async (db) => {
    const id = await hourly(db);
    const rows = rowsOf(id, levels);
    const isUpdate = way === 'an upsert' || way === 'an update';
    await write(db, isUpdate ? rows.map((row, n) => (n < split ? row : { ...row, value: 1 })) : rows.slice(0, split));
    await compressAll(db);
    await write(db, rows.slice(split), way);
    assert.is(await isCompressed(db, hour(split)), true);
    await matches(db, id, expected);
  });
}

// Bounds ---------------------------------------------------------------------------------------------------------------

/** 37 levels whose mean is 100 and whose sample standard deviation is exactly 1. */
const unit: string[] = ['100', ...Array.from({ length: 18 }, () => ['101', '99']).flat()];

async function after(db: TestDatabase, history: (string | null)[], level: string): Promise<{ id: number; at: string; found: AnyRow[] }> {
  const id = await source(db);
  const at = day(history.length);
  await write(db, [...history, level].map((value, n) => ({ source_id: id, timestamp: day(n), value })));
  return { id, at, found: await all(db, 'select * from anomalies where source_id = $1', [id]) };
}

for (const [level, type, severity] of [
  ['104', null, null],
  ['96', null, null],
  ['104.000001', 'outlier_4sigma', 'MEDIUM'],
  ['95.999999', 'outlier_4sigma', 'MEDIUM'],
  ['105', 'outlier_4sigma', 'MEDIUM'],
  ['105.000001', 'outlier_4sigma', 'HIGH'],
  ['106', 'outlier_4sigma', 'HIGH'],
  ['106.000001', 'outlier_6sigma', 'CRITICAL'],
  ['93.999999', 'outlier_6sigma', 'CRITICAL'],
] as const) {
  test(`${level} at mean 100 and deviation 1 is ${type ? `${type}, ${severity}` : 'no anomaly'}`, async (db) => {
    const { id, at, found } = await after(db, unit, level);
    assert.equal(found.map((a) => [a.anomaly_type, a.severity, a.is_blackswan]), type ? [[type, severity, type === 'outlier_6sigma']] : []);
    assert.is((await scoreOf(db, id, at)).is_anomaly, type !== null);
  });
}

for (const [count, isFound] of [[29, false], [30, true]] as const) {
  test(`${count} previous rows are ${isFound ? 'enough' : 'too few'}`, async (db) => {
    const { found } = await after(db, unit.slice(0, count), '1000');
    assert.is(found.length, isFound ? 1 : 0);
  });
}

test('previous rows without a level do not count', async (db) => {
  assert.is((await after(db, [...unit.slice(0, 29), null, null, null], '1000')).found.length, 0);
});

test('the history ends after 200 rows', async (db) => {
  // A huge level 201 rows before would hide the outlier; 200 rows before it does.
  const quiet = Array.from({ length: 200 }, (_, n) => (n % 2 ? '101' : '99'));
  assert.is((await after(db, ['100000', ...quiet], '150')).found.filter((a) => a.timestamp.toISOString() === day(201)).length, 1);
  assert.is((await after(db, ['100000', ...quiet.slice(1)], '150')).found.filter((a) => a.timestamp.toISOString() === day(200)).length, 0);
});

test('the row itself is not part of its history', async (db) => {
  const { found } = await after(db, unit, '1000');
  assert.equal([found[0]!.expected_value, found[0]!.z_score].map(Number), [100, 900]);
});

test('a tiny price has the same z as a huge one', async (db) => {
  for (const scale of ['e-14', 'e+10']) {
    const { found } = await after(db, unit.map((level) => `${level}${scale}`), `107${scale}`);
    assert.is(Number(found[0]?.z_score), 7, scale);
  }
});

// Flat history ---------------------------------------------------------------------------------------------------------

for (const way of ways) {
  test(`another level after a flat history is a black swan without a z-score, by ${way}`, async (db) => {
    const id = await source(db);
    await write(db, Array.from({ length: 31 }, (_, n) => ({ source_id: id, timestamp: day(n), value: '5.10' })));
    if (way === 'an upsert' || way === 'an update') await write(db, [{ source_id: id, timestamp: day(31), value: '5.1' }]);
    await write(db, [{ source_id: id, timestamp: day(31), value: '5.61' }], way);
    const a = await one(db, 'select * from anomalies where source_id = $1', [id]);
    assert.is(a.anomaly_type, 'outlier_6sigma');
    assert.is(a.severity, 'CRITICAL');
    assert.is(a.is_blackswan, true);
    assert.is(a.z_score, null);
    assert.equal(a.context, { flat_history: true });
    assert.is(Number(a.expected_value), 5.1);
    assert.is(Number(a.deviation_pct), 10);
    assert.is((await scoreOf(db, id, day(31))).is_anomaly, true);
  });
}

test('the same level after a flat history is nothing, however it is written', async (db) => {
  assert.is((await after(db, Array.from({ length: 40 }, (_, n) => (n % 2 ? '5' : '5.000')), '5.0')).found.length, 0);
});

test('a flat history of zero has no deviation in percent', async (db) => {
  const { found } = await after(db, Array.from({ length: 30 }, () => '0'), '1');
  assert.equal(found.map((a) => [a.is_blackswan, a.z_score, a.deviation_pct]), [[true, null, null]]);
});

// Corrections ----------------------------------------------------------------------------------------------------------

const summary = `select anomaly_type, severity, resolved_by, resolved_at is not null as resolved, value from anomalies where source_id = $1 order by anomaly_id`;

test('a correction back inside resolves the anomaly, by system, and keeps it', async (db) => {
  const { id, at } = await after(db, unit, '1000');
  await write(db, [{ source_id: id, timestamp: at, value: '101' }], 'an update', { user: 'alice', reason: 'typing error' });
  assert.equal(await all(db, summary, [id]), [
    { anomaly_type: 'outlier_6sigma', severity: 'CRITICAL', resolved_by: 'system', resolved: true, value: '1000' },
  ]);
  assert.is((await scoreOf(db, id, at)).is_anomaly, false);
});

test('a correction that leaves again opens the anomaly again', async (db) => {
  const { id, at } = await after(db, unit, '1000');
  await write(db, [{ source_id: id, timestamp: at, value: '101' }], 'an update');
  await write(db, [{ source_id: id, timestamp: at, value: '2000' }], 'an upsert');
  assert.equal(await all(db, summary, [id]), [
    { anomaly_type: 'outlier_6sigma', severity: 'CRITICAL', resolved_by: null, resolved: false, value: '2000' },
  ]);
});

test('from 4 to 6 sigma: the one is resolved, the other opened', async (db) => {
  const { id, at } = await after(db, unit, '104.5');
  await write(db, [{ source_id: id, timestamp: at, value: '110' }], 'an update');
  assert.equal(await all(db, summary, [id]), [
    { anomaly_type: 'outlier_4sigma', severity: 'MEDIUM', resolved_by: 'system', resolved: true, value: '104.5' },
    { anomaly_type: 'outlier_6sigma', severity: 'CRITICAL', resolved_by: null, resolved: false, value: '110' },
  ]);
  await write(db, [{ source_id: id, timestamp: at, value: '94.7' }], 'an update');
  assert.equal(await all(db, summary, [id]), [
    { anomaly_type: 'outlier_4sigma', severity: 'HIGH', resolved_by: null, resolved: false, value: '94.7' },
    { anomaly_type: 'outlier_6sigma', severity: 'CRITICAL', resolved_by: 'system', resolved: true, value: '110' },
  ]);
});

test('an anomaly whose history is corrected follows at the next rescore', async (db) => {
  const { id, at } = await after(db, unit, '104.5');
  await write(db, [{ source_id: id, timestamp: day(1), value: '150' }], 'an update');
  assert.is((await scoreOf(db, id, at)).is_anomaly, true);
  await db.query('call rescore($1)', [id]);
  assert.is((await scoreOf(db, id, at)).is_anomaly, false);
  assert.is((await all(db, summary, [id]))[0]!.resolved_by, 'system');
});

test('deleting the row resolves its anomaly; restoring it opens it again', async (db) => {
  const { id, at } = await after(db, unit, '1000');
  await db.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [id, at]);
  assert.is((await all(db, summary, [id]))[0]!.resolved_by, 'system');
  await db.query('select restore_archived($1)', [id]);
  assert.is((await all(db, summary, [id]))[0]!.resolved, false);
});

test('what a person has said survives rescore and an upsert of the same row', async (db) => {
  const { id, at } = await after(db, unit, '1000');
  await db.query(
    `update anomalies set reviewed = true, is_false_positive = true, resolved_at = '2020-06-01Z', resolved_by = 'alice', resolution_notes = 'real'
     where source_id = $1`,
    [id],
  );
  const review = 'select reviewed, is_false_positive, resolved_at, resolved_by, resolution_notes, detected_at from anomalies where source_id = $1';
  const before = await one(db, review, [id]);
  await db.query('call rescore($1)', [id]);
  await write(db, [{ source_id: id, timestamp: at, value: '1000' }], 'an upsert');
  assert.equal(await one(db, review, [id]), before);
  // Also when the numbers around it have moved a little.
  await write(db, [{ source_id: id, timestamp: day(0), value: '100.5' }], 'an update');
  await db.query('call rescore($1)', [id]);
  assert.equal({ ...(await one(db, review, [id])), detected_at: null }, { ...before, detected_at: null });
});

test('what a person has said about one value is not said about another', async (db) => {
  const { id, at } = await after(db, unit, '1000');
  await db.query(`update anomalies set reviewed = true, is_false_positive = true, resolved_at = now(), resolved_by = 'alice' where source_id = $1`, [id]);
  await write(db, [{ source_id: id, timestamp: at, value: '5000' }], 'an update');
  assert.equal(
    await one(db, 'select reviewed, is_false_positive, resolved_at, resolved_by, value from anomalies where source_id = $1', [id]),
    { reviewed: false, is_false_positive: false, resolved_at: null, resolved_by: null, value: '5000' },
  );
});

test('an anomaly that a person has resolved is not resolved once more by system', async (db) => {
  const { id, at } = await after(db, unit, '1000');
  await db.query(`update anomalies set resolved_at = '2020-06-01Z', resolved_by = 'alice' where source_id = $1`, [id]);
  await write(db, [{ source_id: id, timestamp: at, value: '100' }], 'an update');
  assert.is((await all(db, summary, [id]))[0]!.resolved_by, 'alice');
});

// The table ------------------------------------------------------------------------------------------------------------

test('one row per source, moment and type', async (db) => {
  const { id } = await after(db, unit, '1000');
  const copy = `insert into anomalies (source_id, timestamp, anomaly_type, severity) select source_id, timestamp, $2, 'LOW' from anomalies where source_id = $1`;
  await db.query(copy, [id, 'corrupt_data']);
  await fails('23505', () => db.query(copy, [id, 'outlier_6sigma']));
});

for (const [title, columns, code] of [
  ['an unknown severity', `severity = 'BAD'`, '23514'],
  ['an unknown type', `anomaly_type = 'odd'`, '22P02'],
  ['a resolution by nobody', `resolved_at = now(), resolved_by = null`, '23514'],
] as const) {
  test(`${title} is refused`, async (db) => {
    const { id } = await after(db, unit, '1000');
    await fails(code, () => db.query(`update anomalies set ${columns} where source_id = $1`, [id]));
  });
}

test('anomalies are counted once for a source', async (db) => {
  const { id } = await after(db, unit, '1000');
  for (let n = 0; n < 3; n++) await db.query('call rescore($1)', [id]);
  assert.is(await only(db, 'select count(*) from anomalies where source_id = $1', [id]), '1');
});

test.run();
