/** What the same batch costs as the table grows, in rows and in chunks. */
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { hour, minute } from '../../src/cli/demo/market.js';
import { addSource, newDatabase, numberOf, type BenchDatabase } from '../database.js';
import { fill } from '../fill.js';
import { interleave, median, timed, type Contender, type Timing } from '../measure.js';
import { atMost, result, type Result } from '../report.js';
import { candleRows, ofSource } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

const sources = 36;
const backfill = { ingestMode: 'backfill' } as const;
const historyLength = 300;
const singles = 25;

export const growth: Subject = {
  name: 'growth',
  title: 'A batch as the table grows',
  short: false,
  serverOnly: true,
  longMinutes: 12,
  run,
};

interface Table {
  readonly db: BenchDatabase;
  readonly name: string;
  readonly rows: number;
}

/** A database for each size, so that the sizes can be measured in turns. Filled without triggers. */
async function run(bench: Bench): Promise<Result[]> {
  const million = bench.rows(100_000, 1_000_000);
  const sizes = await measure(bench, [0, 1, 5, 20].map((n) => ({ rows: n * million, months: 12 })), ({ rows }) => `${rows / 1e6} million rows`);
  const chunks = await measure(bench, [1, 12, 120].map((months) => ({ rows: million, months })), ({ chunks: n }) => `${n} chunks`);
  return [...sizes, ...chunks];
}

async function measure(
  bench: Bench,
  shapes: readonly { rows: number; months: number }[],
  nameOf: (shape: { rows: number; chunks: number }) => string,
): Promise<Result[]> {
  const tables: Table[] = [];
  try {
    for (const { rows, months } of shapes) {
      bench.say(`growth: making a table of ${rows} rows over ${months} months`);
      const db = await newDatabase(bench.serverUrl);
      await grow(db, rows, months);
      const chunks = await numberOf(db, `select count(*) as n from show_chunks('public.timeseries_data')`);
      tables.push({ db, name: nameOf({ rows, chunks }), rows });
    }
    return await batches(bench, tables);
  } finally {
    for (const { db } of tables) await db.drop();
  }
}

const end = Date.UTC(2024, 11, 31);

/** Rows spread evenly over the months before `end`, month by month: as they would have arrived. */
async function grow(db: BenchDatabase, rows: number, months: number): Promise<void> {
  if (rows === 0) return;
  const ids = await Promise.all(Array.from({ length: sources }, () => addSource(db)));
  for (let month = months - 1; month >= 0; month--) {
    const [from, to] = [new Date(Date.UTC(2024, 11 - month, 1)), new Date(Math.min(Date.UTC(2024, 12 - month, 1), end))];
    const step = Math.max(1, Math.floor((to.getTime() - from.getTime()) / 1000 / (rows / months / sources)));
    for (const sourceId of ids) await fill(db, { sourceId, from, to, step });
  }
  await db.query('vacuum (analyze) public.timeseries_data');
}

/** 10,000 rows of a new source in the last month, after a bit of history; then single rows behind them. */
async function batches(bench: Bench, tables: readonly Table[]): Promise<Result[]> {
  const size = bench.rows(10_000, 10_000);
  const rounds = bench.rounds(5, 11);
  const observations = candleRows({ count: historyLength + size + singles, first: end - 20 * 24 * hour, step: minute });
  const ids = new Map<Table, number>();
  const single = new Map<Table, number[]>(tables.map((table) => [table, []]));
  const contenders = tables.map((table): Contender => ({
    name: `batch of ${size}, ${table.name}`,
    rows: size,
    async prepare(round) {
      // The single rows belong to the round before.
      if (round > -1) single.get(table)?.push(await singleRow(table.db, ids.get(table)!, observations.slice(historyLength + size)));
      ids.set(table, await addSource(table.db));
      await bulkUpsert(table.db, ofSource(observations.slice(0, historyLength), ids.get(table)!), backfill);
    },
    run: () => bulkUpsert(table.db, ofSource(observations.slice(historyLength, historyLength + size), ids.get(table)!), backfill),
  }));
  const timings = await interleave(contenders, { rounds, warmUps: 1 });
  const singleTimings = tables.map((table): Timing => ({ name: `one row, ${table.name}`, rows: 1, seconds: single.get(table)! }));
  return [...compareAll(timings, tables), ...compareAll(singleTimings, tables)];
}

async function singleRow(db: BenchDatabase, sourceId: number, rows: Parameters<typeof ofSource>[0]): Promise<number> {
  const seconds: number[] = [];
  for (const row of ofSource(rows, sourceId)) seconds.push(await timed(() => bulkUpsert(db, [row], backfill)));
  return median(seconds);
}

function compareAll(timings: readonly Timing[], tables: readonly Table[]): Result[] {
  const [smallest] = timings as [Timing];
  const largest = Math.max(...tables.map(({ rows }) => rows));
  return timings.map((timing, i) => {
    if (i === 0) return result(timing);
    const isGoal = timing.rows > 1 && tables[0]!.rows === 0 && tables[i]!.rows === largest;
    return result(timing, { of: 'time', against: smallest, called: tables[0]!.name, ...(isGoal ? { goal: atMost('at most 1.3', 1.3) } : {}) });
  });
}
