/** The databases of one server: how they come and go, and that each is its own. */
import { once } from 'node:events';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEmbedded, type EmbeddedServer } from '../../src/embedded/index.js';
import { frontend, errorField, lazily, sleep, startup, values, Wire } from './wire.js';

const test = suite('embedded: databases');
const temporary = mkdtempSync(join(tmpdir(), 'btcdb-test-'));
const cacheDir = join(temporary, 'cache');
const waitTimeoutMs = 400;
const server = lazily(() => startEmbedded({ cacheDir, waitTimeoutMs }));

test.after(async () => {
  await (await server()).stop();
  rmSync(temporary, { recursive: true, force: true });
});

/** Not by its URL: pg does not decode all of it. */
function clientOf({ host, port }: EmbeddedServer, database: string): pg.Client {
  const client = new pg.Client({ host, port, user: 'postgres', database });
  client.on('error', () => undefined);
  return client;
}

async function withClient<T>(client: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs a statement in a database and returns its rows as lists. */
async function run(database: string, sql: string, at?: EmbeddedServer): Promise<unknown[][]> {
  return withClient(clientOf(at ?? (await server()), database), async (client) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows);
}

const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

const fails = async (database: string, sql: string, code: string): Promise<void> =>
  assert.is(await codeOf(run(database, sql)), code, sql);

test('a database of its own, that pg_database shows everywhere', async () => {
  await run('postgres', 'create table main_only (n int)');
  await run('postgres', 'create database first');
  assert.equal(await run('first', `select current_database(), to_regclass('main_only')`), [['first', null]]);
  await run('first', 'create table first_only (n int)');
  assert.equal(await run('postgres', `select to_regclass('first_only')`), [[null]]);
  const names = `select datname from pg_database where not datistemplate and datname <> 'template1' order by 1`;
  assert.equal(await run('postgres', names), [['first'], ['postgres']]);
  assert.equal(await run('first', names), [['first'], ['postgres']]);
  await run('postgres', 'revoke all on database first from public');
  await run('postgres', `comment on database first is 'x'`);
  await fails('postgres', 'create database FIRST', '42P04');
  await run('postgres', 'drop database first');
  assert.equal(await run('postgres', names), [['postgres']]);
  await fails('first', 'select 1', '3D000');
  await fails('postgres', 'revoke all on database first from public', '3D000');
  await fails('postgres', 'drop database first', '3D000');
  await run('postgres', 'drop database if exists first');
});

test('a copy of another database has what that has, and goes its own way', async () => {
  await run('postgres', 'create table copied (n int); insert into copied values (1)');
  await run('template1', 'create database "a copy" with template = postgres owner postgres');
  await run('postgres', 'insert into copied values (2)');
  assert.equal(await run('a copy', 'select current_database(), n from copied'), [['a copy', 1]]);
  await run('template1', 'drop database "a copy"');
});

test('names that need quotes', async () => {
  for (const name of ['Two "words"', "apo'strophe", '../ü', 'x'.repeat(63)]) {
    const quoted = pg.escapeIdentifier(name);
    await run('postgres', `create database ${quoted}`);
    assert.equal(await run(name, 'select current_database()'), [[name]]);
    await run('postgres', `drop database ${quoted}`);
    await fails(name, 'select 1', '3D000');
  }
  await fails('postgres', `create database ${'x'.repeat(64)}`, '42622');
});

test('statements that cannot be carried out', async () => {
  await fails('postgres', 'create database a template nowhere', '3D000');
  await fails('postgres', 'create database a owner nobody', '42704');
  await fails('a', 'select 1', '3D000');
  await fails('postgres', 'begin; create database a', '25001');
  await fails('postgres', 'create database a tablespace b', '0A000');
  await fails('postgres', 'alter database template1 rename to other', '0A000');
  await fails('postgres', 'drop database postgres', '55006');
  await fails('postgres', 'drop database template1', '42809');
  await fails('postgres', `do $$ begin execute 'create database a'; end $$`, '25001');
  await withClient(clientOf(await server(), 'postgres'), async (client) => {
    assert.is(await codeOf(client.query({ name: 'p', text: 'create database a' })), '0A000');
    await client.query('begin');
    assert.is(await codeOf(client.query('create database a')), '25001');
    assert.is(await codeOf(client.query('create database a')), '25P02');
    await client.query('rollback');
    assert.is((await client.query(`select 'create database a' as a`)).rows.length, 1);
  });
});

test('a database in use is dropped when its clients leave, or by force', async () => {
  await run('postgres', 'create database used');
  const client = clientOf(await server(), 'used');
  let lost = '';
  client.on('error', (error: Error & { code?: string }) => (lost ||= error.code ?? error.message));
  await client.connect();
  await client.query('begin; create table t (n int)');
  await fails('postgres', 'drop database used', '55006');
  await run('postgres', 'drop database used with (force)');
  await sleep(20);
  assert.is(lost, '57P01');
  await fails('used', 'select 1', '3D000');

  await run('postgres', 'create database used');
  const leaving = clientOf(await server(), 'used');
  await leaving.connect();
  const dropped = run('postgres', 'drop database used');
  await sleep(200);
  await leaving.end();
  await dropped;
});

test('two that make one name at once: one does', async () => {
  const codes = await Promise.all([1, 2, 3].map(() => codeOf(run('postgres', 'create database race'))));
  assert.equal(codes.sort(), ['42P04', '42P04', undefined]);
  const drops = await Promise.all([1, 2].map(() => codeOf(run('postgres', 'drop database race'))));
  assert.equal(drops.sort(), ['3D000', undefined]);
});

test('who connects to a database in the making waits for it', async () => {
  const { port } = await server();
  const maker = await Wire.connected(port);
  maker.send(frontend.query('create database soon'));
  await sleep(5);
  assert.equal(await run('soon', 'select current_database()'), [['soon']]);
  await maker.until('Z');
  maker.socket.destroy();
  await run('postgres', 'drop database soon');
});

test('a statement without a name survives what the server does in between', async () => {
  const { port } = await server();
  const [client, other] = await Promise.all([1, 2].map(() => Wire.connected(port)));
  const execute = async (): Promise<void> =>
    assert.equal(values(await client!.ask(frontend.bind(''), frontend.execute, frontend.sync)), ['mine']);
  await client!.ask(frontend.parse('', `select 'mine'`), frontend.sync);
  await run('template1', 'create database between');
  await execute();
  await other!.ask(frontend.query('begin'));
  await other!.ask(frontend.query('lock pg_description'));
  await execute();
  await other!.ask(frontend.query('rollback'));
  await execute();
  await (await server()).snapshot(join(temporary, 'between.tar'));
  await execute();
  await run('template1', 'drop database between');
  await execute();
  for (const wire of [client, other]) wire!.socket.destroy();
});

test('a transaction in one database does not hold up another', async () => {
  await run('postgres', 'create database other');
  await withClient(clientOf(await server(), 'other'), async (client) => {
    await client.query('begin; create table t (n int)');
    assert.equal(await run('postgres', 'select 1'), [[1]]);
    // Its files are those of no moment as long as the transaction is open.
    await fails('postgres', 'create database copy template other', '55006');
    await client.query('rollback');
  });
  await run('postgres', 'drop database other');
});

test('postgres itself can be dropped and made again', async () => {
  const own = await startEmbedded({ cacheDir });
  try {
    await run('postgres', 'create table t (n int)', own);
    await run('template1', 'create database backup template postgres', own);
    await run('template1', 'drop database postgres', own);
    assert.is(await codeOf(own.snapshot(join(temporary, 'none.tar'))), 'EMBEDDED_FAILED');
    await run('template1', 'create database postgres', own);
    assert.equal(await run('postgres', `select to_regclass('t')`, own), [[null]]);
    await run('template1', 'drop database postgres', own);
    await run('template1', 'create database postgres template backup', own);
    assert.equal(await run('postgres', `select to_regclass('t')`, own), [['t']]);
  } finally {
    await own.stop();
  }
});

test('when one engine breaks, the other databases go on', async () => {
  await run('postgres', 'create database doomed');
  const { port } = await server();
  const wire = await Wire.open(port);
  await wire.ask(startup({ user: 'postgres', database: 'doomed' }));
  await wire.ask(frontend.query(`set max_stack_depth = '60MB'`));
  wire.send(frontend.query(`select repeat('[', 1000000)::jsonb`));
  assert.is(errorField(await wire.until('Z'), 'C'), '57P02');
  await fails('doomed', 'select 1', '57P02');
  assert.equal(await run('postgres', 'select 1'), [[1]]);
  await run('postgres', 'drop database doomed');
  await run('postgres', 'create database doomed');
  assert.equal(await run('doomed', 'select 1'), [[1]]);
  await run('postgres', 'drop database doomed');
});

test('databases in a folder survive a restart', async () => {
  const dataDir = join(temporary, 'survive');
  const first = await startEmbedded({ dataDir, cacheDir });
  await run('postgres', 'create database "kept/one"', first);
  await run('postgres', 'create database gone', first);
  await run('kept/one', 'create table t (n int); insert into t values (7)', first);
  await run('postgres', 'drop database gone', first);
  await run('template1', 'drop database postgres', first);
  await run('template1', 'create database postgres template "kept/one"', first);
  await run('postgres', 'insert into t values (8)', first);
  await first.stop();
  const second = await startEmbedded({ dataDir, cacheDir });
  try {
    assert.equal(await run('kept/one', 'select current_database(), n from t', second), [['kept/one', 7]]);
    assert.equal(await run('postgres', 'select n from t', second), [[7], [8]]);
    assert.is(await codeOf(run('gone', 'select 1', second)), '3D000');
    assert.is(readdirSync(join(dataDir, 'databases')).length, 1);
  } finally {
    await second.stop();
  }
});

/** Sends a statement to a server in another process and kills that once `isTime`. */
async function killDuring(dataDir: string, sql: string, isTime: () => boolean): Promise<void> {
  const module = new URL('../../src/embedded/index.js', import.meta.url).href;
  const script = `
    import { startEmbedded } from ${JSON.stringify(module)};
    console.log((await startEmbedded(${JSON.stringify({ dataDir, cacheDir })})).url);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  const client = new pg.Client({ connectionString: String(url).trim() });
  client.on('error', () => undefined);
  await client.connect();
  const done = codeOf(client.query(sql));
  while (!isTime()) await sleep(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await done;
}

test('a server killed while it makes or drops a database leaves no half of one', async () => {
  const dataDir = join(temporary, 'killed');
  const folders = (): string[] => (existsSync(join(dataDir, 'databases')) ? readdirSync(join(dataDir, 'databases')) : []);
  await killDuring(dataDir, 'create database half', () => folders().length === 1 && existsSync(join(dataDir, 'databases', folders()[0]!, 'data')));
  const server = await startEmbedded({ dataDir, cacheDir });
  // Whether it was done in time is open.
  if ((await codeOf(run('half', 'select 1', server))) === '3D000') await run('postgres', 'create database half', server);
  assert.equal(await run('half', 'select current_database()', server), [['half']]);
  assert.is(folders().length, 1);
  await server.stop();
  const name = join(dataDir, 'databases', folders()[0]!, 'name');
  await killDuring(dataDir, 'drop database half', () => !existsSync(name));
  const again = await startEmbedded({ dataDir, cacheDir });
  assert.is(await codeOf(run('half', 'select 1', again)), '3D000');
  assert.equal(folders(), []);
  await again.stop();
});

const graphileMigrate = join('node_modules', 'graphile-migrate', 'dist', 'cli.js');

test('graphile-migrate watches, commits, uncommits and resets', async () => {
  const folder = join(temporary, 'project');
  mkdirSync(join(folder, 'migrations'), { recursive: true });
  writeFileSync(join(folder, '.gmrc'), '{}');
  const current = join(folder, 'migrations', 'current.sql');
  const own = await startEmbedded({ cacheDir });
  const urlOf = (database: string): string => own.url.replace(/postgres$/, database);
  const gm = async (...args: string[]): Promise<void> => {
    const env = {
      ...process.env, DATABASE_URL: urlOf('postgres'), SHADOW_DATABASE_URL: urlOf('shadow'), ROOT_DATABASE_URL: urlOf('template1'),
    };
    await promisify(execFile)(process.execPath, [join(process.cwd(), graphileMigrate), ...args], { cwd: folder, env });
  };
  const applied = (database: string): Promise<unknown[][]> => run(database, 'select filename from graphile_migrate.migrations', own);
  try {
    // It locks on one connection while it migrates on another; the second time it has something to forget before.
    for (const [column, type] of [['a', 'int'], ['b', 'text']]) {
      writeFileSync(current, `drop table if exists t;\ncreate table t (${column} ${type});\n`);
      await gm('watch', '--once');
      assert.equal(await run('postgres', `select attname from pg_attribute where attrelid = 't'::regclass and attnum > 0`, own), [[column]]);
    }
    await gm('commit', '-m', 'first');
    assert.equal(readdirSync(join(folder, 'migrations', 'committed')), ['000001-first.sql']);
    for (const database of ['postgres', 'shadow']) {
      assert.equal(await applied(database), [['000001.sql']]);
      assert.equal(await run(database, 'select * from t', own), []);
    }
    await gm('uncommit');
    assert.equal(readdirSync(join(folder, 'migrations', 'committed')), []);
    assert.equal(await applied('postgres'), []);
    await gm('commit', '-m', 'again');
    await run('postgres', `insert into t values ('x')`, own);
    await gm('reset', '--erase');
    assert.equal(await run('postgres', 'select * from t', own), []);
    assert.equal(await applied('postgres'), [['000001.sql']]);
  } finally {
    await own.stop();
  }
});

test.run();
