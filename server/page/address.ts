/** What is shown, in the address, so that it can be kept and sent: ?source=btc_usd&bucket=1 hour&to=2026-01-31T12:00:00.000Z */
import { isBucket, type Bucket } from './buckets.js';

export const styles = ['candles', 'line'] as const;
export type Style = (typeof styles)[number];

export interface Shown {
  readonly source: string | null;
  readonly bucket: Bucket | null;
  /** The last moment that is seen; null: the newest. */
  readonly to: number | null;
  readonly style: Style;
}

export function readAddress(search = location.search): Shown {
  const given = new URLSearchParams(search);
  const bucket = given.get('bucket');
  const to = given.get('to');
  const moment = to === null ? NaN : /^-?\d+$/.test(to) ? Number(to) : Date.parse(to);
  return {
    source: given.get('source'),
    bucket: isBucket(bucket) ? bucket : null,
    to: Number.isNaN(new Date(moment).getTime()) ? null : moment,
    style: given.get('style') === 'line' ? 'line' : 'candles',
  };
}

/** `isVisit`: the browser's button leads back to what was shown before. */
export function writeAddress({ source, bucket, to, style }: Shown, isVisit: boolean): void {
  const search = new URLSearchParams();
  if (source !== null) search.set('source', source);
  if (bucket !== null) search.set('bucket', bucket);
  if (to !== null) search.set('to', new Date(to).toISOString());
  if (style === 'line') search.set('style', style);
  const address = `${location.pathname}?${search}`;
  if (address === `${location.pathname}${location.search}`) return;
  if (isVisit) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}
