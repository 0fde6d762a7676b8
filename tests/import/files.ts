/** Files in a temporary folder, and what the importer reads from them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type BtcdbError, ImportError } from '../../src/errors/catalogue.js';
import { type SeriesBatch } from '../../src/import/batch.js';
import { discover, type Mapping, openSeries, readBatches, type Reject, type SeriesFile } from '../../src/import/index.js';
import { type DataColumn, dataColumns } from '../../src/write/lines.js';

export const folder = mkdtempSync(join(tmpdir(), 'btcdb-import-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** One row: `timestamp` is ISO text in UTC with milliseconds, numbers have the digits of the file. */
export type SeriesRow = { timestamp: string } & Record<DataColumn, string | null>;

function rowsOf(batch: SeriesBatch): SeriesRow[] {
  return batch.timestamps.map((timestamp, i) => row(timestamp, Object.fromEntries(dataColumns.map((column) => [column, batch[column][i] ?? null]))));
}

export interface Imported {
  readonly file: SeriesFile;
  readonly rows: SeriesRow[];
  readonly rejects: Reject[];
  /** Rows that were left out on purpose. */
  readonly skipped: number;
}

/** Writes `content` to a file with that ending (`json`, `csv`, `json.gz`) and returns its path. */
export function write(content: string | Buffer, ending = 'json'): string {
  const path = join(folder, `series_${++files}.${ending}`);
  writeFileSync(path, content);
  return path;
}

/** A folder of its own with these files. */
export function writeFolder(content: Record<string, string>): string {
  const path = mkdtempSync(join(folder, 'folder-'));
  for (const [name, text] of Object.entries(content)) writeFileSync(join(path, name), text);
  return path;
}

/** Both passes over a file. */
export async function importFile(path: string, batchSize = 3, mapping?: Mapping): Promise<Imported> {
  const { files: found, refused } = await discover(path);
  if (found[0] === undefined) throw refused[0]?.error ?? new Error('nothing found');
  const file = await openSeries({ ...found[0], mapping });
  const rows: SeriesRow[] = [];
  const rejects: Reject[] = [];
  let skipped = 0;
  const onSkip = (): void => {
    skipped++;
  };
  for await (const batch of readBatches(file, batchSize, (reject) => rejects.push(reject), { onSkip })) rows.push(...rowsOf(batch));
  return { file, rows, rejects, skipped };
}

/** {@link importFile} of a content that is not in a file yet. */
export function importText(content: string | Buffer, ending = 'json'): Promise<Imported> {
  return importFile(write(content, ending));
}

export function row(timestamp: string, data: Partial<Omit<SeriesRow, 'timestamp'>>): SeriesRow {
  return { timestamp, open: null, high: null, low: null, close: null, volume: null, value: null, ...data };
}

/** A candle from its five numbers. */
export function candle(timestamp: string, open: string, high: string, low: string, close: string, volume: string): SeriesRow {
  return row(timestamp, { open, high, low, close, volume });
}

/** Expects an ImportError whose message and hint match. */
export async function refuses(promise: Promise<unknown>, message: RegExp, hint: RegExp, code: BtcdbError['code'] = 'IMPORT_FILE'): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.instance(error, ImportError, `${String(error)} is no ImportError`);
  const { code: actual, message: text, hint: advice = '' } = error as ImportError;
  assert.is(actual, code);
  assert.match(text, message);
  assert.match(advice, hint);
}
