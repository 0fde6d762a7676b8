/** The server's answers against handlers that are written by hand, in requests, with autocannon. */
import autocannon from 'autocannon';
import { minute } from '../../src/cli/demo/market.js';
import { addSource } from '../database.js';
import { fill } from '../fill.js';
import { interleave, type Contender } from '../measure.js';
import { atLeast, result, type Result } from '../report.js';
import type { Bench, Subject } from '../subject.js';

export const serving: Subject = {
  name: 'serving',
  title: 'Answers over HTTP',
  short: true,
  longMinutes: 2,
  run,
};

/** As server/bench declares it, which is compiled after this. */
interface Serving {
  readonly ours: string;
  readonly handwritten: string;
  stop(): Promise<void>;
}

const connections = 4;

async function run(bench: Bench): Promise<Result[]> {
  const { db } = bench;
  const end = new Date(Math.floor(Date.now() / minute) * minute);
  const source = await addSource(db);
  await fill(db, { sourceId: source, from: new Date(end.getTime() - 20_000 * minute), to: end, step: 60 });
  for (let i = 1; i < 36; i++) {
    await fill(db, { sourceId: await addSource(db), from: new Date(end.getTime() - 720 * 60 * minute), to: end, step: 3600 });
  }
  await db.query('analyze public.timeseries_data');
  const { rows: [named] } = await db.query<{ name: string }>('select name from sources where source_id = $1', [source]);
  const { startServing } = await import(new URL('../../../server/dist/bench/handlers.js', import.meta.url).href) as
    { startServing: (database: typeof db) => Promise<Serving> };
  const handlers = await startServing(db);
  const { ours, handwritten } = handlers;
  try {
    const chart = `/api/sources/${named!.name}/chart?bucket=1%20minute&from=${new Date(end.getTime() - 10_000 * minute).toISOString()}&to=`;
    // Each request another range, so that none is answered from memory.
    let turn = 0;
    const fresh = (): string => `${chart}${new Date(end.getTime() - ++turn).toISOString()}`;
    const kept = `${chart}${end.toISOString()}`;
    const contender = (name: string, url: string, path: string | (() => string), amount: number): Contender => ({
      name, rows: amount, runTimed: () => requests(url, typeof path === 'string' ? () => path : path, amount),
    });
    const options = { rounds: bench.rounds(5, 15), warmUps: 1 };
    const [charts, latest, one] = [
      await interleave([
        contender('chart of 10,000 candles', ours, fresh, 40),
        contender('chart of 10,000 candles, from memory', ours, kept, 400),
        contender('chart of 10,000 candles, by hand', handwritten, fresh, 40),
      ], options),
      await interleave([
        contender('latest of 36 sources', ours, '/api/latest', 400),
        contender('latest of 36 sources, by hand', handwritten, '/api/latest', 400),
      ], options),
      await interleave([
        contender('one source', ours, `/api/sources/${named!.name}`, 2000),
        contender('one source, by hand', handwritten, `/api/sources/${named!.name}`, 2000),
      ], options),
    ];
    const byHand = { of: 'speed', called: 'by hand' } as const;
    return [
      result(charts[0]!, { ...byHand, against: charts[2]!, goal: atLeast('at least 2', 2) }, 'rows are requests'),
      result(charts[1]!, { ...byHand, against: charts[2]!, goal: atLeast('at least 10', 10) }),
      result(charts[2]!),
      result(latest[0]!, { ...byHand, against: latest[1]!, goal: atLeast('at least 0.9', 0.9) }),
      result(latest[1]!),
      result(one[0]!, { ...byHand, against: one[1]!, goal: atLeast('at least 0.9', 0.9) }),
      result(one[1]!),
    ];
  } finally {
    await handlers.stop();
  }
}

/** Seconds of so many requests, each of which is to be answered with 200. autocannon itself ends with a whole second. */
async function requests(url: string, path: () => string, amount: number): Promise<number> {
  const start = performance.now();
  let last = start;
  const running = autocannon({
    url, connections, amount, requests: [{ method: 'GET', setupRequest: (request) => ({ ...request, path: path() }) }],
  });
  (running as unknown as autocannon.Instance).on('response', () => (last = performance.now()));
  const outcome = await running;
  if (outcome['2xx'] !== amount) throw new Error(`${amount - outcome['2xx']} of ${amount} requests to ${path()} failed`);
  return (last - start) / 1000;
}
