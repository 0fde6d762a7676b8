/** Reads of a large table: by typed functions and by bare pg with the same SQL and its own parsers. */
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { aggregates, candles, charts, series } from '../../src/index.js';
import { day, minute } from '../../src/cli/demo/market.js';
import { addSource, numberOf } from '../database.js';
import { fill } from '../fill.js';
import { interleave, median, type Contender, type Timing } from '../measure.js';
import { atLeast, atMost, result, type Goal, type Result } from '../report.js';
import type { Bench, Subject } from '../subject.js';

export const read: Subject = {
  name: 'read',
  title: 'Reads',
  short: true,
  longMinutes: 6,
  run,
};

/** Of 36 sources a few have a year of minutes up to now, the others hours. The fill is without triggers. */
async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const minuteSources = bench.options.long ? 8 : 1;
  const end = new Date(Math.floor(Date.now() / minute) * minute);
  // At a small scale the minutes reach back less than a year, and the comparisons mean less.
  const minuteDays = Math.max(35, Math.min(366, Math.round(366 * bench.options.scale)));
  const hourDays = Math.ceil(bench.rows(30, 1830));
  const first = await addSource(db);
  for (let i = 0; i < 36; i++) {
    const sourceId = i === 0 ? first : await addSource(db);
    const ofMinutes = i < minuteSources;
    const from = new Date(end.getTime() - (ofMinutes ? minuteDays : hourDays) * day);
    await fill(db, { sourceId, from, to: end, step: ofMinutes ? 60 : 3600 });
    if ((i + 1) % 12 === 0) bench.say(`read: filled ${i + 1} of 36 sources`);
  }
  await db.query('analyze public.timeseries_data');
  await db.query(`call refresh_continuous_aggregate('public.daily_ohlcv', null, null)`);
  const total = await numberOf(db, 'select count(*) as n from public.timeseries_data');
  const results: Result[] = [{ what: `${total} rows of 36 sources, filled without triggers`, rows: total }];

  const plain = new pg.Pool({ connectionString: db.url });
  try {
    results.push(...(await measure(bench, plain, first, end, 'plain')));
    bench.say('read: compressing');
    await db.query(`call public.compress_old_chunks()`);
    await db.query('analyze public.timeseries_data');
    results.push(...(await measure(bench, plain, first, end, 'compressed')));
  } finally {
    await plain.end();
  }
  return results;
}

async function measure(bench: Bench, plain: pg.Pool, source_id: number, end: Date, state: string): Promise<Result[]> {
  const { db } = bench;
  const quick = { rounds: bench.rounds(21, 101), warmUps: 6 };
  const slow = { rounds: bench.rounds(3, 7), warmUps: 1 };
  const before = (days: number): Date => new Date(end.getTime() - days * day);
  const name = (what: string): string => `${what}, ${state}`;

  const latest = await compare(quick, [
    { name: name('latest of each source, series.latest'), rows: 36, run: () => series.latest.run({}, db) },
    { name: name('latest of each source, bare pg'), rows: 36, run: await bare(plain, (spy) => series.latest.run({}, spy)) },
  ]);
  // It reads every row.
  const distinct = await compare(slow, [
    { name: name('latest of each source, distinct on'), rows: 36, run: () => db.query(distinctOn) },
    { name: name('latest of each source, series.latest'), rows: 36, run: () => series.latest.run({}, db) },
  ]);
  const month = await compare(slow, [
    { name: name('30 days of minutes, series.lastDays'), rows: 43_200, run: () => series.lastDays.run({ source_id, days: 30 }, db) },
    {
      name: name('30 days of minutes, bare pg'), rows: 43_200,
      run: await bare(plain, (spy) => series.lastDays.run({ source_id, days: 30 }, spy)),
    },
  ]);
  const year = { source_id, from: before(365), to: end };
  const daily = await compare({ rounds: bench.rounds(7, 15), warmUps: 6 }, [
    { name: name('a year of daily candles, aggregate'), rows: 365, run: () => aggregates.daily.run(year, db) },
    { name: name('a year of daily candles, raw minutes'), rows: 365, run: () => candles.buckets.run({ ...year, bucket: '1 day' }, db) },
    { name: name('a year of daily candles, aggregate, bare pg'), rows: 365, run: await bare(plain, (spy) => aggregates.daily.run(year, spy)) },
  ]);
  // Rows, not candles of a day, so a range that has ended.
  const chart = { source_id, from: new Date(end.getTime() - 10_000 * minute), to: end, bucket: '1 minute' };
  const json = await compare(slow, [
    { name: name('JSON of 10,000 candles, charts.candles'), rows: 10_000, run: async () => (await charts.candles.run(chart, db))[0]?.json },
    {
      name: name('JSON of 10,000 candles, mapped in Node'), rows: 10_000,
      run: async () => JSON.stringify((await candles.buckets.run(chart, db)).map((row) =>
        [row.bucket.getTime(), Number(row.open), Number(row.high), Number(row.low), Number(row.close), Number(row.volume)])),
    },
    {
      name: name('JSON of 10,000 candles, charts.candles, bare pg'), rows: 10_000,
      run: await bare(plain, (spy) => charts.candles.run(chart, spy)),
    },
  ]);
  const page = { source_id, from: before(10), to: end, after: null, limit: 10_000 };
  const typed = await compare({ rounds: bench.rounds(11, 41), warmUps: 3 }, [
    { name: name('10,000 rows, series.range'), rows: 10_000, run: () => series.range.run(page, db) },
    { name: name('10,000 rows, bare pg'), rows: 10_000, run: await bare(plain, (spy) => series.range.run(page, spy)) },
    { name: name('10,000 rows, bare pg, not prepared'), rows: 10_000, run: await bare(plain, (spy) => series.range.run(page, spy), { named: false }) },
  ]);

  const underThree: Goal = { text: 'under 3 ms', met: median(latest[0]!.seconds) < 0.003 };
  const node = await nodeShare(() => series.range.run(page, db));
  return [
    { ...result(latest[0]!, { of: 'time', against: latest[1]!, called: 'bare pg' }), goal: underThree },
    result(latest[1]!),
    result(distinct[0]!, { of: 'time', against: distinct[1]!, called: 'series.latest' }),
    result(month[0]!, { of: 'time', against: month[1]!, called: 'bare pg' }),
    result(month[1]!),
    result(daily[0]!, { of: 'speed', against: daily[1]!, called: 'raw minutes', goal: atLeast('at least 100', 100) }),
    result(daily[0]!, { of: 'time', against: daily[2]!, called: 'bare pg' }),
    result(daily[1]!),
    result(json[0]!, { of: 'time', against: json[1]!, called: 'mapped in Node' }),
    result(json[0]!, { of: 'time', against: json[2]!, called: 'bare pg' }),
    result(json[1]!),
    result(typed[0]!, { of: 'time', against: typed[1]!, called: 'bare pg', goal: atMost('at most 0.9', 0.9) },
      `this process computes for ${(100 * node).toFixed(0)} % of the time`),
    result(typed[1]!),
    result(typed[2]!, { of: 'time', against: typed[1]!, called: 'bare pg' }),
  ];
}

const compare = (options: { rounds: number; warmUps: number }, contenders: Contender[]): Promise<Timing[]> =>
  interleave(contenders, options);

const distinctOn = `
  select distinct on (d.source_id) d.source_id, d.timestamp, d.close, d.value, d.quality_score
  from public.timeseries_data as d
  order by d.source_id, d.timestamp desc`;

let names = 0;

/** What a typed function sends, to be sent by a pool of pg's own, as a named statement unless it is said otherwise. */
async function bare(
  plain: pg.Pool, run: (spy: Spy) => Promise<unknown>, { named = true } = {},
): Promise<() => Promise<unknown>> {
  const seen: { text: string; values: unknown[] }[] = [];
  await run({
    async query(text, values) {
      seen.push({ text, values });
      return { rows: [], rowCount: 0 };
    },
  });
  const [query] = seen;
  if (!query) throw new Error('the typed function sent nothing');
  const name = `bench_${++names}`;
  return () => plain.query({ ...query, ...(named ? { name } : {}) });
}

interface Spy {
  query(text: string, values: unknown[]): Promise<{ rows: never[]; rowCount: number }>;
}

/** Which part of the time this process is busy. */
async function nodeShare(work: () => Promise<unknown>): Promise<number> {
  const before = performance.eventLoopUtilization();
  for (let i = 0; i < 5; i++) await work();
  return performance.eventLoopUtilization(before).utilization;
}
