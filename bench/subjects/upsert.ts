/** Rows that are there already: the same again, or others. */
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { minute } from '../../src/cli/demo/market.js';
import { addSource, numberOf, runFile } from '../database.js';
import { interleave, type Timing } from '../measure.js';
import { atMost, result, type Result } from '../report.js';
import { candleRows, makeChunks, ofSource, revised, slices } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

const first = Date.UTC(2024, 0, 1);
const backfill = { ingestMode: 'backfill' } as const;

export const upsert: Subject = {
  name: 'upsert',
  title: 'Rows that exist',
  short: true,
  longMinutes: 3,
  run,
};

async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const size = bench.rows(100_000, 100_000);
  const [source, anchor] = [await addSource(db), await addSource(db)];
  const observations = candleRows({ count: size, first });
  const rows = ofSource(observations, source);
  const changed = ofSource(revised(observations, 1), source);
  const batches = slices(changed, 1000);
  const auditRows = (): Promise<number> => numberOf(db, 'select count(*) as n from public.audit_log');
  let newAuditRows = 0;

  const timings = await interleave(
    [
      { name: 'bulkUpsert, new rows', rows: size, run: () => bulkUpsert(db, rows, backfill) },
      {
        name: 'bulkUpsert, nothing changed',
        rows: size,
        async prepare() {
          newAuditRows -= await auditRows();
        },
        run: () => bulkUpsert(db, rows, backfill),
      },
      {
        name: 'bulkUpsert, all changed',
        rows: size,
        async prepare() {
          newAuditRows += await auditRows();
        },
        run: () => bulkUpsert(db, changed, backfill),
      },
      {
        name: 'batches of 1,000, nothing changed',
        rows: size,
        async run() {
          for (const batch of batches) await bulkUpsert(db, batch, backfill);
        },
      },
    ],
    {
      rounds: bench.rounds(2, 5),
      rotate: false,
      async before() {
        await runFile(db, 'reset.sql');
        await makeChunks(db, 'public.timeseries_data', anchor, first, first + size * minute);
      },
    },
  );
  const [written, unchanged, rewritten, batched] = timings as [Timing, Timing, Timing, Timing];
  const goal = {
    text: 'at most 1, and no audit row',
    meets: (ratio: number): boolean => ratio <= 1 && newAuditRows === 0,
  };
  return [
    result(written),
    result(unchanged, { of: 'time', against: written, goal }, `${newAuditRows} new audit rows`),
    result(batched, { of: 'time', against: written }),
    result(rewritten, { of: 'time', against: written, goal: atMost('at most 2.5', 2.5) }, 'an audit row with the old and the new row for each of them'),
  ];
}
