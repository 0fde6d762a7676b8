import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEmbedded, startMigrated, type EmbeddedServer } from '../../src/embedded/index.js';
import { packTar, unpackTar } from '../../src/embedded/tar.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { cacheDir as kept, copyBlank } from '../support/blank.js';

const test = suite('embedded: snapshots');

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-test-'));
  try {
    await work(folder);
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

async function serving(start: Promise<EmbeddedServer>, work: (server: EmbeddedServer) => Promise<void>): Promise<void> {
  const server = await start;
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

const schema = `
  create extension timescaledb;
  create table points (at timestamptz not null, v numeric);
  select create_hypertable('points', 'at');
  insert into points select g, 1 from generate_series('2024-01-01'::timestamptz, '2024-01-10', '1 hour') g;
  create materialized view daily with (timescaledb.continuous, timescaledb.materialized_only = false) as
    select time_bucket('1 day', at) as day, sum(v) as v from points group by 1 with no data;
  create sequence numbers; select nextval('numbers');`;

test('a tar gives back what was put in, and damage is noticed', () => {
  const entries = [
    { path: 'a' },
    { path: 'a/b', content: Buffer.from('x'.repeat(700)) },
    { path: 'c', content: Buffer.alloc(0) },
  ];
  const tar = packTar(entries);
  assert.equal(
    [...unpackTar(tar)].map(({ path, content }) => [path, content?.toString()]),
    [
      ['a', undefined],
      ['a/b', 'x'.repeat(700)],
      ['c', ''],
    ],
  );
  assert.throws(() => [...unpackTar(tar.subarray(0, 1500))], /cut off/);
  assert.throws(() => [...unpackTar(tar.subarray(0, 1024))], /cut off/);
  const damaged = Buffer.from(tar);
  damaged[3] = 65;
  assert.throws(() => [...unpackTar(damaged)], /damaged/);
});

test('a database starts from a snapshot, in memory and in an empty folder', () =>
  inFolder(async (folder) => {
    const snapshot = join(folder, 'new folder', 'x.tar');
    await serving(startEmbedded({ cacheDir: kept }), async (server) => {
      // Each statement on its own: a continuous aggregate cannot be made in a transaction of several.
      for (const sql of schema.split(';').slice(0, -1)) await query(server.url, sql);
      await server.snapshot(snapshot);
      await query(server.url, 'insert into points values (now(), 2)');
    });
    assert.equal(readdirSync(join(folder, 'new folder')), ['x.tar']);
    const dataDir = join(folder, 'data dir');
    for (const options of [{ snapshot }, { snapshot, dataDir }]) {
      await serving(startEmbedded(options), async ({ url }) => {
        assert.equal(await query(url, 'select sum(v)::int as v from points'), [{ v: 217 }]);
        await query(url, "call refresh_continuous_aggregate('daily', null, null)");
        await query(url, "insert into points values ('2024-01-02 00:30', 5)");
        assert.equal(await query(url, "select v::int from daily where day = '2024-01-01'"), [{ v: 24 }]);
        assert.equal(await query(url, "select nextval('numbers')::int as n"), [{ n: 2 }]);
      });
    }
    const error = await failure(startEmbedded({ snapshot, dataDir }));
    assert.is(error instanceof EmbeddedError && error.code, 'EMBEDDED_FAILED');
    // The files of a folder are archived in another order than those in memory.
    await serving(startEmbedded({ dataDir }), (server) => server.snapshot(snapshot));
    await serving(startEmbedded({ snapshot }), async ({ url }) => {
      assert.equal(await query(url, 'select sum(v)::int as v from points'), [{ v: 222 }]);
    });
  }));

test('a snapshot that is missing or damaged is an error', () =>
  inFolder(async (folder) => {
    const damaged = join(folder, 'x.tar');
    writeFileSync(damaged, 'not a tar at all'.repeat(100));
    for (const snapshot of [join(folder, 'none.tar'), damaged]) {
      for (const dataDir of [undefined, join(folder, 'data dir')]) {
        const error = await failure(startEmbedded({ snapshot, dataDir }));
        assert.is(error instanceof EmbeddedError && error.code, 'EMBEDDED_FAILED', `${snapshot} ${dataDir}`);
      }
    }
    assert.equal(readdirSync(join(folder, 'data dir')), []);
  }));

/** A migration is a file of SQL here; counts how often they ran. */
async function migrations(folder: string) {
  const migrationsDir = join(folder, 'migrations');
  const cacheDir = join(folder, 'cache');
  mkdirSync(migrationsDir);
  await copyBlank(cacheDir);
  let runs = 0;
  return {
    write: (name: string, sql: string) => writeFileSync(join(migrationsDir, name), sql),
    runs: () => runs,
    // Beside them there is one of an empty database.
    cached: () => (existsSync(cacheDir) ? readdirSync(cacheDir) : []).filter((name) => !name.startsWith('blank-')),
    cacheDir,
    options: {
      migrationsDir,
      cacheDir,
      migrate: async (url: string) => {
        runs++;
        for (const name of readdirSync(migrationsDir).sort())
          await query(url, readFileSync(join(migrationsDir, name), 'utf8'));
      },
    },
  };
}

test('migrations run once, and again when they change', () =>
  inFolder(async (folder) => {
    const { write, runs, cached, options, cacheDir } = await migrations(folder);
    write('1.sql', 'create table if not exists a (n int)');
    const tables = async (server: EmbeddedServer): Promise<string> => {
      const rows = await query(
        server.url,
        "select relname from pg_class where relnamespace = 'public'::regnamespace order by 1",
      );
      return rows.map(({ relname }) => relname).join();
    };
    await serving(startMigrated(options), async (server) => assert.is(await tables(server), 'a'));
    await serving(startMigrated(options), async (server) => assert.is(await tables(server), 'a'));
    assert.is(runs(), 1);
    assert.is(cached().length, 1);
    write('2.sql', 'create table if not exists b (n int)');
    await serving(startMigrated(options), async (server) => assert.is(await tables(server), 'a,b'));
    assert.is(runs(), 2);
    assert.is(cached().length, 2);
    // In a folder: from the snapshot at first, then only what is new is migrated.
    const dataDir = join(folder, 'data dir');
    await serving(startMigrated({ ...options, dataDir }), async (server) => {
      assert.is(await tables(server), 'a,b');
      await query(server.url, 'insert into a values (1)');
    });
    assert.is(runs(), 2);
    write('3.sql', 'create table if not exists c (n int)');
    await serving(startMigrated({ ...options, dataDir }), async (server) => {
      assert.is(await tables(server), 'a,b,c');
      assert.equal(await query(server.url, 'select n from a'), [{ n: 1 }]);
    });
    assert.is(runs(), 3);
    // Old snapshots and leftovers of interrupted processes go.
    const old = new Date(Date.now() - 7200_000);
    for (const name of ['1', '2', '3'].map((n) => `migrated-${n.repeat(40)}.tar`).concat('x.tar.7.tmp', 'mine.txt')) {
      writeFileSync(join(cacheDir, name), '');
      utimesSync(join(cacheDir, name), old, old);
    }
    await serving(startMigrated(options), async () => undefined);
    assert.is(cached().filter((name) => name.endsWith('.tar')).length, 3);
    assert.not(cached().includes('x.tar.7.tmp'));
    assert.ok(cached().includes('mine.txt'));
  }));

test('a migration that fails is thrown and leaves no snapshot', () =>
  inFolder(async (folder) => {
    const { write, cached, options } = await migrations(folder);
    write('1.sql', 'create table a (n nonsense)');
    const error = await failure(startMigrated(options));
    assert.is((error as { code?: string }).code, '42704');
    assert.equal(cached(), []);
  }));

test('a damaged snapshot in the cache is made again', () =>
  inFolder(async (folder) => {
    const { write, runs, cached, options, cacheDir } = await migrations(folder);
    write('1.sql', 'create table a (n int)');
    await serving(startMigrated(options), async () => undefined);
    writeFileSync(join(cacheDir, cached()[0] ?? ''), 'damaged'.repeat(1000));
    await serving(startMigrated(options), async ({ url }) => assert.equal(await query(url, 'select * from a'), []));
    assert.is(runs(), 2);
  }));

test.run();
