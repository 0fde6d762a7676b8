/** Many rows quickly: made by the server, without triggers, so with the default score of 100 and no anomalies. */
import type { Database } from '../src/client/open.js';
import { withoutTriggers } from './database.js';

export interface FillOptions {
  readonly sourceId: number;
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
  /** Interval between two rows, in seconds. */
  readonly step: number;
}

/** Candles on two waves. */
export async function fill(db: Database, { sourceId, from, to, step }: FillOptions): Promise<void> {
  await withoutTriggers(db, (client) => client.query(
    `insert into public.timeseries_data (source_id, timestamp, open, high, low, close, volume, is_backfilled)
     select
       $1,
       $2::timestamptz + i * make_interval(secs => $4::int),
       round(p.price, 2),
       round(p.price * 1.0009, 2),
       round(p.price * 0.9991, 2),
       round(p.price + 7.25 * ((i * 7919) % 11 - 5), 2),
       round(5 + (i * 104729 % 9973) / 997.0, 5),
       true
     from generate_series(0, ceil(extract(epoch from $3::timestamptz - $2::timestamptz) / $4::int)::bigint - 1) as i
     cross join lateral (select (30000 + 4000 * sin(i / 3000.0) + 45 * sin(i * 1.7))::numeric(12, 4) as price) as p`,
    [sourceId, from, to, step],
  ));
}
