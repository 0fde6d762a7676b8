/** The demo: a sample is made, imported, and looked at through the typed functions. */
import asciichart from 'asciichart';
import { daily } from '../../../queries/aggregates.queries.js';
import { worst } from '../../../queries/anomalies.queries.js';
import { recent } from '../../../queries/audit.queries.js';
import { filledLevels } from '../../../queries/candles.queries.js';
import { compressionTotal, refreshAll } from '../../../queries/operations.queries.js';
import { gaps, recordGaps } from '../../../queries/quality.queries.js';
import { range } from '../../../queries/series.queries.js';
import { list } from '../../../queries/sources.queries.js';
import type { Database } from '../../client/open.js';
import type { ImportReport } from '../../import/index.js';
import { bulkUpsert } from '../../write/bulk-upsert.js';
import { sumOf } from '../console/import-report.js';
import { migrateWithReport } from '../console/migration-report.js';
import { printSources } from '../console/source-status.js';
import { bytes, colours, count, cut, duration, heading, marks, moment, plural, print, printTable } from '../console/terminal.js';
import { importWithDisplay } from '../console/watched-import.js';
import { examineConnection, printFinding } from '../doctor/examine.js';
import { candleChart } from './candle-chart.js';
import { day } from './market.js';
import { LIVE_HOURS, liveRows, prepareSample, type Sample } from './sample.js';

export interface DemoPlaces {
  /** Where the sample is written. */
  readonly sample: string;
  /** Where rejected rows are written. */
  readonly rejects: string;
  /** How a path is shown. */
  readonly shown: (path: string) => string;
}

/** Runs the demo on a database that is open. Returns the exit code. */
export async function runDemo(db: Database, places: DemoPlaces): Promise<number> {
  const started = performance.now();
  if (db.engine === 'embedded') await migrateWithReport(db, { quiet: true });
  if (!(await examineConnection(db, printFinding)).healthy) return 1;
  const auditBefore = await lastAuditId(db);

  const sample = prepareSample(places.sample, new Date());
  heading('Sample');
  print(`  ${sample.isKept ? 'kept' : 'made'} in ${places.shown(sample.folder)}: six sources that end at ${moment(sample.end)} UTC`);

  heading('Import');
  const { report, exitCode } = await importWithDisplay(db, sample.folder, { user: 'demo', rejectsFolder: places.rejects });
  if (exitCode !== 0) {
    for (const { error } of report.files) if (error) print(`${marks.failure} ${error.message}`);
    return exitCode;
  }
  printImported(report);

  const ids = new Map((await list.run({}, db)).map((source) => [source.name, source.source_id]));
  const idOf = (name: string): number => ids.get(name) ?? 0;
  await printLive(db, sample, idOf('btc_usdt_1h'));
  for (const file of report.files) await recordGaps.run({ source_id: idOf(file.name) }, db);
  await refreshAll.run(undefined, db);

  await printSources(db);
  await printCandles(db, sample, idOf('btc_usdt_1h'));
  await printYield(db, sample, idOf('us_treasury_10y'));
  await printAnomalies(db, ids);
  await printGaps(db, report, idOf);
  printRejects(report);
  await printStorage(db, report);
  printEnd(await lastAuditId(db) === auditBefore, report, (performance.now() - started) / 1000);
  return 0;
}

/** The newest entry of the audit log; every change of the data makes one. */
async function lastAuditId(db: Database): Promise<string> {
  const [newest] = await recent.run({ limit: 1 }, db);
  return newest?.audit_id ?? '0';
}

function printImported({ files }: ImportReport): void {
  print();
  printTable(
    [
      { title: 'file' }, { title: 'inserted', align: 'right' }, { title: 'updated', align: 'right' }, { title: 'unchanged', align: 'right' },
      { title: 'rejected', align: 'right' }, { title: 'rows/s', align: 'right' },
    ],
    files.map((file) => [
      file.file, count(file.inserted), count(file.updated), count(file.unchanged), count(file.rejected), count(file.rows / file.seconds),
    ]),
  );
}

/** The newest candles come one feed later: what is late by more than two intervals loses 20 points. */
async function printLive(db: Database, sample: Sample, sourceId: number): Promise<void> {
  const rows = liveRows(sample.end, sourceId);
  const { inserted } = await bulkUpsert(db, rows, { user: 'demo feed' });
  const [first, last] = [rows[0], rows[rows.length - 1]];
  if (!first || !last) return;
  const [from, to] = [new Date(first.timestamp), new Date(Number(last.timestamp) + 1)];
  const stored = await range.run({ source_id: sourceId, from, to, limit: LIVE_HOURS }, db);
  heading('A live feed');
  print(`  ${inserted > 0 ? `${plural(inserted, 'candle')} of btc_usdt_1h arrived` : 'Its candles of btc_usdt_1h are there'}; late ones lost 20 points of quality:`);
  print(`  ${stored.map((row) => `${moment(row.timestamp).slice(11)} ${scored(row.quality_score)}`).join(colours.dim(' · '))}`);
}

function scored(score: number): string {
  return score === 100 ? colours.green('100') : colours.yellow(String(score));
}

async function printCandles(db: Database, sample: Sample, sourceId: number): Promise<void> {
  const from = new Date(sample.end.getTime() - 64 * day);
  const rows = await daily.run({ source_id: sourceId, from, to: new Date(sample.end.getTime() + day) }, db);
  heading('Bitcoin in Tether, daily candles');
  const chart = candleChart(
    rows.map((row) => ({
      at: row.day,
      open: Number(row.open),
      high: Number(row.high),
      low: Number(row.low),
      close: Number(row.close),
      volume: Number(row.volume ?? 0),
    })),
    {
      height: 14,
      ...(colours.isColorSupported ? { colours: { rise: colours.green, fall: colours.red, dim: colours.dim } } : {}),
    },
  );
  for (const line of chart) print(`  ${line}`);
}

async function printYield(db: Database, sample: Sample, sourceId: number): Promise<void> {
  const to = new Date(sample.end.getTime());
  const from = new Date(to.getTime() - 10 * 365 * day);
  const rows = await filledLevels.run({ source_id: sourceId, bucket: '60 days', from, to }, db);
  const levels = rows.flatMap((row) => (row.interpolated === null ? [] : [Number(row.interpolated)]));
  heading('US Treasury yield, 10 years, means of 60 days, holes interpolated');
  if (levels.length < 2) return;
  for (const line of asciichart.plot(levels, { height: 5, format: (value: number) => value.toFixed(2).padStart(6) }).split('\n')) print(`  ${line.trimEnd()}`);
}

/** The two worst of each source. */
async function printAnomalies(db: Database, ids: ReadonlyMap<string, number>): Promise<void> {
  const rows = [];
  for (const sourceId of ids.values()) rows.push(...await worst.run({ source_id: sourceId, limit: 2 }, db));
  heading('Worst anomalies');
  printTable(
    [
      { title: 'source' }, { title: 'moment, UTC' }, { title: 'severity' }, { title: 'value', align: 'right' },
      { title: 'sigma', align: 'right' }, { title: 'off by', align: 'right' },
    ],
    rows.map((row) => [
      row.source_name,
      moment(row.timestamp),
      row.is_blackswan ? colours.red(row.severity) : row.severity,
      Number(row.value ?? 0).toLocaleString('en-US', { maximumSignificantDigits: 6 }),
      row.z_score === null ? 'flat' : Number(row.z_score).toFixed(1),
      row.deviation_pct === null ? '' : `${count(Number(row.deviation_pct))} %`,
    ]),
  );
}

async function printGaps(db: Database, report: ImportReport, idOf: (name: string) => number): Promise<void> {
  const found = [];
  for (const { name } of report.files) {
    for (const gap of await gaps.run({ source_id: idOf(name) }, db)) found.push({ name, ...gap });
  }
  const longest = found.sort((a, b) => Number(b.missing_points) - Number(a.missing_points)).slice(0, 5);
  heading(`Gaps (${count(found.length)}, the longest)`);
  printTable(
    [{ title: 'source' }, { title: 'from' }, { title: 'to' }, { title: 'missing', align: 'right' }],
    longest.map((gap) => [gap.name, moment(gap.gap_start), moment(gap.gap_end), count(gap.missing_points)]),
  );
}

function printRejects({ files }: ImportReport): void {
  heading('Rejected rows');
  printTable(
    [{ title: 'file' }, { title: 'line', align: 'right' }, { title: 'reason' }],
    files.flatMap((file) => file.rejects.slice(0, 4).map((row) => [file.file, count(row.line), cut(row.reason, 46)])),
  );
}

async function printStorage(db: Database, report: ImportReport): Promise<void> {
  const [total] = await compressionTotal.run(undefined, db);
  const { rows, seconds } = sumOf(report.files);
  heading('Compression and speed');
  if (total?.ratio) {
    const sizes = `${bytes(total.before_bytes ?? 0)} became ${bytes(total.after_bytes ?? 0)}, ${total.ratio} times smaller`;
    print(`  ${count(total.compressed_chunks)} of ${plural(Number(total.chunks), 'chunk')} compressed: ${sizes}`);
  }
  const done = sumOf(report.files).inserted > 0 ? 'read, checked, stored and scored' : 'read and compared with what is stored';
  print(`  ${count(rows)} rows ${done}: ${count(rows / seconds)} rows/s`);
}

function printEnd(isUnchanged: boolean, { files }: ImportReport, seconds: number): void {
  print();
  if (isUnchanged) print(`${marks.ok} Nothing changed: every row was there already, and the audit log has no new entry.`);
  else print(`${marks.ok} ${plural(sumOf(files).inserted, 'row')} imported. Run it again: nothing will change.`);
  print(colours.dim(`  ${duration(seconds)} in all`));
}
