import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEmbedded } from '../../src/embedded/index.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { cacheDir } from '../support/blank.js';
import {
  encryptionRequest,
  errorField,
  frontend,
  lazily,
  sleep,
  startup,
  status,
  types,
  values,
  Wire,
} from './wire.js';

const test = suite('embedded: server');
const run = promisify(execFile);

const waitTimeoutMs = 400;
const server = lazily(() => startEmbedded({ waitTimeoutMs }));

async function withClients(count: number, work: (clients: pg.Client[]) => Promise<void>): Promise<void> {
  const { url } = await server();
  const clients = Array.from({ length: count }, () => new pg.Client({ connectionString: url }));
  try {
    await Promise.all(clients.map((client) => client.connect()));
    await work(clients);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

const withClient = (work: (client: pg.Client) => Promise<void>): Promise<void> =>
  withClients(1, ([client]) => work(client!));

async function withWires(count: number, work: (wires: Wire[]) => Promise<void>): Promise<void> {
  const { port } = await server();
  const wires = await Promise.all(Array.from({ length: count }, () => Wire.connected(port)));
  try {
    await work(wires);
  } finally {
    for (const wire of wires) wire.socket.destroy();
  }
}

const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

test('tells a client what a server tells', () =>
  withClient(async (client) => {
    const { rows } = await client.query<{
      version: string;
      database: string;
      user: string;
      path: string;
      scan: string;
    }>(
      `select version(), current_database() as database, session_user as user,
              current_setting('search_path') as path, current_setting('enable_seqscan') as scan`,
    );
    const [row] = rows;
    assert.match(row?.version ?? '', /^PostgreSQL 17/);
    assert.equal([row?.database, row?.user, row?.path, row?.scan], ['postgres', 'postgres', '"$user", public', 'on']);
    const { rows: extensions } = await client.query<{ name: string }>(
      `select name from pg_available_extensions where name in ('timescaledb', 'btree_gist') order by name`,
    );
    assert.equal(
      extensions.map(({ name }) => name),
      ['btree_gist', 'timescaledb'],
    );
  }));

test('eight clients with 400 different statements get their own answers', () =>
  withClients(8, async (clients) => {
    const fifty = async (client: pg.Client, first: number): Promise<void> => {
      for (let i = first; i < first + 50; i++) {
        const { rows } = await client.query({
          ...(i % 3 === 0 ? { name: `statement ${i % 50}` } : {}),
          text: `select ${i} as a${i}, $1::text as b`,
          values: [`value ${i}`],
        });
        assert.equal(rows, [{ [`a${i}`]: i, b: `value ${i}` }]);
      }
    };
    await Promise.all(clients.map((client, i) => fifty(client, i * 50)));
  }));

test('40 concurrent read-modify-write transactions lose nothing', async () => {
  const { url } = await server();
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  try {
    await pool.query('create table counters (n int); insert into counters values (0)');
    const add = async (): Promise<void> => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const { rows } = await client.query<{ n: number }>('select n from counters');
        await sleep(1);
        await client.query('update counters set n = $1', [(rows[0]?.n ?? NaN) + 1]);
        await client.query('commit');
      } finally {
        client.release();
      }
    };
    await Promise.all(Array.from({ length: 40 }, add));
    const { rows } = await pool.query('select n from counters');
    assert.equal(rows, [{ n: 40 }]);
  } finally {
    await pool.end();
  }
});

test('refuses encryption and goes on without', async () => {
  const { port } = await server();
  const wire = await Wire.open(port);
  for (const code of [80877103, 80877104]) {
    wire.send(encryptionRequest(code));
    assert.is(await wire.bytes(1), 'N');
  }
  const greeting = await wire.ask(startup({ user: 'postgres', database: 'postgres' }));
  assert.match(types(greeting), /^RS+KZ$/);
  const reported = greeting.filter(({ type }) => type === 'S').map(({ body }) => body.toString().split('\0').slice(0, 2).join('='));
  const settings = values(await wire.ask(frontend.query(`
    select name || '=' || setting from pg_settings where name in ('server_version', 'server_encoding', 'client_encoding', 'DateStyle', 'TimeZone',
      'IntervalStyle', 'integer_datetimes', 'standard_conforming_strings', 'in_hot_standby', 'default_transaction_read_only', 'application_name')`)));
  assert.equal(reported.sort(), [...settings, 'is_superuser=on', 'session_authorization=postgres'].sort());
  wire.socket.destroy();
});

test('a request to cancel is closed', async () => {
  const { port } = await server();
  const wire = await Wire.open(port);
  wire.send(Buffer.from([0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 1]));
  await wire.until('Z');
  assert.ok(wire.ended);
});

test('another database, another role and strange bytes are refused', async () => {
  const { port } = await server();
  for (const [parameters, code] of [
    [{ user: 'postgres', database: 'other' }, '3D000'],
    [{ user: 'other', database: 'postgres' }, '28000'],
  ] as const) {
    const wire = await Wire.open(port);
    const answers = await wire.ask(startup(parameters));
    assert.is(errorField(answers, 'C'), code);
    assert.ok(errorField(answers, 'H'));
    assert.ok(wire.ended);
  }
  const wire = await Wire.open(port);
  assert.is(errorField(await wire.ask(Buffer.from('GET / HTTP/1.1\r\n\r\n')), 'C'), '08P01');
  await withWires(1, async ([typed]) => {
    assert.is(errorField(await typed!.ask(Buffer.from('GET / HTTP/1.1\r\n\r\n')), 'C'), '08P01');
  });
  await withClient(async (client) => assert.is((await client.query('select 1')).rowCount, 1));
});

test('messages may come byte by byte', () =>
  withWires(1, async ([wire]) => {
    const bytes = Buffer.concat([
      frontend.parse('', 'select $1::text'),
      frontend.bind('', 'abc'),
      frontend.execute,
      frontend.sync,
    ]);
    for (const byte of bytes) {
      wire!.send(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    const answers = await wire!.until('Z');
    assert.is(types(answers), '12DCZ');
    assert.equal(values(answers), ['abc']);
  }));

test('messages may come together', () =>
  withWires(1, async ([wire]) => {
    wire!.send(
      frontend.query('select 1'),
      frontend.query('select 1/0'),
      frontend.parse('', 'select 2'),
      frontend.bind(''),
      frontend.execute,
      frontend.sync,
    );
    assert.equal(values(await wire!.until('Z')), ['1']);
    assert.is(errorField(await wire!.until('Z'), 'C'), '22012');
    assert.equal(values(await wire!.until('Z')), ['2']);
  }));

test('a client that leaves without a word still gets its work done', async () => {
  await withClient(async (client) => {
    await client.query('create table farewells (n int)');
    const { port } = await server();
    const wire = await Wire.connected(port);
    wire.socket.end(Buffer.concat([frontend.query('insert into farewells values (1)'), frontend.terminate]));
    await once(wire.socket, 'close');
    assert.is((await client.query('select * from farewells')).rowCount, 1);
  });
});

test('waiting on an idle transaction ends in an error, and the connection stays usable', () =>
  withWires(2, async ([holder, waiter]) => {
    assert.is(status(await holder!.ask(frontend.query('begin'))), 'T');
    const begin = performance.now();
    const simple = await waiter!.ask(frontend.query('select 1'));
    assert.ok(performance.now() - begin >= waitTimeoutMs - 50);
    assert.is(errorField(simple, 'C'), '55P03');
    assert.match(errorField(simple, 'M') ?? '', /transaction/);
    assert.match(errorField(simple, 'D') ?? '', /idle in its transaction/);
    assert.match(errorField(simple, 'H') ?? '', /DATABASE_URL/);
    assert.is(types(simple), 'EZ');
    const extended = await waiter!.ask(
      frontend.parse('', 'select 1'),
      frontend.bind(''),
      frontend.execute,
      frontend.sync,
    );
    assert.is(types(extended), 'EZ');
    assert.is(status(extended), 'I');
    // With Flush instead of Sync the rest of the batch comes later, and belongs to what has failed.
    waiter!.send(frontend.parse('', 'select 1'), frontend.flush);
    assert.is(types(await waiter!.until('E')), 'E');
    assert.is(types(await waiter!.ask(frontend.bind(''), frontend.execute, frontend.sync)), 'Z');
    await holder!.ask(frontend.query('commit'));
    assert.equal(values(await waiter!.ask(frontend.query('select 3'))), ['3']);
  }));

test('a transaction at work is waited for, however long it takes', () =>
  withClients(3, async ([busy, waiter, sleeper]) => {
    await busy!.query('begin');
    const answer = waiter!.query('select 1');
    for (let i = 0; i < 8; i++) {
      await busy!.query('select 1');
      await sleep(waitTimeoutMs / 4);
    }
    await busy!.query('commit');
    assert.is((await answer).rowCount, 1);
    const [, second] = await Promise.all([
      sleeper!.query(`select pg_sleep(${(waitTimeoutMs * 2) / 1000})`),
      sleep(20).then(() => waiter!.query('select 1')),
    ]);
    assert.is(second.rowCount, 1);
  }));

test('clients are served in the order in which they came', () =>
  withClients(4, async ([first, ...others]) => {
    await first!.query('begin');
    const order: number[] = [];
    const answers = [];
    for (const [i, client] of others.entries()) {
      answers.push(client.query('select 1').then(() => order.push(i)));
      await sleep(20);
    }
    await first!.query('commit');
    await Promise.all(answers);
    assert.equal(order, [0, 1, 2]);
  }));

test('a transaction that has only locked tables makes way until it goes on', () =>
  withClients(3, async ([locker, other, rival]) => {
    await other!.query('create table turns (n int)');
    const one = async (client: pg.Client, sql: string): Promise<unknown> => Object.values((await client.query(sql)).rows[0] as object)[0];
    await locker!.query('begin isolation level repeatable read');
    await locker!.query('lock turns in exclusive mode');
    await other!.query('begin; insert into turns values (1); commit');
    // Those who lock, too, are kept off.
    const order: string[] = [];
    const locked = rival!.query('begin').then(() => rival!.query('lock turns')).then(() => order.push('rival'));
    await other!.query('begin; select 1');
    assert.is(await codeOf(other!.query('lock table turns')), '55P03');
    await other!.query('rollback');
    await sleep(waitTimeoutMs + 100);
    assert.is(await one(locker!, `select current_setting('transaction_isolation') || count(*) from turns`), 'repeatable read1');
    assert.equal(await one(locker!, `select count(*)::int from pg_locks where relation = 'turns'::regclass and mode = 'ExclusiveLock'`), 1);
    // It has seen something, and makes way no more.
    assert.is(await codeOf(other!.query('select 1')), '55P03');
    order.push('locker');
    await locker!.query('commit');
    await locked;
    assert.equal(order, ['locker', 'rival']);
    await rival!.query('insert into turns values (2)');
    await rival!.query('rollback');
    assert.is(await one(other!, 'select count(*)::int from turns'), 1);
  }));

test('a client that locked tables and leaves lets the next one in', () =>
  withWires(3, async ([first, second, third]) => {
    await first!.ask(frontend.query('create table doors (n int)'));
    for (const [wire, lock] of [
      [first, [frontend.query('lock doors')]],
      [second, [frontend.query('lock doors')]],
      [third, [frontend.parse('', 'lock doors'), frontend.bind(''), frontend.execute, frontend.sync]],
    ] as const) {
      assert.is(status(await wire!.ask(frontend.query('begin'))), 'T');
      wire!.send(...lock);
      await sleep(20);
    }
    await sleep(50);
    second!.socket.destroy();
    await sleep(50);
    first!.socket.destroy();
    const answers = await third!.until('Z');
    assert.is(types(answers), '12CZ');
    assert.is(status(answers), 'T');
  }));

test('a client that disconnects in a transaction is rolled back', () =>
  withClient(async (client) => {
    await client.query('create table visits (n int)');
    const { port } = await server();
    for (const leave of [
      (wire: Wire) => wire.socket.destroy(),
      (wire: Wire) => wire.socket.resetAndDestroy(),
      (wire: Wire) => wire.send(frontend.terminate),
      // In the middle of a batch, and in a failed transaction.
      (wire: Wire) => wire.socket.end(Buffer.concat([frontend.parse('', 'select 1'), frontend.flush])),
      (wire: Wire) => wire.socket.end(frontend.query('select 1/0')),
    ]) {
      const wire = await Wire.connected(port);
      await wire.ask(frontend.query('begin; insert into visits values (1)'));
      leave(wire);
      assert.is((await client.query('select * from visits')).rowCount, 0);
    }
  }));

test('advisory locks belong to a client', () =>
  withClients(2, async ([a, b]) => {
    const ask = async (client: pg.Client, call: string): Promise<unknown> => (await client.query({ text: `select ${call}`, rowMode: 'array' })).rows[0]?.[0];
    for (const key of ['1', '-9223372036854775807', '1, 2', `hashtext('x')`]) {
      await ask(a!, `pg_advisory_lock(${key})`);
      assert.is(await ask(a!, `pg_try_advisory_lock(${key})`), true);
      for (const kind of ['lock', 'lock_shared', 'xact_lock', 'xact_lock_shared']) {
        assert.is(await ask(b!, `pg_try_advisory_${kind}(${key})`), false);
        assert.is(await codeOf(b!.query(`begin; select pg_advisory_${kind}(${key})`)), '55P03');
        await b!.query('rollback');
      }
      assert.is(await ask(b!, `pg_advisory_unlock(${key})`), false);
      await ask(b!, `pg_advisory_unlock_all()`);
      // It was taken twice.
      assert.is(await ask(a!, `pg_advisory_unlock(${key})`), true);
      assert.is(await ask(b!, `pg_try_advisory_lock(${key})`), false);
      assert.is(await ask(a!, `pg_advisory_unlock(${key})`), true);
      assert.is(await ask(a!, `pg_advisory_unlock(${key})`), false);
      assert.is(await ask(b!, `pg_try_advisory_lock(${key})`), true);
      await ask(b!, 'pg_advisory_unlock_all()');
      assert.is(await ask(a!, `pg_try_advisory_xact_lock(${key})`), true);
      assert.is(await ask(b!, `pg_try_advisory_lock_shared(${key})`), true);
      assert.is(await ask(a!, `pg_try_advisory_lock_shared(${key})`), true);
      assert.is(await ask(a!, `pg_try_advisory_lock(${key})`), false);
      assert.is(await ask(b!, `pg_advisory_unlock_shared(${key})`), true);
      assert.is(await ask(a!, `pg_try_advisory_lock(${key})`), true);
      await ask(a!, 'pg_advisory_unlock_all()');
    }
    assert.is(await ask(a!, 'pg_try_advisory_lock(null)'), null);
    // In functions too, for whoever may call them, and whatever becomes of the transaction.
    await a!.query(`create function locks(n int) returns boolean language plpgsql as $$ begin return pg_try_advisory_lock(n); end $$; create role locker`);
    await a!.query('begin; set local role locker; select locks(7); rollback');
    assert.is(await ask(b!, 'locks(7)'), false);
  }));

test('an advisory lock of another client is waited for until that unlocks or leaves', () =>
  withClients(1, async ([a]) => {
    const { url } = await server();
    const order: string[] = [];
    const lock = async (name: string, query: string | pg.QueryConfig): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(query);
      order.push(name);
      return client;
    };
    await a!.query('select pg_advisory_lock(5)');
    const simple = lock('simple', 'select pg_advisory_lock(5)');
    await sleep(waitTimeoutMs + 100);
    const prepared = lock('prepared', { name: 'lock', text: 'select pg_advisory_lock($1), $2::text', values: [5, 'x'] });
    const unnamed = lock('unnamed', { text: 'select pg_advisory_lock($1)', values: [5] });
    await sleep(50);
    // Meanwhile others go on, also with statements without a name.
    assert.equal((await a!.query('select $1::int as n', [3])).rows, [{ n: 3 }]);
    assert.equal(order, []);
    const gone = await Wire.connected((await server()).port);
    gone.send(frontend.query('select pg_advisory_lock(5)'));
    await sleep(20);
    gone.socket.destroy();
    await a!.query('select pg_advisory_unlock(5)');
    await (await simple).end();
    const rest = await Promise.race([prepared, unnamed]);
    assert.is(order.length, 2);
    // One that is cut off, too.
    (rest as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    rest.on('error', () => undefined);
    for (const client of [await prepared, await unnamed]) if (client !== rest) await client.end();
    assert.equal([...order].sort(), ['prepared', 'simple', 'unnamed']);
    await sleep(50);
    assert.equal((await a!.query('select pg_try_advisory_lock(5) as free')).rows, [{ free: true }]);
  }));

test('named statements belong to a client and go with it', () =>
  withWires(2, async ([a, b]) => {
    const longName = 'n'.repeat(80);
    for (const name of ['s', longName, `${longName}2`]) {
      const parse = (wire: Wire, sql: string) =>
        wire.ask(frontend.parse(name, sql), frontend.describe(name), frontend.sync);
      assert.is(types(await parse(a!, `select 'a${name}'`)), '1tTZ');
      assert.is(types(await parse(b!, `select 'b${name}'`)), '1tTZ');
    }
    const execute = (wire: Wire, name: string) => wire.ask(frontend.bind(name), frontend.execute, frontend.sync);
    for (const name of ['s', longName, `${longName}2`]) {
      assert.equal(values(await execute(a!, name)), [`a${name}`]);
      assert.equal(values(await execute(b!, name)), [`b${name}`]);
    }
    assert.is(types(await a!.ask(frontend.close('s'), frontend.sync)), '3Z');
    assert.is(errorField(await execute(a!, 's'), 'C'), '26000');
    assert.equal(values(await execute(b!, 's')), ['bs']);
    a!.send(frontend.terminate);
    await a!.until('Z');
    assert.equal(values(await b!.ask(frontend.query('select count(*) from pg_prepared_statements'))), ['3']);
  }));

test('the unnamed statement of a client survives another one between two batches', () =>
  withWires(2, async ([a, b]) => {
    const execute = [frontend.bind(''), frontend.execute, frontend.sync];
    await a!.ask(frontend.parse('', "select 'a'"), frontend.sync);
    await b!.ask(frontend.parse('', "select 'b'"), frontend.sync);
    assert.equal(values(await a!.ask(...execute)), ['a']);
    assert.equal(values(await b!.ask(...execute)), ['b']);
    await b!.ask(frontend.query('select 1'));
    assert.is(types(await a!.ask(frontend.describe(''), frontend.sync)), 'tTZ');
    assert.is(errorField(await b!.ask(...execute), 'C'), '26000');
  }));

test('Flush brings the answers before Sync', () =>
  withWires(1, async ([wire]) => {
    wire!.send(frontend.parse('x', 'select 1'), frontend.describe('x'), frontend.close('x'), frontend.flush);
    assert.is(types(await wire!.until('3')), '1tT3');
    assert.is(types(await wire!.ask(frontend.sync)), 'Z');
    wire!.send(frontend.parse('x', 'select nothing'), frontend.describe('x'), frontend.flush);
    assert.is(types(await wire!.until('E')), 'E');
    assert.is(types(await wire!.ask(frontend.sync)), 'Z');
  }));

test('notices go to the client that caused them', () =>
  withClients(2, async ([a, b]) => {
    const notices: string[] = [];
    a!.on('notice', ({ message }) => notices.push(`a: ${message}`));
    b!.on('notice', ({ message }) => notices.push(`b: ${message}`));
    await Promise.all([
      a!.query("do $$ begin raise notice 'from a'; end $$"),
      b!.query("do $$ begin raise notice 'from b'; end $$"),
    ]);
    assert.equal(notices.sort(), ['a: from a', 'b: from b']);
  }));

test('settings and temporary tables go when the last client does', async () => {
  await withClient(async (client) => {
    await client.query("set timezone = 'Asia/Tokyo'; create temp table leftovers (n int); prepare p as select 1");
  });
  await sleep(50);
  await withClient(async (client) => {
    const { rows } = await client.query(
      `select current_setting('timezone') as timezone, to_regclass('leftovers') as leftovers,
              (select count(*)::int from pg_prepared_statements) as statements, current_setting('search_path') as path`,
    );
    assert.equal(rows, [{ timezone: 'GMT', leftovers: null, statements: 0, path: '"$user", public' }]);
    await client.query('reset all');
    await client.query('create table unqualified (n int)');
    assert.is((await client.query("select to_regclass('public.unqualified') as at")).rows[0].at, 'unqualified');
  });
});

test('a large array as a parameter', () =>
  withClient(async (client) => {
    const numbers = Array.from({ length: 1_500_000 }, (_, i) => 1_000_000 + i);
    const { rows } = await client.query<{ sum: string; length: number }>(
      'select sum(n)::text, count(*)::int as length from unnest($1::int[]) n',
      [numbers],
    );
    assert.equal(rows, [{ sum: String(numbers.reduce((a, b) => a + b, 0)), length: numbers.length }]);
  }));

test('100,000 rows, read by a slow client while others go on', async () => {
  const { port } = await server();
  const reader = await Wire.connected(port);
  const sql = "select repeat('x', 90) || g from generate_series(1, 100000) g";
  reader.socket.pause();
  reader.send(frontend.query(sql), frontend.query('select 1'));
  await withClient(async (client) => {
    assert.is((await client.query('select 1')).rowCount, 1);
    const { rows } = await client.query<{ g: string }>(`${sql.replace('g from', 'g as g from')}`);
    assert.is(rows.length, 100_000);
    assert.is(rows[99_999]?.g, `${'x'.repeat(90)}100000`);
  });
  reader.socket.resume();
  let received = 0;
  reader.socket.on('data', (chunk) => (received += (chunk as Buffer).length));
  while (received < 10_000_000) await once(reader.socket, 'data');
  reader.socket.destroy();
});

test('COPY FROM STDIN and COPY TO STDOUT with pg-copy-streams', () =>
  withClient(async (client) => {
    await client.query('create table copies (n int, t text)');
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i}\tline ${i}\n`);
    const copyIn = client.query(copyStreams.from('copy copies from stdin'));
    await pipeline(Readable.from(lines), copyIn);
    assert.is(copyIn.rowCount, lines.length);
    const csv = client.query(
      copyStreams.from("COPY copies (n, t) FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ';')"),
    );
    await pipeline(Readable.from(['n;t\n', '-1;"a;b', '"\n']), csv);
    assert.is(csv.rowCount, 1);
    let out = '';
    for await (const chunk of client.query(copyStreams.to('copy (select * from copies order by n) to stdout'))) {
      out += String(chunk);
    }
    assert.is(out, `-1\ta;b\n${lines.join('')}`);
    const binary: Buffer[] = [];
    for await (const chunk of client.query(copyStreams.to('copy copies to stdout (format binary)')))
      binary.push(chunk as Buffer);
    await client.query('truncate copies');
    await pipeline(Readable.from(binary), client.query(copyStreams.from('copy copies from stdin (format binary)')));
    assert.equal((await client.query('select count(*)::int as n from copies')).rows, [{ n: 50_001 }]);
  }));

test('COPY FROM STDIN that fails leaves nothing, in and outside of a transaction', () =>
  withWires(2, async ([wire, other]) => {
    await wire!.ask(frontend.query('create table mistakes (n int)'));
    const copy = async (...parts: Buffer[]) => {
      wire!.send(frontend.query('copy mistakes from stdin'));
      assert.is(types(await wire!.until('G')), 'G');
      return wire!.ask(...parts);
    };
    const bad = await copy(frontend.copyData('1\nno'), frontend.copyData('ne\n'), frontend.copyDone);
    assert.is(errorField(bad, 'C'), '22P02');
    assert.match(errorField(bad, 'W') ?? '', /COPY mistakes, line 2, column n/);
    assert.is(status(bad), 'I');
    const failed = await copy(frontend.copyData('1\n'), frontend.copyFail('changed my mind'));
    assert.is(errorField(failed, 'C'), '57014');
    assert.match(errorField(failed, 'M') ?? '', /changed my mind/);
    assert.is(status(failed), 'I');
    await wire!.ask(frontend.query('begin'));
    assert.is(status(await copy(frontend.copyData('1\n'), frontend.copyDone)), 'T');
    assert.is(status(await copy(frontend.copyFail('no'))), 'E');
    // In a failed transaction a server refuses at once; data that come all the same are passed over.
    const refused = await wire!.ask(
      frontend.query('copy mistakes from stdin'),
      frontend.copyData('1\n'),
      frontend.copyDone,
    );
    assert.is(types(refused), 'EZ');
    assert.is(errorField(refused, 'C'), '25P02');
    await wire!.ask(frontend.query('rollback'));
    assert.equal(values(await other!.ask(frontend.query('select count(*) from mistakes'))), ['0']);
    assert.equal(values(await wire!.ask(frontend.query('select 1'))), ['1']);
  }));

test('a COPY FROM STDIN that the engine cannot do is an error, not its end', () =>
  withWires(1, async ([wire]) => {
    await wire!.ask(frontend.query('create table refusals (n int)'));
    const mixed = await wire!.ask(frontend.query('insert into refusals values (1); copy refusals from stdin'));
    assert.is(errorField(mixed, 'C'), '0A000');
    assert.is(status(mixed), 'I');
    const prepared = await wire!.ask(
      frontend.parse('', 'insert into refusals values (2)'),
      frontend.bind(''),
      frontend.execute,
      frontend.parse('', 'copy refusals from stdin'),
      frontend.bind(''),
      frontend.execute,
      frontend.sync,
    );
    assert.is(errorField(prepared, 'C'), '0A000');
    assert.is(types(prepared), '12CEZ');
    assert.equal(values(await wire!.ask(frontend.query('select count(*) from refusals'))), ['0']);
    await wire!.ask(frontend.query('begin'));
    assert.is(status(await wire!.ask(frontend.query('select 1; copy refusals from stdin'))), 'E');
    await wire!.ask(frontend.query('rollback'));
  }));

const hasPsql = lazily(() => run('psql', ['--version']).then(() => true, () => false));

test('psql says nothing but what was asked for', async () => {
  if (!(await hasPsql())) return;
  const { url } = await server();
  const asked = ['create table looked_at (n int primary key)', '\\d', '\\d+ looked_at', '\\dt+', '\\df', '\\dx', '\\du', '\\dn+', '\\di', '\\dp',
    '\\conninfo', '\\encoding', 'begin; select 1; rollback', 'drop table looked_at'];
  // The settings that psql sends along are not taken for errors.
  const env = { ...process.env, PGCLIENTENCODING: 'LATIN1', PGTZ: 'Europe/Berlin', PGOPTIONS: '-c statement_timeout=5s' };
  const { stdout, stderr } = await run('psql', [url, '-X', ...asked.flatMap((command) => ['-c', command])], { env });
  assert.is(stderr, '');
  assert.match(stdout, /Table "public\.looked_at"[^]*"looked_at_pkey" PRIMARY KEY/);
  assert.match(stdout, /You are connected to database "postgres" as user "postgres"[^]*\nUTF8\n/);
});

test('psql connects and copies', async () => {
  const { url } = await server();
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-test-'));
  try {
    if (!(await hasPsql())) return;
    const file = join(folder, 'rows.csv');
    writeFileSync(file, Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(''));
    const { stdout } = await run('psql', [
      url,
      '-qAtX',
      '-c',
      'create table from_psql (n int)',
      '-c',
      `\\copy from_psql from '${file}' csv`,
      '-c',
      'select sum(n) from from_psql',
      '-c',
      '\\copy (select 7) to stdout',
      '-c',
      '\\d from_psql',
    ]);
    assert.equal(stdout.split('\n').slice(0, 3), ['12497500', '7', 'n|integer|||']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('functions may nest deeply', () =>
  withClient(async (client) => {
    await client.query(`create function deep(n int) returns int language plpgsql as
      $$ begin if n = 0 then return 0; end if; return deep(n - 1) + 1; end $$`);
    assert.equal((await client.query('select deep(500)')).rows, [{ deep: 500 }]);
  }));

test('a snapshot waits for the open transaction', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-test-'));
  try {
    await withClient(async (client) => {
      await client.query('begin');
      const saved = (await server()).snapshot(join(folder, 'x.tar'));
      const early = await Promise.race([saved.then(() => true), sleep(100).then(() => false)]);
      assert.is(early, false);
      await client.query('commit');
      await saved;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('stopping ends clients and the port, and may be asked for twice', async () => {
  const running = await server();
  const wire = await Wire.connected(running.port);
  const client = new pg.Client({ connectionString: running.url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await Promise.all([running.stop(), running.stop()]);
  assert.is(errorField(await wire.until('Z'), 'C'), '57P01');
  assert.is(await codeOf(new pg.Client({ connectionString: running.url }).connect()), 'ECONNREFUSED');
});

test('stopping does not wait for a snapshot that waits for a transaction', async () => {
  const running = await startEmbedded({ cacheDir });
  const wire = await Wire.connected(running.port);
  await wire.ask(frontend.query('begin'));
  const saved = running.snapshot(join(tmpdir(), 'never.tar')).then(
    () => 'saved',
    (error: unknown) => error instanceof EmbeddedError && error.code,
  );
  await sleep(50);
  await running.stop();
  assert.is(await saved, 'EMBEDDED_FAILED');
});

test('stopping does not wait for a client that reads nothing', async () => {
  const running = await startEmbedded({ cacheDir });
  const wire = await Wire.connected(running.port);
  wire.socket.pause();
  wire.send(frontend.query("select repeat('x', 1000) from generate_series(1, 50000)"));
  await sleep(300);
  const begin = performance.now();
  await running.stop();
  assert.ok(performance.now() - begin < 5000);
  wire.socket.destroy();
});

test('when the engine breaks, all clients hear of it', async () => {
  const broken = await startEmbedded({ cacheDir });
  try {
    const [culprit, bystander, waiter] = await Promise.all([1, 2, 3].map(() => Wire.connected(broken.port)));
    // A limit beyond the stack that there is.
    await culprit!.ask(frontend.query(`set max_stack_depth = '60MB'`));
    culprit!.send(frontend.query(`select repeat('[', 1000000)::jsonb`));
    waiter!.send(frontend.query('select 1'));
    for (const wire of [culprit, bystander, waiter]) {
      const answers = await wire!.until('Z');
      assert.is(errorField(answers, 'S'), 'FATAL');
      assert.is(errorField(answers, 'C'), '57P02');
      assert.ok(wire!.ended);
    }
    assert.is(await codeOf(new pg.Client({ connectionString: broken.url }).connect()), '57P02');
    const error: unknown = await broken.snapshot(join(tmpdir(), 'never.tar')).catch((reason: unknown) => reason);
    assert.instance(error, EmbeddedError);
    if (error instanceof EmbeddedError) assert.is(error.code, 'EMBEDDED_FAILED');
  } finally {
    await broken.stop();
  }
});

test.run();
