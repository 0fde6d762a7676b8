/** Rows for chunks that are compressed, against the same rows for chunks that are not. */
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { hour, minute } from '../../src/cli/demo/market.js';
import { addSource } from '../database.js';
import { interleave, type Contender } from '../measure.js';
import { result, type Result } from '../report.js';
import { candleRows, ofSource, revised } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

const backfill = { ingestMode: 'backfill' } as const;

export const compressed: Subject = {
  name: 'compressed',
  title: 'Rows for compressed chunks',
  short: true,
  longMinutes: 2,
  run,
};

/** Every round writes into two months of its own, one of them compressed. */
async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  // Less than a month of minutes, of which each half-hour lacks its last minute for the insert to fill.
  const size = bench.rows(20_000, 40_000);
  const rounds = bench.rounds(2, 5);
  const source = await addSource(db);
  // Months apart, years between the two kinds: compressed chunks of a year are rolled up into one.
  const month = (round: number, sealed: boolean): number => Date.UTC(sealed ? 2000 + round : 2012 + round, 5, 1);
  const all = (start: number) => candleRows({ count: size, first: start });
  const isGap = (timestamp: number): boolean => timestamp % (30 * minute) === 29 * minute;
  const stored = (start: number) => all(start).filter(({ timestamp }) => !isGap(timestamp));
  const missing = (start: number) => all(start).filter(({ timestamp }) => isGap(timestamp));
  const tail = (start: number) => candleRows({ count: Math.min(size, 60), first: start - hour });

  for (let round = 0; round < rounds; round++) {
    for (const sealed of [true, false]) await bulkUpsert(db, ofSource(stored(month(round, sealed)), source), backfill);
  }
  await db.query(`select compress_chunk(c) from show_chunks('public.timeseries_data', older_than => '2011-01-01'::timestamptz) as c`);

  const contenders: Contender[] = [];
  for (const [what, rowsOf] of [
    ['nothing changed', stored],
    ['60 new rows before them', tail],
    ['new rows in between', missing],
    ['all changed', (start: number) => revised(stored(start), 1)],
  ] as const) {
    for (const sealed of [false, true]) {
      let rows = ofSource([], source);
      contenders.push({
        name: `${what}, ${sealed ? 'compressed' : 'plain'}`,
        rows: rowsOf(month(0, sealed)).length,
        async prepare(round) {
          rows = ofSource(rowsOf(month(round, sealed)), source);
        },
        run: () => bulkUpsert(db, rows, backfill),
      });
    }
  }
  const timings = await interleave(contenders, { rounds, rotate: false });
  return timings.map((timing, i) => (i % 2 === 0 ? result(timing) : result(timing, { of: 'time', against: timings[i - 1]!, called: 'plain' })));
}
