/**
 * The benchmark.
 *
 *     npm run bench                              the short form, two minutes at most on an idle machine
 *     npm run bench -- --long                    the long form; it says first how long it will take
 *     npm run bench -- --only write,single       some subjects
 *     npm run bench -- --scale 0.02 --rounds 1   tiny, to see that it works
 *
 * On the server in DATABASE_URL, whose user may create databases and is superuser, in databases of its own that it
 * drops again; else on an embedded engine in memory. Results go to a table and to .btcdb/bench/.
 */
import { cpus, loadavg } from 'node:os';
import { colours, note, print } from '../src/cli/console/terminal.js';
import { addSource, dropAll, newDatabase, runFile, type BenchDatabase } from './database.js';
import { median, timed } from './measure.js';
import { readOptions } from './options.js';
import { printResults, writeJson, type SubjectResults } from './report.js';
import { candleRows, copyInto, copyText } from './rows.js';
import type { Bench, Subject } from './subject.js';
import { compressed } from './subjects/compressed.js';
import { compression } from './subjects/compression.js';
import { concurrency } from './subjects/concurrency.js';
import { engines } from './subjects/engines.js';
import { growth } from './subjects/growth.js';
import { imports } from './subjects/import.js';
import { read } from './subjects/read.js';
import { serving } from './subjects/serving.js';
import { single } from './subjects/single.js';
import { upsert } from './subjects/upsert.js';
import { write } from './subjects/write.js';

/** In this order: those that refresh aggregates come after those that would be slowed down by fresh ones. */
const subjects: readonly Subject[] = [write, single, upsert, concurrency, engines, growth, compressed, compression, imports, read, serving];

const options = readOptions(process.argv.slice(2), subjects.map(({ name }) => name));
const serverUrl = process.env['DATABASE_URL'] || undefined;

const chosen = subjects.filter(({ name, short, serverOnly }) => {
  const wanted = options.only.length > 0 ? options.only.includes(name) : short || options.long;
  if (wanted && serverOnly && !serverUrl) note(`${name} needs a server: set DATABASE_URL`);
  return wanted && !(serverOnly && !serverUrl);
});

/** What the long form takes, by what this server does in a second. */
async function foretell(db: BenchDatabase): Promise<void> {
  const [source, rows] = [await addSource(db), candleRows({ count: 20_000, first: Date.UTC(2024, 0, 1) })];
  const text = copyText(rows, source);
  const seconds: number[] = [];
  for (let i = 0; i < 3; i++) {
    seconds.push(await timed(() => copyInto(db, 'bench.plain', text)));
    await runFile(db, 'reset.sql');
  }
  const slowness = 150_000 / (rows.length / median(seconds));
  const minutes = chosen.reduce((sum, { longMinutes }) => sum + longMinutes, 0) * slowness * Math.min(1, options.scale * 2);
  note(`This will take about ${Math.max(1, Math.round(minutes))} minutes.`);
}

async function main(): Promise<void> {
  const db = await newDatabase(serverUrl);
  const bench: Bench = {
    db,
    serverUrl,
    options,
    // The embedded engine is slower, and the short form short on it, too.
    rows: (short, long) => Math.max(1, Math.round((options.long ? long : serverUrl ? short : short / 5) * options.scale)),
    rounds: (short, long) => options.rounds ?? (options.long ? long : short),
    say: (text) => note(colours.dim(text)),
  };
  const { rows } = await db.query<{ version: string; timescaledb: string }>(
    `select current_setting('server_version') as version, extversion as timescaledb from pg_extension where extname = 'timescaledb'`,
  );
  const [{ version, timescaledb }] = rows as [{ version: string; timescaledb: string }];
  print(`${serverUrl ? 'Server' : 'Embedded engine'}: PostgreSQL ${version}, TimescaleDB ${timescaledb}; ${cpus().length} CPUs, load ${loadavg()[0]?.toFixed(1)}`);
  if (options.long) await foretell(db);

  const done: SubjectResults[] = [];
  for (const subject of chosen) {
    bench.say(`${subject.name} …`);
    await runFile(db, 'reset.sql');
    const started = performance.now();
    const results = await subject.run(bench);
    const measured = { subject: subject.name, title: subject.title, seconds: (performance.now() - started) / 1000, results };
    printResults(measured);
    done.push(measured);
  }
  const goals = done.flatMap(({ results }) => results.flatMap(({ goal }) => goal ?? []));
  print();
  print(`${goals.filter(({ met }) => met).length} of ${goals.length} goals met. Written to ${await writeJson(db, options, done)}.`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void dropAll().finally(() => process.exit(130)));
}
try {
  await main();
} finally {
  await dropAll();
}
