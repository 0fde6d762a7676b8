/** New rows by every path that writes in bulk, against COPY without triggers and against triggers for each row. */
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { minute } from '../../src/cli/demo/market.js';
import { addSource, numberOf, runFile } from '../database.js';
import { interleave, type Contender, type Timing } from '../measure.js';
import { atLeast, result, type Result } from '../report.js';
import { candleRows, copyInto, copyIntoClassical, copyText, makeChunks, ofSource, slices } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

const first = Date.UTC(2024, 0, 1);
const backfill = { ingestMode: 'backfill' } as const;

export const write: Subject = {
  name: 'write',
  title: 'New rows in bulk',
  short: true,
  longMinutes: 3,
  run,
};

async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const size = bench.rows(100_000, 100_000);
  // Rows by the classical design are so slow that a tenth must do; it gets COPY, its quickest path.
  const classicalSize = Math.ceil(size / (bench.options.long ? 5 : 50));
  const rows = candleRows({ count: size, first });
  const last = first + size * minute;

  // A source of its own for each contender, and the texts and objects are ready: what is measured is writing.
  const sources = await Promise.all(Array.from({ length: 7 }, () => addSource(db)));
  const [plain, batchedPlain, bulk, batches, copied, classical, anchor] = sources as
    [number, number, number, number, number, number, number];
  const live = await addSource(db);
  const plainText = copyText(rows, plain);
  const batchedPlainTexts = slices(rows, 1000).map((slice) => copyText(slice, batchedPlain));
  const bulkRows = ofSource(rows, bulk);
  const batchRows = slices(ofSource(rows, batches), 1000);
  const copiedText = copyText(rows, copied);
  const classicalText = copyText(rows.slice(0, classicalSize), classical);
  const liveRows = ofSource(rows, live);

  const contenders: Contender[] = [
    { name: 'COPY without triggers', rows: size, run: () => copyInto(db, 'bench.plain', plainText) },
    { name: 'bulkUpsert', rows: size, run: () => bulkUpsert(db, bulkRows, backfill) },
    { name: 'COPY into timeseries_data', rows: size, run: () => copyInto(db, 'public.timeseries_data', copiedText) },
    {
      name: 'bulkUpsert, batches of 1,000',
      rows: size,
      async run() {
        for (const batch of batchRows) await bulkUpsert(db, batch, backfill);
      },
    },
    {
      name: 'COPY without triggers, batches of 1,000',
      rows: size,
      async run() {
        for (const text of batchedPlainTexts) await copyInto(db, 'bench.plain', text);
      },
    },
    { name: 'triggers for each row, COPY', rows: classicalSize, run: () => copyIntoClassical(db, classicalText) },
  ];
  if (bench.options.long) contenders.push({ name: 'bulkUpsert, live, all rows late', rows: size, run: () => bulkUpsert(db, liveRows) });
  const timings = await interleave(
    contenders,
    {
      rounds: bench.rounds(3, 7),
      async before() {
        await runFile(db, 'reset.sql');
        for (const table of ['public.timeseries_data', 'bench.plain', 'bench.classical']) {
          await makeChunks(db, table, anchor, first, last);
        }
      },
    },
  );

  const [ceiling, bulked, copiedRows, batched, batchedCeiling, rowTriggers, late] = timings as
    [Timing, Timing, Timing, Timing, Timing, Timing, Timing | undefined];
  const anomalies = await numberOf(db, 'select count(*) as n from public.anomalies where source_id = $1', [bulk]);
  const half = { of: 'speed', against: ceiling } as const;
  return [
    result(ceiling),
    result(bulked, { ...half, goal: atLeast('at least 0.75', 0.75) }, `${anomalies} of ${size} rows are anomalies`),
    result(bulked, { of: 'speed', against: rowTriggers, goal: atLeast('at least 8', 8) }),
    result(copiedRows, half),
    result(batched, { ...half, goal: atLeast('at least 0.45', 0.45) }),
    result(batched, { of: 'speed', against: batchedCeiling }),
    result(batchedCeiling, half),
    ...(late ? [result(late, half, 'each row is stored again with its score')] : []),
    result(rowTriggers, half, `${classicalSize} rows; neither lineage nor freshness`),
  ];
}
