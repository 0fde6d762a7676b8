/** The importer, from a JSON file to rows, against bulkUpsert of rows that are in memory already. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { importFolder, type ImportStep } from '../../src/import/index.js';
import { addSource, numberOf, withoutTriggers } from '../database.js';
import { interleave, medianRatio, type Timing } from '../measure.js';
import { atLeast, result, time, type Result } from '../report.js';
import { candleRows, ofSource, type Observation } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

export const imports: Subject = {
  name: 'import',
  title: 'JSON import, from a file to compressed chunks',
  short: true,
  longMinutes: 2,
  run,
};

/** Each round has a year of its own, so that the rows of the others are refreshed and compressed already. */
async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const size = bench.rows(60_000, 200_000);
  const source = await addSource(db);
  const rowsOf = (round: number): Observation[] => candleRows({ count: size, first: Date.UTC(2012 + round, 0, 1) });
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-bench-'));
  const steps: Record<ImportStep, number>[] = [];
  let rows = ofSource([], source);
  try {
    const timings = await interleave(
      [
        {
          name: 'bulkUpsert',
          rows: size,
          async prepare(round) {
            // Without triggers nothing is archived; and nothing of it is left for the import to refresh and compress.
            await withoutTriggers(db, (client) => client.query('delete from public.timeseries_data where source_id = $1', [source]));
            rows = ofSource(rowsOf(round), source);
          },
          run: () => bulkUpsert(db, rows, { ingestMode: 'backfill' }),
        },
        {
          name: 'import, all five steps',
          rows: size,
          async prepare(round) {
            await withoutTriggers(db, (client) => client.query('delete from public.timeseries_data where source_id = $1', [source]));
            writeFileSync(join(folder, 'bench_import.json'), jsonOf(rowsOf(round)));
          },
          run: async () => steps.push(await importInSteps(bench, folder)),
        },
      ],
      { rounds: bench.rounds(2, 5), rotate: false },
    );
    const [bulk, whole] = timings as [Timing, Timing];
    const name = 'import, until the rows are stored';
    const stored: Timing = { name, rows: size, seconds: steps.map(({ register, load, upsert }) => register + load + upsert) };
    const share = (step: ImportStep): string => `${step} ${time(steps.map((s) => s[step]).reduce((a, b) => a + b) / steps.length)}`;
    const written = await numberOf(db, `select count(*) as n from public.timeseries_data as d
      join public.sources as s on s.source_id = d.source_id where s.name = 'bench_import'`);
    const goal = atLeast('at least 0.6', 0.6);
    return [
      result(bulk),
      result(stored, { of: 'speed', against: bulk, goal }),
      result(whole, { of: 'speed', against: bulk, goal },
        `${(['load', 'upsert', 'refresh', 'compress'] as const).map(share).join(', ')}; ${written} rows stored; refresh and compression, of which bulkUpsert does nothing, take ${
          medianRatio(steps.map((s) => s.refresh + s.compress), whole.seconds).toFixed(2)} of it`),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function importInSteps({ db }: Bench, folder: string): Promise<Record<ImportStep, number>> {
  const seconds: Record<ImportStep, number> = { register: 0, load: 0, upsert: 0, refresh: 0, compress: 0 };
  let step: ImportStep = 'register';
  let since = performance.now();
  const next = (to: ImportStep): void => {
    const now = performance.now();
    seconds[step] += (now - since) / 1000;
    [step, since] = [to, now];
  };
  const report = await importFolder(db, folder, {
    rejectsFolder: folder,
    onProgress: (progress) => {
      if (progress.step !== step) next(progress.step);
    },
  });
  next('register');
  if (!report.ok) throw new Error(`the import failed: ${report.files.map(({ error }) => error?.message).join(', ')}`);
  return seconds;
}

function jsonOf(rows: readonly Observation[]): string {
  const lines = rows.map(({ timestamp, open, high, low, close, volume }) => `[${timestamp}, ${open}, ${high}, ${low}, ${close}, ${volume}]`);
  return `[${lines.join(',\n')}]\n`;
}
