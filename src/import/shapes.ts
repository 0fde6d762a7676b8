/**
 * What vendors send, as tables: the order of the cells in rows without names, and the names of columns. Whatever is not
 * here is told from the sample, or by a mapping in sources.json.
 */
import { type DataColumn, dataColumns } from '../write/lines.js';
import type { Mapping } from './mapping.js';

/** The fields of a row, by number: the timestamp, the data columns, and a time of day that stands apart from its date. */
export const slots = ['timestamp', ...dataColumns, 'time'] as const;

export const TIME_OF_DAY = slots.length - 1;

/** The file has no shape that can be read, or more than one. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';

  constructor(
    message: string,
    /** How to mend it: a text, or the mapping to write. */
    readonly remedy: string | Mapping,
  ) {
    super(message);
  }
}

/** There is a header, and nothing below it. */
export class NoRowsError extends ShapeError {}

/** `csv`: names from a header. `objects`: names from keys. `mapped`: said by sources.json. */
export type Shape =
  | 'pairs' | 'candles' | 'objects' | 'csv' | 'mapped'
  | 'binance' | 'bitfinex' | 'bitget' | 'bybit' | 'coinbase' | 'coingecko' | 'gate' | 'kraken' | 'kucoin' | 'okx';

/** Rows without names. Of several shapes with as many cells the prices decide: the high is the highest, the low the lowest. */
export interface ListShape {
  readonly shape: Shape;
  /** A letter for each cell: t time, o h l c v as in candles, x value, ? whether the candle is closed, - not read. */
  readonly cells: string;
  /** The keys above the rows in JSON; '' for none, and for CSV. */
  readonly path?: RegExp;
  /** Unit of the times, where only one of seconds and milliseconds is ever sent. */
  readonly unit?: 's' | 'ms';
  /** The last row is a candle that is still open. */
  readonly dropLast?: true;
}

export const lists: readonly ListShape[] = [
  { shape: 'coingecko', cells: 'tx', path: /^prices$/ }, // /coins/{id}/market_chart
  { shape: 'pairs', cells: 'tx' },
  { shape: 'candles', cells: 'tohlc' }, // CoinGecko's /ohlc
  { shape: 'candles', cells: 'tohlcv' }, // Gemini
  { shape: 'coinbase', cells: 'tlhocv', unit: 's' }, // /products/{id}/candles
  { shape: 'bitfinex', cells: 'tochlv', unit: 'ms' }, // /v2/candles/…/hist
  { shape: 'kraken', cells: 'tohlcv-', path: /^$/, unit: 's' }, // the archive OHLCVT
  { shape: 'bybit', cells: 'tohlcv-', unit: 'ms' }, // /v5/market/kline
  { shape: 'kucoin', cells: 'tochlv-', unit: 's' }, // /api/v1/market/candles
  { shape: 'kraken', cells: 'tohlc-v-', path: /^result\./, dropLast: true }, // /0/public/OHLC; cell 6 is the average price
  { shape: 'bitget', cells: 'tohlcv--', path: /^(data)?$/, unit: 'ms' }, // also MEXC
  { shape: 'gate', cells: 't-chlov?', path: /^$/, unit: 's' }, // /api/v4/spot/candlesticks
  { shape: 'okx', cells: 'tohlcv--?' }, // /api/v5/market/candles
  { shape: 'binance', cells: 'tohlcv------' }, // /api/v3/klines, and data.binance.vision
];

/** Names of columns without anything but letters and digits, in lower case; of two in one file the earlier here counts. */
export const names: Readonly<Record<'timestamp' | DataColumn, readonly string[]>> = {
  timestamp: [
    'timeopen', 'opentime', 'timestamp', 'unixtimestamp', 'unix', 'ts', 't', 'datetime', 'starttime', 'start',
    'fundingtime', 'fundingratetimestamp', 'calctime', 'snappedat', 'observationdate', 'timeperiod', 'time', 'date', 'day', 'x',
  ],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c', 'closelast', 'price'],
  volume: ['volume', 'v', 'vol', 'volumefrom', 'basevolume'],
  value: ['value', 'obsvalue', 'fundingrate', 'lastfundingrate', 'y'],
};

/** `<DATE>`, `Adj Close`, `1. open` and `timeOpen` as the table has them. */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/^\d+\. /, '').replace(/[^a-z0-9]/g, '');
}
