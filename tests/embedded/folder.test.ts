import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blankSnapshot } from '../../src/embedded/blank.js';
import { startEmbedded, type EmbeddedServer } from '../../src/embedded/index.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { cacheDir } from '../support/blank.js';

/** An empty database, to start from more quickly than from nothing. */
const empty = (): Promise<string> => blankSnapshot(cacheDir);

const test = suite('embedded: data in a folder');

async function inFolder(work: (dataDir: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-test-'));
  try {
    await work(join(folder, 'deeper', 'data dir'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function serving(
  options: Parameters<typeof startEmbedded>[0],
  work: (server: EmbeddedServer) => Promise<void>,
): Promise<void> {
  const server = await startEmbedded(options);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Another process that starts the folder and prints its URL; `then` is what it does next. */
async function otherProcess(dataDir: string, then: string): Promise<{ child: ChildProcess; url: string }> {
  const module = new URL('../../src/embedded/index.js', import.meta.url).href;
  const script = `
    import { startEmbedded } from ${JSON.stringify(module)};
    const server = await startEmbedded(${JSON.stringify({ dataDir, snapshot: await empty() })});
    console.log(server.url);
    ${then}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
  return { child, url: String(first).trim() };
}

const timescale = `
  create extension timescaledb;
  create extension btree_gist;
  create table points (at timestamptz not null, v numeric);
  select create_hypertable('points', 'at');
  insert into points select g, 1 from generate_series('2024-01-01'::timestamptz, '2024-03-01', '1 hour') g;
  alter table points set (timescaledb.compress);
  select count(compress_chunk(c)) from show_chunks('points', older_than => '2024-02-01'::timestamptz) c;`;

test('data, hypertables and compressed chunks are there after a restart', () =>
  inFolder(async (dataDir) => {
    await serving({ dataDir }, ({ url }) => query(url, timescale).then(() => undefined));
    assert.not(existsSync(join(dataDir, 'lock.json')));
    await serving({ dataDir }, async ({ url }) => {
      assert.equal(await query(url, 'select count(*)::int as n, sum(v)::text as sum from points'), [
        { n: 1441, sum: '1441' },
      ]);
      await query(url, "insert into points values ('2024-01-05 00:30', 2)");
      assert.equal(await query(url, 'select count(*)::int as n from points where v = 2'), [{ n: 1 }]);
      assert.equal(await query(url, 'select current_database() as d'), [{ d: 'postgres' }]);
    });
  }));

test('kill -9 loses nothing that was committed, and its lock is taken over', () =>
  inFolder(async (dataDir) => {
    const { child, url } = await otherProcess(dataDir, 'setInterval(() => {}, 1000);');
    await query(url, `${timescale} create table kept (n int)`);
    await query(url, 'insert into kept select generate_series(1, 10000)');
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('begin; insert into kept values (-1)');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(existsSync(join(dataDir, 'lock.json')));
    await serving({ dataDir }, async (server) => {
      assert.equal(await query(server.url, 'select count(*)::int as n, min(n) as least from kept'), [
        { n: 10000, least: 1 },
      ]);
      assert.equal(await query(server.url, 'select count(*)::int as n from points'), [{ n: 1441 }]);
    });
  }));

test('a folder in use is refused, with the process that has it', () =>
  inFolder(async (dataDir) => {
    const { child } = await otherProcess(dataDir, 'setInterval(() => {}, 1000);');
    try {
      const error = await failure(startEmbedded({ dataDir }));
      assert.instance(error, EmbeddedError);
      if (!(error instanceof EmbeddedError)) return;
      assert.is(error.code, 'EMBEDDED_IN_USE');
      assert.match(error.message, new RegExp(`process ${child.pid}`));
      assert.match(error.hint ?? '', new RegExp(`kill ${child.pid}`));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }));

test('a folder in use by this process is refused too', () =>
  inFolder(async (dataDir) =>
    serving({ dataDir, snapshot: await empty() }, async () => {
      const error = await failure(startEmbedded({ dataDir }));
      assert.is(error instanceof EmbeddedError && error.code, 'EMBEDDED_IN_USE');
    }),
  ));

test('a lock whose pid belongs to a later process by now is taken over', () =>
  inFolder(async (dataDir) => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'lock.json'), JSON.stringify({ pid: process.ppid, started: 'before/1' }));
    await serving({ dataDir, snapshot: await empty() }, async () => undefined);
    writeFileSync(join(dataDir, 'lock.json'), '');
    await serving({ dataDir }, async () => undefined);
    assert.equal(readdirSync(dataDir), ['data']);
  }));

test('a finished process ends although the server runs, and gives its lock back', () =>
  inFolder(async (dataDir) => {
    const { child, url } = await otherProcess(dataDir, '');
    assert.match(url, /^postgres:/);
    if (child.exitCode === null) await once(child, 'exit');
    assert.is(child.exitCode, 0);
    assert.not(existsSync(join(dataDir, 'lock.json')));
  }));

test('the files of an empty database are made once, and kept for the next that begins with them', () =>
  inFolder(async (dataDir) => {
    const kept = (): string[] => readdirSync(join(dataDir, 'snapshots')).map((name) => `${name} ${statSync(join(dataDir, 'snapshots', name)).mtimeMs}`);
    await serving({ dataDir }, async () => undefined);
    const [blank, ...others] = kept();
    assert.match(blank!, /^blank-\w+\.tar /);
    rmSync(join(dataDir, 'data'), { recursive: true });
    await serving({ dataDir }, async ({ url }) => assert.equal(await query(url, 'select 1 as n'), [{ n: 1 }]));
    assert.equal([kept(), others], [[blank], []]);
  }));

test('a first start that was interrupted is begun again', () =>
  inFolder(async (dataDir) => {
    mkdirSync(join(dataDir, 'data.new', 'base'), { recursive: true });
    writeFileSync(join(dataDir, 'data.new', 'PG_VERSION'), '17\n');
    const snapshot = await empty();
    await serving({ dataDir, snapshot }, async ({ url }) =>
      assert.equal(await query(url, 'select 1 as n'), [{ n: 1 }]),
    );
  }));

test('a taken port is an error that says so, and leaves the folder free', () =>
  inFolder(async (dataDir) =>
    serving({ snapshot: await empty() }, async ({ port }) => {
      const error = await failure(startEmbedded({ dataDir, port, snapshot: await empty() }));
      assert.is(error instanceof EmbeddedError && error.code, 'EMBEDDED_FAILED');
      assert.match((error instanceof EmbeddedError && error.hint) || '', /port/);
      await serving({ dataDir }, async () => undefined);
    }),
  ));

test.run();
