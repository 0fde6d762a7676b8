/**
 * The sample: a folder of files as the importer takes them, of an invented market, with the faults that real data has.
 * The files are a function of one moment, their end. It is kept beside them, so that a second demo finds the same
 * files, whenever it runs.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { RowInput } from '../../write/bulk-upsert.js';
import { candles, type Candle, day, every, floorTo, hour, isWeekday, minute, type Point, rsi, swinging } from './market.js';

/** To be raised when other files come out for the same end. */
const VERSION = 1;
/** The importer overlooks files whose name begins with a dot. */
const MARKER = '.sample.json';

/** Hours of btc_usdt_1h that are not in the file but arrive afterwards, as from a feed. */
export const LIVE_HOURS = 6;

export interface Sample {
  readonly folder: string;
  /** The moment at which the data ends. */
  readonly end: Date;
  /** Whether the files were there already. */
  readonly isKept: boolean;
}

/** The files of an earlier demo, or new ones that end now. */
export function prepareSample(folder: string, now: Date): Sample {
  const kept = keptEnd(folder);
  if (kept) return { folder, end: kept, isKept: true };
  const end = new Date(floorTo(5 * minute, now.getTime()));
  writeSample(folder, end);
  return { folder, end, isKept: false };
}

function keptEnd(folder: string): Date | undefined {
  const marker = join(folder, MARKER);
  if (!existsSync(marker)) return undefined;
  const { version, end } = JSON.parse(readFileSync(marker, 'utf8')) as { version?: number; end?: string };
  return version === VERSION && end !== undefined ? new Date(end) : undefined;
}

/** Writes next to the folder and renames: a demo that dies in between leaves no half of a sample. */
function writeSample(folder: string, end: Date): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const [name, content] of Object.entries(sampleFiles(end))) writeFileSync(join(unfinished, name), content);
  writeFileSync(join(unfinished, MARKER), JSON.stringify({ version: VERSION, end: end.toISOString() }));
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

const registry = [
  {
    name: 'btc_usdt_1h', display_name: 'Bitcoin in Tether, hourly', category: 'price', data_type: 'ohlcv',
    update_frequency: '1 hour', api_provider: 'demo',
  },
  {
    name: 'eth_usdt_5m', display_name: 'Ether in Tether, 5 minutes', category: 'price', data_type: 'ohlcv',
    update_frequency: '5 minutes', api_provider: 'demo',
  },
  {
    name: 'btc_rsi_14', display_name: 'RSI of Bitcoin over 14 hours', category: 'oscillator', data_type: 'calculated',
    update_frequency: '1 hour', api_provider: 'demo',
  },
  {
    name: 'btc_funding_8h', display_name: 'Funding rate of the perpetual', category: 'derivatives', data_type: 'derivative',
    update_frequency: '8 hours', api_provider: 'demo',
  },
  {
    name: 'us_treasury_10y', display_name: 'US Treasury yield, 10 years', category: 'macro', data_type: 'macro',
    update_frequency: '1 day', market_type: 'US', api_provider: 'demo',
  },
  {
    name: 'fear_greed', display_name: 'Fear and greed index', category: 'sentiment', data_type: 'social',
    update_frequency: '1 day', api_provider: 'demo',
  },
];

/** Contents of the files by their names. */
export function sampleFiles(end: Date): Record<string, string | Buffer> {
  const btc = bitcoin(end);
  return {
    'sources.json': `${JSON.stringify(registry, null, 2)}\n`,
    'btc_usdt_1h.json': bitcoinFile(btc.slice(0, -LIVE_HOURS), end),
    'eth_usdt_5m.csv.gz': etherFile(end),
    'btc_rsi_14.csv': rsiFile(btc),
    'btc_funding_8h.json': fundingFile(end),
    'us_treasury_10y.csv': treasuryFile(end),
    'fear_greed.json.gz': sentimentFile(end),
  };
}

/** The last candles of Bitcoin, which the file lacks. */
export function liveRows(end: Date, sourceId: number): RowInput[] {
  return bitcoin(end).slice(-LIVE_HOURS).map((candle) => ({
    source_id: sourceId, timestamp: candle.at, open: money(candle.open), high: money(candle.high), low: money(candle.low),
    close: money(candle.close), volume: candle.volume.toFixed(3),
  }));
}

/** The hour in which the price of Bitcoin falls by a third, and of which it ends a fifth lower. */
export function flashCrash(end: Date): number {
  return floorTo(day, end.getTime()) - 19 * day + 14 * hour;
}

function bitcoin(end: Date): Candle[] {
  const crash = flashCrash(end);
  return candles({
    seed: 1, last: floorTo(hour, end.getTime()), count: 2 * 365 * 24, step: hour, start: 64_000, sigma: 0.0042, volume: 1200,
    // The quiet before it makes the crash what it is: an outlier.
    calm: (at) => (at > crash - 10 * day && at < crash ? 0.45 : 1),
    shock(at) {
      if (at === crash) return { dip: -0.4, shift: -0.24 };
      // The way back takes a few hours.
      const since = (at - crash) / hour;
      return since > 0 && since <= 6 ? { dip: -0.01, shift: 0.033 } : undefined;
    },
  });
}

const money = (price: number): string => price.toFixed(2);

/** [ms, open, high, low, close, volume], with gaps, faulty rows, rows out of order and one row twice. */
function bitcoinFile(all: readonly Candle[], end: Date): string {
  const at = (daysAgo: number, clock: number): number => floorTo(day, end.getTime()) - daysAgo * day + clock * hour;
  // Two outages of the exchange.
  const gaps = [[at(402, 3), at(402, 9)], [at(131, 22), at(130, 13)]] as const;
  const rows = all
    .filter((candle) => !gaps.some(([from, to]) => candle.at >= from && candle.at <= to))
    .map(({ at: ms, open, high, low, close, volume }) => [ms, money(open), money(high), money(low), money(close), volume.toFixed(3)]);
  const indexOf = (ms: number): number => rows.findIndex((row) => row[0] === ms);
  const edit = (ms: number, change: (row: (string | number)[]) => void): void => {
    const row = rows[indexOf(ms)];
    if (row) change(row);
  };
  // Stored, scored and flagged: high and low swapped, a negative volume, no volume at all.
  for (const ms of [at(300, 7), at(77, 16)]) edit(ms, (row) => ([row[2], row[3]] = [row[3] as string, row[2] as string]));
  edit(at(211, 11), (row) => (row[5] = `-${row[5]}`));
  for (let clock = 1; clock < 9; clock++) edit(at(168, clock), (row) => (row[5] = 'null'));
  // Rejected: no number, no time, a cell too few.
  edit(at(250, 5), (row) => (row[4] = '"oops"'));
  edit(at(189, 20), (row) => (row[2] = 'NaN'));
  edit(at(92, 1), (row) => (row[0] = '"yesterday"'));
  edit(at(40, 17), (row) => row.pop());
  // Late: three rows of one night come a week after their neighbours; one row comes twice.
  const late = rows.splice(indexOf(at(60, 2)), 3);
  rows.splice(indexOf(at(53, 2)), 0, ...late);
  const twice = rows[indexOf(at(55, 12))];
  if (twice) rows.splice(indexOf(at(54, 12)), 0, [...twice]);
  return `[\n${rows.map((row) => `[${row.join(',')}]`).join(',\n')}\n]\n`;
}

/** As the archive of Binance: 12 columns without a header, microseconds, packed. */
function etherFile(end: Date): Buffer {
  const last = floorTo(5 * minute, end.getTime());
  const all = candles({ seed: 2, last, count: 90 * 24 * 12, step: 5 * minute, start: 3200, sigma: 0.0016, volume: 9000 });
  const outage = [last - 33 * day, last - 33 * day + 95 * minute] as const;
  const slip = last - 12 * day - 125 * minute;
  const lines = all.filter(({ at }) => at < outage[0] || at > outage[1]).map(({ at, open, high, low, close, volume }) => {
    // A decimal point that slipped, once.
    const factor = at === slip ? 10 : 1;
    const micros = `${at}000`;
    return [
      micros, money(open), money(Math.max(high, close * factor)), money(low), money(close * factor), volume.toFixed(4),
      `${at + 5 * minute - 1}999`, (volume * close).toFixed(2), Math.round(volume * 3), (volume / 2).toFixed(4), (volume * close / 2).toFixed(2), 0,
    ].join(',');
  });
  // A line that was cut off, and one that somebody opened in a spreadsheet.
  for (const [line, replacement] of [[7_201, (text: string) => text.slice(0, 40)], [18_044, (text: string) => text.replace(/,[^,]*/, ',#REF!')]] as const) {
    lines[line] = replacement(lines[line] as string);
  }
  return gzipSync(`${lines.join('\n')}\n`);
}

/** CSV with a header. */
function rsiFile(btc: readonly Candle[]): string {
  const points = rsi(btc, 14).slice(-365 * 24);
  const lines = points.map(({ at, value }) => `${new Date(at).toISOString()},${value.toFixed(4)}`);
  lines[4_000] = `${(lines[4_000] as string).split(',')[0]},#DIV/0!`;
  return `timestamp,value\n${lines.join('\n')}\n`;
}

/** Objects. */
function fundingFile(end: Date): string {
  // The feed is behind: its last two rows are missing.
  const last = floorTo(8 * hour, end.getTime()) - 16 * hour;
  const points = swinging({ seed: 4, moments: every(8 * hour, last, 2 * 365 * 3), mean: 0.0001, sigma: 0.00006, memory: 0.9 });
  const crash = flashCrash(end);
  return JSON.stringify(points.map(({ at, value }, i) => ({
    timestamp: at,
    // Per cent where a fraction was meant, once; and what the crash did.
    value: i === 900 ? 1.25 : Number((value - (at > crash && at <= crash + day ? 0.0018 : 0)).toFixed(8)),
  })));
}

/** CSV by date, trading days only; two days are missing. */
function treasuryFile(end: Date): string {
  const last = floorTo(day, end.getTime()) - day;
  const days = every(day, last, 10 * 366).filter(isWeekday).slice(-2607);
  days.splice(days.length - 310, 2);
  const points = swinging({ seed: 5, moments: days, mean: 3.1, sigma: 0.045, memory: 0.998 });
  const lines = points.map(({ at, value }) => `${new Date(at).toISOString().slice(0, 10)},${value.toFixed(3)}`);
  lines[1_500] = `${(lines[1_500] as string).split(',')[0]},.`;
  return `date,value\n${lines.join('\n')}\n`;
}

/** [s, value], packed. The feed died nine days before the end. */
function sentimentFile(end: Date): Buffer {
  const last = floorTo(day, end.getTime()) - 9 * day;
  const points: Point[] = swinging({ seed: 6, moments: every(day, last, 2 * 365), mean: 50, sigma: 7, memory: 0.93 });
  const bounded = points.map(({ at, value }) => [at / 1000, Math.round(Math.min(97, Math.max(4, value)))]);
  return gzipSync(JSON.stringify(bounded));
}
