/** What no client should send: it costs the client its statement or its connection, and the others nothing. */
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEmbedded } from '../../src/embedded/index.js';
import { int16, int32, message } from '../../src/embedded/protocol.js';
import { cacheDir } from '../support/blank.js';
import { errorField, frontend, lazily, startup, values, Wire } from './wire.js';

const test = suite('embedded: hostile clients');
const server = lazily(() => startEmbedded({ cacheDir, waitTimeoutMs: 5000 }));
test.after(async () => (await server()).stop());

/** Another client, connected all the while: the engine that it talks to is the same and works. */
const bystander = lazily(async () => {
  const wire = await Wire.connected((await server()).port);
  await wire.ask(frontend.query('create temp table still_here as select 42 as n'));
  return wire;
});

async function assertAlive(after: string): Promise<void> {
  assert.equal(values(await (await bystander()).ask(frontend.query('select n from still_here'))), ['42'], after);
}

/** A message whose header says what one likes. */
const claiming = (type: string, length: number, body = ''): Buffer => Buffer.concat([Buffer.from(type), int32(length), Buffer.from(body)]);

const parsed = frontend.parse('', 'select $1::text');
const bind = (...parts: (string | Buffer)[]): Buffer => message('B', '\0\0', ...parts);
const parsedAnd = (...parts: Buffer[]): Buffer => Buffer.concat([parsed, ...parts]);

/** Answered with an error; the connection goes on. */
const refused: Record<string, Buffer> = {
  'a Parse that claims more parameters than it has': message('P', '\0select 1\0', int16(30_000)),
  'a Parse with fewer than no parameters': message('P', '\0select 1\0', int16(-5)),
  'a Parse with something behind it': message('P', '\0select 1\0', int16(0), 'more'),
  'a Bind for an unknown statement': frontend.bind('nowhere'),
  'a Bind for no statement': bind(int16(0), int16(0), int16(0)),
  'a Bind whose value is longer than the message': parsedAnd(bind(int16(0), int16(1), int32(2 ** 30), 'x', int16(0))),
  'a Bind whose value is as long as can be': parsedAnd(bind(int16(0), int16(1), int32(2 ** 31 - 1), 'x', int16(0))),
  'a Bind whose value has a length below null': parsedAnd(bind(int16(0), int16(1), int32(-(2 ** 31)), 'x', int16(0))),
  'a Bind with too many values': parsedAnd(bind(int16(0), int16(32_767), int32(1), 'x', int16(0))),
  'a Bind with too many formats': parsedAnd(bind(int16(32_767))),
  'a Bind with a binary array that lies about its size': Buffer.concat([frontend.parse('', 'select $1::int[]'),
    bind(int16(1), int16(1), int16(1), int32(20), int32(1), int32(0), int32(23), int32(2 ** 31 - 1), int32(1), int16(0))]),
  'an Execute of an unknown portal': message('E', 'nope\0', int32(0)),
  'an Execute that is cut off': message('E', '\0'),
  'a Describe of an unknown statement': message('D', 'Snope\0'),
  'a Describe of nothing known': message('D', 'Qx\0'),
  'a Close of nothing known': message('C', 'Qx\0'),
  'a Flush with a body': message('H', 'body'),
};

for (const [what, bytes] of Object.entries(refused)) {
  test(`${what} is an error`, async () => {
    const wire = await Wire.connected((await server()).port);
    assert.match(errorField(await wire.ask(bytes, frontend.sync), 'C') ?? '', /^(08P01|26000|34000|54000)$/);
    assert.equal(values(await wire.ask(frontend.query('select 1'))), ['1']);
    wire.socket.destroy();
    await assertAlive(what);
  });
}

/** Not the protocol: that client is sent away. */
const fatal: Record<string, Buffer> = {
  'an unknown type': message('z', 'x'),
  'a password that nobody asked for': message('p', 'secret\0'),
  zeros: Buffer.alloc(20),
  'a length of zero': claiming('Q', 0),
  'a length below zero': claiming('Q', -1),
  'a length beyond all': claiming('Q', 2 ** 31 - 1),
  'a long Sync': claiming('S', 1_000_000),
  'a Parse without an end': message('P', 'abc'),
  'a Bind without an end': parsedAnd(message('B', 'abc')),
  'an empty Describe': message('D'),
  'an empty Close': message('C'),
  'a failed COPY without a reason': Buffer.concat([frontend.query('copy nowhere from stdin'), message('f', 'abc')]),
};

for (const [what, bytes] of Object.entries(fatal)) {
  test(`${what} ends that client, and rolls back what it did`, async () => {
    const wire = await Wire.connected((await server()).port);
    await wire.ask(frontend.query('create table if not exists pranks (n int)'));
    await wire.ask(frontend.query('begin; insert into pranks values (1)'));
    // What is sent behind it is not listened to.
    wire.send(bytes, frontend.query('commit'));
    const answers = await wire.until('never');
    assert.ok(wire.ended);
    assert.is(errorField(answers, 'S'), 'FATAL');
    assert.is(errorField(answers, 'C'), '08P01');
    await assertAlive(what);
    assert.equal(values(await (await bystander()).ask(frontend.query('select count(*) from pranks'))), ['0']);
  });
}

test('odd queries and function calls are answered like any other', async () => {
  const { port } = await server();
  for (const bytes of [
    message('Q'), message('Q', '\0'), message('Q', 'select 1'), message('Q', 'select 1\0select 2\0'), message('Q', Buffer.from([0x27, 0xff, 0xfe, 0x27, 0])),
    message('F'), message('F', Buffer.alloc(30, 255)), message('F', int32(1598), int16(0), int16(30_000)), message('F', int32(2 ** 30), int16(0), int16(0), int16(0)),
    message('S', 'body'),
  ]) {
    const wire = await Wire.connected(port);
    await wire.ask(bytes);
    assert.not(wire.ended);
    wire.socket.destroy();
    await assertAlive(bytes.toString('latin1'));
  }
});

test('after a refused startup nothing more is taken', async () => {
  const wire = await Wire.open((await server()).port);
  wire.send(startup({ user: 'nobody' }), startup({ user: 'postgres', database: 'postgres' }), frontend.query('create table sneaky ()'));
  assert.is(errorField(await wire.until('never'), 'C'), '28000');
  assert.equal(values(await (await bystander()).ask(frontend.query(`select to_regclass('sneaky') is null`))), ['t']);
});

test('strange startup packets', async () => {
  const { port } = await server();
  const packet = (...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([int32(body.length + 4), body]);
  };
  for (const [bytes, code] of [
    [Buffer.alloc(100), '08P01'],
    [Buffer.alloc(100, 255), '08P01'],
    [Buffer.from('GET / HTTP/1.1\r\n\r\n'), '08P01'],
    [packet(int32(196608)), '28000'],
    [packet(int32(196608), Buffer.from('user')), '28000'],
    [packet(int32(196608), Buffer.from('user\0postgres\0'.repeat(600))), '28000'],
    [packet(int32(2 << 16)), '0A000'],
  ] as const) {
    const wire = await Wire.open(port);
    wire.send(bytes);
    const answers = await wire.until('Z');
    if (code === '28000' && errorField(answers, 'C') === undefined) wire.socket.destroy();
    else assert.is(errorField(answers, 'C'), code, bytes.toString('latin1'));
    await assertAlive(bytes.toString('latin1', 0, 40));
  }
});

/** Numbers by chance, the same in each run. */
function chance(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

test('three hundred connections of noise in well-formed frames', async () => {
  const { port } = await server();
  const next = chance(42);
  for (let i = 0; i < 300; i++) {
    const wire = await Wire.connected(port);
    const noise = Array.from({ length: 1 + next(6) }, () => {
      const body = Buffer.from(Array.from({ length: next(40) }, () => (next(3) === 0 ? 0 : next(256))));
      return message('BCDEFHPQScdf'[next(12)]!, body);
    });
    wire.send(...noise, frontend.sync, frontend.terminate);
    await wire.until('never');
  }
  await assertAlive('noise');
});

const deep = 100_000;
const endless: Record<string, [prepare: string, statement: string]> = {
  'a function that calls itself': [
    'create function endless() returns int language plpgsql as $$ begin return endless() + 1; end $$', 'select endless()'],
  'a procedure that calls itself': ['create procedure again() language plpgsql as $$ begin call again(); end $$', 'call again()'],
  'a trigger that fires itself': [
    `create table falls (n int);
     create function fall() returns trigger language plpgsql as $$ begin insert into falls values (new.n + 1); return new; end $$;
     create trigger fall after insert on falls for each row execute function fall()`, 'insert into falls values (1)'],
  'a long sum': ['select 1', `select ${'1+'.repeat(deep)}1`],
  'a long union': ['select 1', `select 1${' union all select 1'.repeat(20_000)}`],
  'deep jsonb': ['select 1', `select '${'['.repeat(deep)}${']'.repeat(deep)}'::jsonb`],
  'a deep jsonpath': ['select 1', `select '$${'.a'.repeat(deep)}'::jsonpath`],
};

for (const [what, [prepare, statement]] of Object.entries(endless)) {
  test(`${what} is an error of its statement`, async () => {
    const client = new pg.Client({ connectionString: (await server()).url });
    await client.connect();
    try {
      await client.query(prepare);
      const error = await client.query(statement).then(() => undefined, (reason: unknown) => reason as pg.DatabaseError);
      assert.is(error?.code, '54001', error?.message);
      assert.equal((await client.query('select 1 as n')).rows, [{ n: 1 }], 'the connection goes on');
    } finally {
      await client.end();
    }
    await assertAlive(what);
  });
}

test('another encoding is refused', async () => {
  const wire = await Wire.connected((await server()).port);
  assert.is(errorField(await wire.ask(frontend.query(`set client_encoding to 'LATIN1'`)), 'C'), '0A000');
  assert.is(errorField(await wire.ask(frontend.query(`select convert_to('ü', 'EUC_JP')`)), 'C'), '42883');
  assert.equal(values(await wire.ask(frontend.query(`select 'ü'`))), ['ü']);
  wire.socket.destroy();
  await assertAlive('encodings');
});

test('deep parentheses are an error of the parser or of the stack, or no error', async () => {
  const client = new pg.Client({ connectionString: (await server()).url });
  await client.connect();
  for (const statement of [
    `select ${'('.repeat(deep)}1${')'.repeat(deep)}`, `select ${'not '.repeat(deep)}true`, `select '${'['.repeat(deep)}'::json`,
    `select 'a' ~ '${'('.repeat(deep)}a${')'.repeat(deep)}'`, `select ${'case when true then '.repeat(deep)}1${' end'.repeat(deep)}`,
    `select '${'!'.repeat(deep)}a'::tsquery`,
  ]) {
    await client.query(statement).catch((error: pg.DatabaseError) => assert.match(error.code ?? '', /^(42601|54001|22P02|XX000)$/, error.message));
    await assertAlive(statement.slice(0, 30));
  }
  await client.end();
});

test.run();
