/** How much smaller each kind of series becomes, each in a table of its own. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bytes, count } from '../../src/cli/console/terminal.js';
import { day, hour, minute, swinging } from '../../src/cli/demo/market.js';
import { sampleFiles } from '../../src/cli/demo/sample.js';
import { importFolder } from '../../src/import/index.js';
import { addSource, runFile, withoutTriggers, type BenchDatabase } from '../database.js';
import type { Result } from '../report.js';
import { candleRows, copyInto, copyText } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

export const compression: Subject = {
  name: 'compression',
  title: 'Compression, index and catalog included',
  short: true,
  longMinutes: 1,
  run,
};

async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const results: Result[] = [];
  const start = Date.UTC(2020, 0, 1);
  for (const [what, step, size] of [
    ['minute candles', minute, bench.rows(50_000, 200_000)],
    ['hourly candles', hour, bench.rows(10_000, 40_000)],
    ['daily candles', day, bench.rows(2000, 5000)],
  ] as const) {
    const goal = step === minute ? 6 : undefined;
    results.push(await measure(db, `generated ${what}`, goal, async () => {
      const source = await addSource(db, { frequency: `${step / 1000} seconds` });
      await copyInto(db, 'public.timeseries_data', copyText(candleRows({ count: size, first: start, step }), source));
    }));
  }
  for (const [what, type, mean, sigma, digits] of [
    ['RSI each hour', 'calculated', 50, 4, 2],
    ['funding rates each hour', 'derivative', 0.0001, 0.00003, 8],
    ['mentions each hour', 'social', 5000, 400, 0],
  ] as const) {
    results.push(await measure(db, `generated ${what}`, undefined, async () => {
      const source = await addSource(db, { frequency: '1 hour', dataType: type });
      const moments = Array.from({ length: bench.rows(10_000, 40_000) }, (_, i) => start + i * hour);
      const points = swinging({ seed: 3, moments, mean, sigma, memory: 0.9 });
      await withoutTriggers(db, (client) => client.query(
        `insert into public.timeseries_data (source_id, timestamp, value, is_backfilled)
         select $1, to_timestamp(at / 1000.0), value, true from unnest($2::bigint[], $3::numeric[]) as p (at, value)`,
        [source, points.map(({ at }) => at), points.map(({ value }) => value.toFixed(digits))],
      ));
    }));
  }
  results.push(...(await files(bench)));
  return results;
}

/** The sample of `btcdb demo`, and the real series in the folder of --data. */
async function files({ db, options }: Bench): Promise<Result[]> {
  const results: Result[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-bench-'));
  try {
    for (const [name, content] of Object.entries(sampleFiles(new Date(Date.UTC(2026, 0, 1))))) {
      if (name !== 'sources.json') writeFileSync(join(folder, name), content);
    }
    const real = options.data ?? (existsSync('../shared/data') ? '../shared/data' : undefined);
    for (const [kind, from] of [['sample', folder], ['real', real]] as const) {
      if (from === undefined) continue;
      for (const path of readdirSync(from).map((file) => join(from, file)).filter(isSeries).sort()) {
        results.push(await measure(db, `${kind} ${basename(path)}`, undefined, async () => {
          // The import compresses at its end what is older than a week.
          const report = await importFolder(db, path, { rejectsFolder: folder });
          if (!report.ok) throw new Error(`${path} cannot be imported: ${report.files[0]?.error?.message}`);
        }));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return results;
}

function isSeries(path: string): boolean {
  return /\.(json|csv)(\.gz)?$/.test(path) && statSync(path).isFile();
}

/** `goal`: the least ratio. */
async function measure(db: BenchDatabase, what: string, goal: number | undefined, load: () => Promise<void>): Promise<Result> {
  await runFile(db, 'reset.sql');
  await load();
  await db.query(`select compress_chunk(c, if_not_compressed => true) from show_chunks('public.timeseries_data') as c`);
  // Chunks that are rolled up into one count once: before and after are sums over what is compressed now.
  const { rows } = await db.query<{ before: string; after: string; chunks: string; rows: string; interval: string }>(
    `select
       sum(before_compression_total_bytes) as before,
       sum(after_compression_total_bytes) as after,
       count(*) as chunks,
       (select count(*) from public.timeseries_data) as rows
     from chunk_compression_stats('public.timeseries_data')
     where compression_status = 'Compressed'`,
  );
  const { before, after, chunks, rows: stored } = rows[0]!;
  const ratio = Number(before) / Number(after);
  return {
    what,
    rows: Number(stored),
    ratio: { value: ratio, of: 'size', against: `${bytes(after)} compressed` },
    ...(goal === undefined ? {} : { goal: { text: `at least ${goal}`, met: ratio >= goal } }),
    note: `${count(stored)} rows, ${bytes(before)} → ${bytes(after)}, ${(Number(after) / Number(stored)).toFixed(1)} bytes a row, ${chunks} chunks`,
  };
}
