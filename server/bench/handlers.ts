/** What the server is measured against: handlers as one writes them, with Fastify, pg and JSON.stringify. */
import Fastify from 'fastify';
import pg from 'pg';
import type { Database } from 'btc-dashboard-db';
import { serve } from '../src/index.js';

export interface Serving {
  /** Of the server, and of the handlers, which answer at the same paths. */
  readonly ours: string;
  readonly handwritten: string;
  stop(): Promise<void>;
}

/** Both on the same database, with pools of the same size. */
export async function startServing(db: Database): Promise<Serving> {
  const server = await serve(db, { port: 0, logLevel: 'silent' });
  const pool = new pg.Pool({ connectionString: db.url, max: 10 });
  const app = Fastify();
  app.get<{ Params: { source: string }; Querystring: { from: string; to: string; bucket: string } }>('/api/sources/:source/chart', async (request) => {
    const { rows } = await pool.query<Record<string, string> & { bucket: Date }>({ name: 'chart', text: chart, values: [
      request.params.source, request.query.bucket, request.query.from, request.query.to] });
    return rows.map((row) => [row.bucket.getTime(), Number(row['open']), Number(row['high']), Number(row['low']), Number(row['close']), Number(row['volume'])]);
  });
  app.get('/api/latest', async () => (await pool.query({ name: 'latest', text: 'select * from latest_values order by category, name' })).rows);
  app.get<{ Params: { source: string } }>('/api/sources/:source', async (request) =>
    (await pool.query({ name: 'source', text: 'select * from sources where name = $1', values: [request.params.source] })).rows[0]);
  const handwritten = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    ours: server.url,
    handwritten,
    async stop() {
      await Promise.all([server.stop(), app.close()]);
      await pool.end();
    },
  };
}

const chart = `
  select
    time_bucket($2::interval, d.timestamp) as bucket,
    first(d.open, d.timestamp) as open,
    max(d.high) as high,
    min(d.low) as low,
    last(d.close, d.timestamp) as close,
    sum(d.volume) as volume
  from timeseries_data as d
  join sources as s using (source_id)
  where s.name = $1 and d.timestamp >= $3 and d.timestamp < $4
  group by 1
  order by 1`;
