/** The embedded engine against the server. */
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { addSource, newDatabase } from '../database.js';
import { interleave, type Timing } from '../measure.js';
import { atLeast, result, type Result } from '../report.js';
import { candleRows, makeChunks, ofSource } from '../rows.js';
import type { Bench, Subject } from '../subject.js';

const first = Date.UTC(2024, 0, 1);

export const engines: Subject = {
  name: 'engines',
  title: 'Embedded engine against the server',
  short: true,
  serverOnly: true,
  longMinutes: 1,
  run,
};

async function run(bench: Bench): Promise<Result[]> {
  const size = bench.rows(50_000, 100_000);
  const observations = candleRows({ count: size, first });
  const embedded = await newDatabase(undefined);
  try {
    const contenders = await Promise.all([['server', bench.db], ['embedded engine', embedded]].map(async ([name, db]) => {
      const database = db as typeof embedded;
      await makeChunks(database, 'public.timeseries_data', await addSource(database), first, observations.at(-1)!.timestamp);
      let rows = ofSource([], 0);
      return {
        name: `bulkUpsert, ${name as string}`,
        rows: size,
        async prepare() {
          rows = ofSource(observations, await addSource(database));
        },
        run: () => bulkUpsert(database, rows, { ingestMode: 'backfill' }),
      };
    }));
    const [server, inside] = (await interleave(contenders, { rounds: bench.rounds(2, 5), warmUps: 1 })) as [Timing, Timing];
    return [result(server), result(inside, { of: 'speed', against: server, called: 'server', goal: atLeast('at least 1/3', 1 / 3) })];
  } finally {
    await embedded.drop();
  }
}
