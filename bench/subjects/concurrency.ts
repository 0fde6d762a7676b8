/** Writers side by side: how fast, and whether all is as if they had come one after the other. */
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { Random } from '../../src/cli/demo/random.js';
import { addSource, numberOf, runFile, type BenchDatabase } from '../database.js';
import { interleave, type Timing } from '../measure.js';
import { result, type Result } from '../report.js';
import { candleRows, disputed, makeChunks, ofSource, slices, type Observation } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

const writers = 8;
const batchSize = 1000;
const first = Date.UTC(2024, 0, 1);
const backfill = { ingestMode: 'backfill' } as const;

export const concurrency: Subject = {
  name: 'concurrency',
  title: '8 writers, batches of 1,000',
  short: true,
  serverOnly: true,
  longMinutes: 3,
  run,
};

async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const size = bench.rows(32_000, 160_000);
  const part = Math.ceil(size / writers);
  const different = await Promise.all(Array.from({ length: writers }, () => addSource(db)));
  const [alone, same, revisedSource, serial, anchor] = (await Promise.all(Array.from({ length: 5 }, () => addSource(db)))) as
    [number, number, number, number, number];
  const rows = candleRows({ count: size, first, seed: 5 });
  const parts = slices(rows, part);
  const overlaps = overlapping(rows);
  // Two writers bring other values for what the others bring as well.
  const disagreeing = overlaps.map((batches, i) => (i % 4 === 3 ? batches.map((batch) => disputed(batch, i)) : batches));
  const overlapSize = overlaps.flat(2).length;

  const timings = await interleave(
    [
      { name: '1 writer', rows: size, run: () => writeAll(db, alone, slices(rows, batchSize)) },
      {
        name: '8 writers, a source each',
        rows: size,
        run: () => Promise.all(parts.map((own, i) => writeAll(db, different[i]!, slices(own, batchSize)))),
      },
      {
        name: '8 writers, one source, overlapping',
        rows: overlapSize,
        run: () => Promise.all(overlaps.map((batches) => writeAll(db, same, batches))),
      },
      {
        name: '8 writers, one source, overlapping, two disagree',
        rows: overlapSize,
        run: () => Promise.all(disagreeing.map((batches) => writeAll(db, revisedSource, batches))),
      },
    ],
    {
      rounds: bench.rounds(2, 5),
      async before() {
        await runFile(db, 'reset.sql');
        await makeChunks(db, 'public.timeseries_data', anchor, first, rows.at(-1)!.timestamp);
      },
    },
  );

  const [one, each, overlapped, disagreed] = timings as [Timing, Timing, Timing, Timing];
  const ownChecks: string[] = [];
  for (const [i, source] of different.entries()) {
    ownChecks.push(...(await faults(db, source, parts[i]?.length ?? 0)));
    ownChecks.push(...(await compareWithSerial(db, source, await addSource(db))).faults);
  }
  const checked = async (source: number, twin: number): Promise<{ met: boolean; note: string }> => {
    const before = await faults(db, source, rows.length);
    const { faults: after, rescored } = await compareWithSerial(db, source, twin);
    const wrong = [...before, ...after];
    return { met: wrong.length === 0, note: `${wrong.join('; ') || 'as a serial run'}; rescore changed ${rescored} rows` };
  };
  const sameCheck = await checked(same, serial);
  const revisedCheck = await checked(revisedSource, await addSource(db));
  const text = 'no deadlock, nothing lost or double';
  return [
    result(one),
    {
      ...result(each, { of: 'speed', against: one }, ownChecks.join('; ') || 'as a serial run'),
      goal: { text, met: ownChecks.length === 0 },
    },
    { ...result(overlapped, { of: 'speed', against: one }, sameCheck.note), goal: { text, met: sameCheck.met } },
    { ...result(disagreed, { of: 'speed', against: one }, revisedCheck.note), goal: { text, met: revisedCheck.met } },
  ];
}

/** For each writer half of the rows, from where the others also write, in batches of random order. */
function overlapping(rows: readonly Observation[]): Observation[][][] {
  const half = Math.ceil(rows.length / 2);
  return Array.from({ length: writers }, (_, writer) => {
    const from = Math.floor(((rows.length - half) * writer) / (writers - 1));
    const random = new Random(writer + 1);
    return slices(rows.slice(from, from + half), batchSize)
      .map((batch) => ({ batch, order: random.next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ batch }) => batch);
  });
}

async function writeAll(db: BenchDatabase, source: number, batches: readonly (readonly Observation[])[]): Promise<void> {
  for (const batch of batches) await bulkUpsert(db, ofSource(batch, source), backfill);
}

/** What must hold the moment the writers are done. A deadlock would have ended the run. */
async function faults(db: BenchDatabase, source: number, expected: number): Promise<string[]> {
  const found: string[] = [];
  const check = async (what: string, text: string, should = 0): Promise<void> => {
    const n = await numberOf(db, text, [source]);
    if (n !== should) found.push(`${what}: ${n} instead of ${should}`);
  };
  await check('rows', 'select count(*) as n from public.timeseries_data where source_id = $1', expected);
  await check('rows in the audit log', `
    select coalesce(sum(coalesce((new_value ->> 'rows')::int, 1)), 0) as n
    from public.audit_log where source_id = $1 and table_name = 'timeseries_data' and action = 'INSERT'`, expected);
  await check('flagged rows without an open anomaly', `
    select count(*) as n from public.timeseries_data as d
    where d.source_id = $1 and d.is_anomaly
      and not exists (${openAnomalies})`);
  await check('open anomalies without a flagged row', `
    select count(*) as n from public.anomalies as a
    where a.source_id = $1 and a.resolved_at is null and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
      and not exists (
        select from public.timeseries_data as d
        where d.source_id = a.source_id and d.timestamp = a.timestamp and d.is_anomaly
      )`);
  await check('rows with two open anomalies', `
    select count(*) as n from (
      select from public.anomalies as a
      where a.source_id = $1 and a.resolved_at is null and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
      group by a.timestamp having count(*) > 1
    ) as twice`);
  return found;
}

const openAnomalies = `
  select from public.anomalies as a
  where a.source_id = d.source_id and a.timestamp = d.timestamp and a.resolved_at is null
    and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')`;

/** Writes what is stored once more, to another source, in order and at once; rescores; and compares all scores. */
async function compareWithSerial(db: BenchDatabase, source: number, twin: number): Promise<{ faults: string[]; rescored: number }> {
  const { rows } = await db.query<{ timestamp: Date; open: string; high: string; low: string; close: string; volume: string }>(
    'select timestamp, open, high, low, close, volume from public.timeseries_data where source_id = $1 order by timestamp', [source]);
  await bulkUpsert(db, rows.map((row) => ({ source_id: twin, ...row })), backfill);
  const rescored = await numberOf(db, differentRows, [source, twin]);
  await db.query(`call public.rescore($1)`, [source]);
  const found: string[] = [];
  for (const [what, text] of [['rows with another score than serially', differentRows], ['anomalies other than serially', differentAnomalies]] as const) {
    const n = await numberOf(db, text, [source, twin]);
    if (n !== 0) found.push(`${what}: ${n}`);
  }
  // The serial run wrote in order, so rescoring it must change nothing either.
  const before = await fingerprint(db, twin);
  await db.query(`call public.rescore($1)`, [twin]);
  if ((await fingerprint(db, twin)) !== before) found.push('rescoring the serial run changed it');
  return { faults: found, rescored };
}

const differentRows = `
  select count(*) as n
  from (
    select timestamp, quality_score, is_anomaly, is_validated from public.timeseries_data where source_id = $1
  ) as a
  full join (
    select timestamp, quality_score, is_anomaly, is_validated from public.timeseries_data where source_id = $2
  ) as b on b.timestamp = a.timestamp
  where (a.quality_score, a.is_anomaly, a.is_validated) is distinct from (b.quality_score, b.is_anomaly, b.is_validated)`;

const differentAnomalies = `
  select count(*) as n
  from (
    select timestamp, anomaly_type, severity, value, z_score, expected_value, is_blackswan
    from public.anomalies where source_id = $1 and resolved_at is null
  ) as a
  full join (
    select timestamp, anomaly_type, severity, value, z_score, expected_value, is_blackswan
    from public.anomalies where source_id = $2 and resolved_at is null
  ) as b on b.timestamp = a.timestamp and b.anomaly_type = a.anomaly_type
  where a is distinct from b`;

async function fingerprint(db: BenchDatabase, source: number): Promise<string | undefined> {
  const { rows } = await db.query<{ print: string }>(
    `select md5(string_agg(concat_ws(',', timestamp, quality_score, is_anomaly, is_validated), ';' order by timestamp)) as print
     from public.timeseries_data where source_id = $1`, [source]);
  return rows[0]?.print;
}
