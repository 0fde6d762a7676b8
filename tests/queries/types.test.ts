/**
 * The table of types in src/types/pg-types.ts: for each type and its array, what pgTyped declares is what pg returns, and what it
 * declares as a parameter is accepted. The other tests in this folder do the same for each query.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { PreparedQuery } from '@pgtyped/runtime';
import pg from 'pg';
import { Codegen } from '../../tools/codegen/index.js';
import { readQueryFile } from '../../tools/queries/query-file.js';
import { jsonRows } from '../../src/client/json-rows.js';
import { sources } from '../../src/index.js';
import { jsonTypes } from '../../src/types/json-texts.js';
import { pgTypes, types } from '../../src/types/pg-types.js';
import { assert, databaseSuite } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { makeProject, stock } from '../tools/project.js';
import { readDeclarations, type Declarations } from './declared.js';

const test = databaseSuite('types');

interface Sample {
  /** PostgreSQL's text of the value. */
  readonly text: string;
  /** What it is in TypeScript. */
  readonly value: unknown;
  /** Each is accepted by a parameter, and means the same. Default: the value. */
  readonly accepted?: readonly unknown[];
  /** How the type is written. Default: its name. */
  readonly written?: string;
}

const moment = new Date('2026-03-04T05:06:07.089Z');

const samples: Readonly<Record<string, Sample>> = {
  bool: { text: 't', value: true },
  int2: { text: '-5', value: -5 },
  int4: { text: '2147483647', value: 2147483647 },
  int8: { text: '9007199254740991', value: '9007199254740991', accepted: ['9007199254740991', 9007199254740991] },
  float4: { text: '1.5', value: 1.5 },
  float8: { text: '-1e-300', value: -1e-300 },
  numeric: { text: '0.5', value: '0.5', accepted: ['0.5', 0.5] },
  money: { text: '$1.50', value: '$1.50' },
  text: { text: 'a "quoted", \\{text}', value: 'a "quoted", \\{text}' },
  varchar: { text: 'NULL', value: 'NULL' },
  bpchar: { text: 'ab', value: 'ab' },
  char: { text: 'a', value: 'a', written: '"char"' },
  name: { text: 'n', value: 'n' },
  uuid: { text: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', value: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' },
  timestamptz: { text: '2026-03-04 05:06:07.089+00', value: moment, accepted: [moment, '2026-03-04T05:06:07.089Z'] },
  timestamp: { text: '2026-03-04 05:06:07.089', value: new Date(2026, 2, 4, 5, 6, 7, 89), accepted: [new Date(2026, 2, 4, 5, 6, 7, 89), '2026-03-04 05:06:07.089'] },
  date: { text: '2026-03-04', value: '2026-03-04' },
  time: { text: '05:06:07', value: '05:06:07' },
  timetz: { text: '05:06:07+02', value: '05:06:07+02' },
  interval: { text: '1 mon 2 days 03:04:05', value: '1 mon 2 days 03:04:05' },
  bit: { text: '101', value: '101', written: 'bit(3)' },
  varbit: { text: '1', value: '1' },
  inet: { text: '10.0.0.1', value: '10.0.0.1' },
  cidr: { text: '10.0.0.0/8', value: '10.0.0.0/8' },
  macaddr: { text: '08:00:2b:01:02:03', value: '08:00:2b:01:02:03' },
  macaddr8: { text: '08:00:2b:01:02:03:04:05', value: '08:00:2b:01:02:03:04:05' },
  tstzrange: { text: '["2026-01-01 00:00:00+00",)', value: '["2026-01-01 00:00:00+00",)' },
  tsvector: { text: "'cat':1 'mat':2", value: "'cat':1 'mat':2" },
  bytea: { text: '\\x00ff', value: Buffer.from([0, 255]) },
  point: { text: '(1.5,-2)', value: { x: 1.5, y: -2 }, accepted: ['(1.5,-2)'] },
  json: { text: '{"a": [1, null]}', value: { a: [1, null] }, accepted: ['{"a": [1, null]}'] },
  jsonb: { text: '{"a": [1, null]}', value: { a: [1, null] } },
};

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A query for each type: a value, an array with a null, null, an array of arrays, as they are and from parameters. */
function probe(): string {
  return Object.entries(samples).map(([name, { text, written = name }]) => {
    const one = `${literal(text)}::${written}`;
    return `/* @name of_${name} */
select
  ${one} as "value!", array[${one}, null] as "members!", null::${written} as none, array[array[${one}], array[null::${written}]] as "nested!";

/* @name take_${name} */
select (:value!)::${written} as "value!", :members!::${written}[] as "members!", :left_out::${written} as left_out;
`;
  }).join('\n');
}

let generatedOnce: Promise<Declarations> | undefined;

/** What codegen declares for the probe. */
function declarations(db: TestDatabase): Promise<Declarations> {
  generatedOnce ??= (async () => {
    const project = makeProject({ 'queries/probe.sql': probe() });
    const codegen = new Codegen({ url: db.url, folder: 'queries', root: project.root });
    const { problems } = await codegen.generate();
    codegen.close();
    assert.equal(problems, []);
    return readDeclarations(project.read('queries/probe.queries.ts')!);
  })();
  return generatedOnce;
}

const probeQueries = readQueryFile('probe.sql', probe()).queries;

async function run(name: string, params: object | void, db: Pick<TestDatabase, 'query'>): Promise<Record<string, unknown>> {
  const query = probeQueries.find((one) => one.name === name);
  const [row] = (await new PreparedQuery(query!.ir).run(params, db)) as Record<string, unknown>[];
  return row!;
}

const camel = (kind: string, type: string): string => `${kind}${type[0]!.toUpperCase()}${type.slice(1)}`;

test('each type of the table has a sample, and the table has PostgreSQL’s numbers', async (db) => {
  assert.equal(Object.keys(samples), Object.keys(pgTypes).filter((name) => name !== 'void'));
  const { rows } = await db.query<{ name: string; oid: number; array: number }>(
    `select t.typname as name, t.oid::int as oid, t.typarray::int as array from pg_type as t
     where t.typname = any ($1) and t.typnamespace = 'pg_catalog'::regnamespace`, [Object.keys(pgTypes)]);
  assert.is(rows.length, Object.keys(pgTypes).length);
  for (const { name, oid, array } of rows) {
    assert.equal([pgTypes[name]!.oid, pgTypes[name]!.arrayOid ?? 0], [oid, array], name);
  }
});

test('what pg returns is what is declared', async (db) => {
  const generated = await declarations(db);
  for (const [name, { value }] of Object.entries(samples)) {
    const row = await run(`of_${name}`, undefined, db);
    assert.equal(row, { value, members: [value, null], none: null, nested: [[value], [null]] }, name);
    const { result } = generated.query(camel('of', name));
    for (const column of ['value', 'members', 'none']) {
      assert.ok(generated.conforms(row[column], result!.get(column)!), `${name}: ${column} is declared as ${result!.get(column)!.getText()}`);
    }
    assert.not(generated.conforms(undefined, result!.get('value')!));
    // The one thing that PostgreSQL does not tell: an array of arrays has the type of an array.
    assert.is(result!.get('nested')!.getText(), result!.get('members')!.getText());
  }
});

test('what is declared as a parameter is accepted, in each of its forms', async (db) => {
  const generated = await declarations(db);
  for (const [name, { value, accepted = [value] }] of Object.entries(samples)) {
    const { params } = generated.query(camel('take', name));
    for (const [parameter, forms] of [['value', accepted], ['members', accepted.map((form) => [form, null])]] as const) {
      for (const form of forms) assert.ok(generated.conforms(form, params!.get(parameter)!), `${name}: ${parameter} is declared as ${params!.get(parameter)!.getText()}`);
    }
    const unused = generated.alternatives(params!.get('value')!).filter((one) => !accepted.some((form) => generated.conforms(form, one)));
    assert.equal(unused.map((one) => one.getText()), [], `${name}: declared and not tried`);
    for (const form of accepted) {
      assert.equal(await run(`take_${name}`, { value: form, members: [form, null], left_out: null }, db), { value, members: [value, null], left_out: null }, name);
      assert.equal(await run(`take_${name}`, { value: form, members: [] }, db), { value, members: [], left_out: null }, name);
    }
  }
});

test('rows as JSON are what JSON.stringify makes of them', async (db) => {
  const as = (from: pg.CustomTypesConfig, oid: number): ((text: string) => unknown) => from.getTypeParser(oid, 'text') as (text: string) => unknown;
  const moments = [
    '2026-03-04 05:06:07+00', '2026-03-04 05:06:07.1+00', '2026-03-04 05:06:07.12+00', '2026-03-04 05:06:07.123456+00', '2026-03-04 05:06:07.000999+00',
    '2026-03-04 05:06:07+02', '2026-03-04 05:06:07+05:30', '0044-03-15 00:00:00+00 BC', '12026-03-04 05:06:07+00', '0001-01-01 00:00:00+00', 'infinity', '-infinity',
  ].map((text) => [pgTypes['timestamptz']!.oid, text] as const);
  const numbers = ['NaN', 'Infinity', '1e+21', '-0'].map((text) => [pgTypes['float8']!.oid, text] as const);
  const others = Object.entries(samples).map(([name, { text }]) => [pgTypes[name]!.oid, text] as const);
  for (const [oid, text] of [...moments, ...numbers, ...others, [pgTypes['bool']!.oid, 'f'], [3802, '{"a": 12345678901234567890}']] as const) {
    assert.is(as(jsonTypes, oid)(text), JSON.stringify(as(types, oid)(text)), text);
  }
  await db.query(`insert into public.sources (name, display_name, data_type) values ('a', 'A "quoted"', 'ohlcv'), ('b', 'B', 'simple')`);
  for (const limit of [0, 1, 1000]) {
    assert.equal(await jsonRows(sources.list, { limit }, db), (await sources.list.run({ limit }, db)).map((row) => JSON.stringify(row)));
  }
});

test('JSON of the database keeps every digit', async (db) => {
  const exact: readonly (readonly [string, unknown])[] = [
    ['40000.123456789012345678', '40000.123456789012345678'],
    ['0.1', 0.1], ['40000.10', 40000.1], ['-0.000001', -0.000001], ['1.7976931348623157e308', Number.MAX_VALUE], ['5e-324', 5e-324],
    ['9007199254740993', '9007199254740993'], ['-9007199254740992', -9007199254740992], ['123456789012345678', '123456789012345678'],
    ['1000000000000000000000', 1e21], ['1e400', '1e400'], ['-1E-400', '-1E-400'], ['1.5e3', 1500], ['-0', -0], ['0e7', 0],
    ['"40000.123456789012345678"', '40000.123456789012345678'], ['"a \\" 12345678901234567890"', 'a " 12345678901234567890'],
    ['"\\\\"', '\\'], ['""', ''], ['true', true], ['null', null],
  ];
  for (const [text, value] of exact) {
    const nested = `{"a": [${text}, {"deep ${text.replaceAll(/["\\]/g, '')}": ${text}}], "b": "1e5"}`;
    const { rows: [row] } = await db.query<{ one: unknown; nested: Record<string, unknown> }>(
      'select $1::json as one, $2::json as nested', [text, nested]);
    assert.ok(Object.is(row!.one, value), `${text}: ${String(row!.one)}`);
    assert.equal(row!.nested, { a: [value, { [`deep ${text.replaceAll(/["\\]/g, '')}`]: value }], b: '1e5' });
    // jsonb writes numbers in its own way, for example without exponents: the value is the same.
    const { rows: [stored] } = await db.query<{ is_same: boolean; text: string; value: unknown }>(
      'select v = $1::jsonb as is_same, v::text as text, v as value from (select $1::jsonb as v) as t', [text]);
    assert.ok(typeof stored!.value === 'number' ? stored!.value === value : typeof value === 'string' || stored!.value === value, text);
    assert.is(typeof stored!.value, typeof value, text);
    if (typeof stored!.value === 'string' && !text.startsWith('"')) assert.is(stored!.value, stored!.text);
  }
  // What JavaScript has written comes back.
  const written = [0.1 + 0.2, 1 / 3, 2 ** 53, 2 ** 60, 1e21, 1e-7, 123456789.12345679, -Number.MAX_VALUE, Number.MIN_VALUE];
  const { rows: [back] } = await db.query('select $1::jsonb as value', [{ written }]);
  assert.equal(back, { value: { written } });
  const { rows: [entry] } = await db.query<{ row: Record<string, unknown>; members: unknown[] }>(
    "select to_jsonb(t) as row, array['12345678901234567890'::jsonb] as members from (select 40000.123456789012345678 as close, 2::int as n) as t");
  assert.equal(entry, { row: { close: '40000.123456789012345678', n: 2 }, members: ['12345678901234567890'] });
});

test('a function that returns nothing, and moments without end', async (db) => {
  const { rows: [nothing] } = await db.query('select pg_advisory_unlock_all() as nothing');
  assert.equal(nothing, { nothing: undefined });
  const { rows: [ends] } = await db.query(`select 'infinity'::timestamptz as last, '-infinity'::timestamp as first, array['infinity'::timestamptz] as members`);
  assert.equal(ends, { last: new Date(8.64e15), first: new Date(-8.64e15), members: [new Date(8.64e15)] });
});

test('each timestamp that PostgreSQL writes is the moment that pg makes of it', async (db) => {
  const moments = ['2026-01-31 12:34:56', '2026-01-31 12:34:56.7', '2026-01-31 12:34:56.789', '2026-01-31 12:34:56.789123', '2024-02-29 23:59:59.999999',
    '1999-12-31 23:59:59.001', '1969-12-31 23:59:59.9999', '1970-01-01 00:00:00', '0100-01-01 00:00:00', '0099-12-31 12:00:00', '0001-01-01 00:00:00',
    '9999-12-31 23:59:59.5', '10000-01-01 00:00:00', '200000-06-15 00:00:00.25', '0044-03-15 12:00:00 BC', '4713-01-01 00:00:00 BC'];
  const zones = ['UTC', '+00:00', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Eucla', 'Pacific/Kiritimati', 'America/St_Johns'];
  const texts = new Set(['infinity', '-infinity', '2026-01-31', '2026-01-31T12:34:56Z', '2026-01-31 12:34:56Z', 'Sat Jan 31 12:34:56 2026 UTC', '31/01/2026 12:34:56 CET', '']);
  const client = await db.pool.connect();
  try {
    for (const zone of zones) {
      await client.query('begin');
      await client.query(`select set_config('timezone', $1, true)`, [zone]);
      const { rows } = await client.query<{ text: string; plain: string }>(
        'select t.moment::timestamptz::text as text, t.moment::timestamp::text as plain from unnest($1::text[]) as t (moment)', [moments]);
      await client.query('rollback');
      for (const { text, plain } of rows) texts.add(text).add(plain);
    }
  } finally {
    client.release();
  }
  assert.ok(texts.size > 100, `${texts.size} different texts`);
  const [own, pgs] = [types, pg.types].map(({ getTypeParser }) => getTypeParser(1184, 'text') as (text: string) => Date | number | null);
  for (const text of texts) {
    const expected = pgs!(text);
    if (expected === Infinity || expected === -Infinity) assert.is((own!(text) as Date).getTime(), Math.sign(expected) * 8.64e15);
    else assert.equal([text, own!(text)], [text, expected]);
  }
});

test('without the table pgTyped declares and pg returns different things', async (db) => {
  const project = makeProject({ 'queries/probe.sql': probe() });
  const config = JSON.parse(project.read('queries/pgtyped.config.json')!) as { typesOverrides: unknown };
  project.write('queries/pgtyped.config.json', JSON.stringify({ ...config, typesOverrides: {} }));
  assert.is((await stock(project, db.url)).code, 0);
  const declared = readDeclarations(project.read('queries/probe.queries.ts')!);
  const plain = new pg.Pool({ connectionString: db.url });
  try {
    const wrong: string[] = [];
    for (const name of Object.keys(samples)) {
      const row = await run(`of_${name}`, undefined, plain);
      const declaration = declared.query(camel('of', name)).result!;
      const isRight = (column: string): boolean => {
        const type = declaration.get(column)!;
        return type.getText() !== 'unknown' && declared.conforms(row[column], type);
      };
      if (!isRight('value')) wrong.push(name);
      // Nulls are in no declaration of an array: without them, then.
      row['members'] = Array.isArray(row['members']) ? row['members'].filter((member) => member !== null) : row['members'];
      if (!isRight('members')) wrong.push(`${name}[]`);
    }
    assert.equal(wrong, [
      'numeric[]', 'char[]', 'name[]', 'time', 'time[]', 'timetz', 'timetz[]', 'interval', 'interval[]', 'bit', 'bit[]',
      'varbit', 'varbit[]', 'macaddr8[]', 'tstzrange', 'tstzrange[]', 'tsvector[]', 'point', 'point[]',
    ]);
  } finally {
    await plain.end();
  }
});

test('types is for pools of one’s own, and leaves other types to pg', async () => {
  assert.is(types.getTypeParser(1082, 'text')('2026-01-01'), '2026-01-01');
  assert.is(types.getTypeParser(26, 'text')('7'), 7);
  const binary = types.getTypeParser(23, 'binary') as unknown as (value: Buffer) => unknown;
  assert.is(binary(Buffer.from([0, 0, 0, 5])), 5);
});

test('every file of queries has its test', async () => {
  const tests = readdirSync('tests/queries').map((file) => readFileSync(`tests/queries/${file}`, 'utf8')).join('\n');
  for (const file of readdirSync('queries').filter((name) => name.endsWith('.sql'))) {
    const subject = file.replace('.sql', '');
    const [, proof] = new RegExp(`const \\{ queries: ${subject}, (?:allProven: )?(\\w+) \\} = checked\\('${subject}'`).exec(tests) ?? [];
    assert.ok(proof && tests.includes(`${proof}()`), `${file}: a test in tests/queries checks its results with checked('${subject}', …) and ends with allProven()`);
  }
});

test.run();
