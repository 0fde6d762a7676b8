/** One row at a time, each in a transaction of its own, after a history of rows. */
import type { PoolClient } from 'pg';
import { series } from '../../src/index.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { minute } from '../../src/cli/demo/market.js';
import { addSource, type BenchDatabase } from '../database.js';
import { interleave, type Contender, type Timing } from '../measure.js';
import { atMost, result, type Result } from '../report.js';
import { candleRows, copyInto, copyIntoClassical, copyText, ofSource, type Observation } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

const historyLength = 5000;

export const single: Subject = {
  name: 'single',
  title: 'Single rows',
  short: true,
  longMinutes: 1,
  run,
};

async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const rounds = Math.max(50, bench.rows(200, 1000));
  const warmUps = 20;
  // The last rows are of this minute, so that none is late: what a live feed does.
  const now = Math.floor(Date.now() / minute) * minute;
  const rows = candleRows({ count: historyLength + warmUps + rounds, first: now - (historyLength + warmUps + rounds) * minute });
  const [history, fresh] = [rows.slice(0, historyLength), rows.slice(historyLength)];
  const at = (round: number): Observation => fresh[round + warmUps]!;

  const client = await db.pool.connect();
  try {
    // They are older than two minutes all the same.
    await client.query(`set app.ingest_mode = 'backfill'`);
    const inserts = await insertContenders(db, client, history, at);
    const typed = await addSource(db);
    await bulkUpsert(db, ofSource(history, typed), { ingestMode: 'backfill' });
    const upsert: Contender = {
      name: 'series.upsert',
      rows: 1,
      run: async (round) => {
        const row = at(round);
        return series.upsert.run({ source_id: typed, ...row, timestamp: new Date(row.timestamp), value: null }, client);
      },
    };
    const [plain, pipeline, classical, upserted] = (await interleave([...inserts, upsert], { rounds, warmUps })) as
      [Timing, Timing, Timing, Timing];
    return [
      result(plain),
      result(pipeline, { of: 'time', against: plain, goal: atMost('at most 3', 3) }),
      result(upserted, { of: 'time', against: plain }),
      result(classical, { of: 'time', against: plain }),
    ];
  } finally {
    await client.query('reset app.ingest_mode');
    client.release();
  }
}

/** The same insert into the twin, timeseries_data and the classical table. */
async function insertContenders(
  db: BenchDatabase, client: PoolClient, history: readonly Observation[], at: (round: number) => Observation,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [table, name] of [
    ['bench.plain', 'insert without triggers'],
    ['public.timeseries_data', 'insert'],
    ['bench.classical', 'insert, triggers for each row'],
  ] as const) {
    const source = await addSource(db);
    await (table === 'bench.classical' ? copyIntoClassical(db, copyText(history, source)) : copyInto(db, table, copyText(history, source)));
    await db.query(`analyze ${table}`);
    const text = `insert into ${table} (source_id, timestamp, open, high, low, close, volume) values ($1, $2, $3, $4, $5, $6, $7)`;
    contenders.push({
      name,
      rows: 1,
      run(round) {
        const { timestamp, open, high, low, close, volume } = at(round);
        return client.query(text, [source, new Date(timestamp), open, high, low, close, volume]);
      },
    });
  }
  return contenders;
}
