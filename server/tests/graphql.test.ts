/** POST /graphql: the schema is that of the annotations, no digit is lost, many parents cost one statement, and nothing costs too much. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  buildClientSchema, getIntrospectionQuery, isEnumType, isListType, isNonNullType, isObjectType, type GraphQLSchema, type IntrospectionQuery,
} from 'graphql';
import WebSocket from 'ws';
import { open, sources, tokens, type Database } from 'btc-dashboard-db';
import { endpoints } from 'btc-dashboard-db/endpoints';
import { createApp } from '../src/app.js';
import { mostDepth } from '../src/graphql/limits.js';
import { argumentsOf, camel, spoken } from '../src/graphql/schema.js';
import type { GraphqlEndpoint } from '../src/graphql/batches.js';
import { ask, assert, bearer, problemOf, serverSuite, startServer, tokenFor, type Answer } from './support.js';

const close = '0.123456789012345678901234567890';

const test = serverSuite('graphql', async (db) => {
  for (let number = 1; number <= 36; number++) {
    await sources.register.run({ name: `s${number}`, display_name: `S ${number}`, data_type: 'ohlcv' }, db);
  }
  await db.query(`
    insert into timeseries_data (source_id, timestamp, open, high, low, close, volume)
    select s.source_id, d, 1, 2, 0.5, $1, s.source_id
    from sources as s cross join generate_series(timestamptz '2026-01-01', '2026-02-10', '1 day') as d
    where s.name <> 's36'`, [close]);
});

interface Result {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown[]; locations?: unknown; extensions: { code: string } }[];
}

/** `body`: the JSON, or what it says. */
function post(url: string, body: object | string, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(`${url}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function query(url: string, text: string, variables?: object, headers?: Record<string, string>): Promise<Record<string, unknown>> {
  const answer = await post(url, { query: text, variables }, headers);
  const { data, errors } = answer.json() as Result;
  assert.is(errors, undefined, JSON.stringify(errors));
  assert.is(answer.status, 200);
  return data!;
}

/** The status, and the code of the first error. */
async function refusal(asked: Promise<Answer>): Promise<string> {
  const answer = await asked;
  assert.match(answer.headers['content-type']!, /^application\/json/);
  const { errors } = answer.json() as Result;
  assert.ok(errors?.[0]?.message);
  return `${answer.status} ${errors[0].extensions.code}`;
}

async function introspect(db: Database): Promise<GraphQLSchema> {
  const server = await startServer(db, { isDevelopment: true });
  try {
    return buildClientSchema(await query(server.url, getIntrospectionQuery()) as unknown as IntrospectionQuery);
  } finally {
    await server.stop();
  }
}

test('the schema is what the annotations say: types, fields, arguments, nullability, comments', async ({ db }) => {
  const schema = await introspect(db);
  const own = endpoints.filter((endpoint): endpoint is GraphqlEndpoint => endpoint.graphql !== null);
  assert.ok(own.length > 20);
  const seen = new Set<string>();
  for (const endpoint of own) {
    const { graphql: { type, field: name, returns, isList }, columns, prose } = endpoint;
    const owner = schema.getType(type);
    assert.ok(isObjectType(owner), type);
    const field = owner.getFields()[name];
    assert.ok(field, `${type}.${name}`);
    seen.add(`${type}.${name}`);
    assert.is(String(field.type), isList ? `[${returns}!]!` : returns, `${type}.${name}`);
    assert.is(field.description, spoken(prose, endpoint));
    assert.not.match(field.description!, /(?<!\w):[a-z]|sourceIds/, 'of arguments by their names, and of one parent');
    assert.equal(field.args.map((arg) => arg.name).sort(), argumentsOf(endpoint).map((parameter) => camel(parameter.name)).sort(), `${type}.${name}`);
    for (const parameter of argumentsOf(endpoint)) {
      const argument = field.args.find((arg) => arg.name === camel(parameter.name))!;
      const isLimit = parameter.name === 'limit';
      assert.is(isNonNullType(argument.type), parameter.isRequired || isLimit, `${type}.${name}(${parameter.name})`);
      if (isLimit) assert.is(argument.defaultValue, 100);
    }
    const object = schema.getType(returns);
    assert.ok(isObjectType(object), returns);
    for (const column of columns) {
      const made = object.getFields()[camel(column.name)];
      assert.ok(made, `${returns}.${column.name}`);
      seen.add(`${returns}.${camel(column.name)}`);
      const comments = own.filter(({ graphql }) => graphql.returns === returns).map((other) => other.columns.find(({ name: its }) => its === column.name)!.comment);
      assert.is(made.description ?? '', new Set(comments).size === 1 ? column.comment : '', `${returns}.${column.name}`);
      assert.is(isNonNullType(made.type), !column.isNullable, `${returns}.${column.name}`);
      const bare = isNonNullType(made.type) ? made.type.ofType : made.type;
      if (column.values) assert.equal(isEnumType(bare) && bare.getValues().map(({ name: value }) => value), [...column.values], `${returns}.${column.name}`);
      else assert.is(isListType(bare) ? `[${String(bare.ofType)}]` : String(bare), scalars[column.type] ?? 'String', `${returns}.${column.name}: ${column.type}`);
    }
  }
  const all = Object.values(schema.getTypeMap()).filter(isObjectType).filter(({ name }) => !/^__|^(?:NewRows|Subscription)$/.test(name))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
  assert.equal(all.filter((name) => !seen.has(name)), [], 'and nothing else');
});

const scalars: Readonly<Record<string, string>> = {
  smallint: 'Int', integer: 'Int', bigint: 'BigInt', numeric: 'Decimal', 'double precision': 'Float', boolean: 'Boolean',
  'timestamp with time zone': 'DateTime', jsonb: 'JSON', 'text[]': '[String]', 'integer[]': '[Int]',
};

test('a field of 36 sources costs one statement', async ({ db }) => {
  const statements: string[] = [];
  const readers = await open(db.url, db.engine, { settings: { role: 'btcdb_reader' }, onQuery: ({ text }) => void statements.push(text) });
  const app = await createApp({
    readers, exporters: readers, poller: readers, writers: readers, keeper: db, access: { host: '127.0.0.1' },
    requestTimeoutMs: 30_000, streamTimeoutMs: 30_000, isDevelopment: false, logLevel: 'silent',
  });
  try {
    const run = async (text: string): Promise<Record<string, unknown>> => {
      statements.length = 0;
      const answer = await app.inject({ method: 'POST', url: '/graphql', headers: { host: 'localhost' }, payload: { query: text } });
      const { data, errors } = answer.json<Result>();
      assert.is(errors, undefined, answer.payload);
      return data!;
    };
    const asked = (): number => statements.filter((text) => /public\./.test(text)).length;
    const { sources: list } = await run(`{ sources(sort: created) {
      name
      latest { close }
      dailyCandles(limit: 30) { bucket close }
      again: dailyCandles(limit: 30) { volume }
      fewer: dailyCandles(limit: 2) { bucket }
    } }`) as { sources: { name: string; latest: { close: string } | null; dailyCandles: unknown[]; again: { volume: string }[]; fewer: unknown[] }[] };
    assert.is(asked(), 4, statements.join('\n'));
    assert.is(list.length, 36);
    for (const { name, latest, dailyCandles, again, fewer } of list) {
      const isEmpty = name === 's36';
      assert.equal(latest, isEmpty ? null : { close });
      assert.is(dailyCandles.length, isEmpty ? 0 : 30);
      assert.is(fewer.length, isEmpty ? 0 : 2);
      // Each has its own.
      if (!isEmpty) assert.is(again[0]!.volume, name.slice(1));
    }
    for (const { graphql } of endpoints) if (graphql?.type === 'Source') assert.ok(graphql.parent.every(({ isBatch }) => isBatch), graphql.field);
  } finally {
    await app.close();
    await readers.close();
  }
});

test('no digit is lost: answers, literals, variables, numbers in JSON', async ({ db, url }) => {
  const headers = bearer(await tokenFor(db, 'digits'));
  const digits = '123456789012345678901234567890.12345678901234567890';
  const write = (value: string, variables: string): Promise<Answer> => post(url, `{"query": ${JSON.stringify(`
    mutation ($close: Decimal, $at: DateTime!) {
      writeRow(sourceId: 36, timestamp: $at, close: $close, open: ${value}, high: "${digits}", low: -0.10, volume: 1e3) { outcome }
    }`)}, "variables": ${variables}}`, headers);
  const answer = await write(digits, `{"close": ${digits}, "at": 1767225600000}`);
  assert.equal(answer.json(), { data: { writeRow: { outcome: 'inserted' } } });
  const { source } = await query(url, '{ source(name: "s36") { sourceId rows(limit: 1) { timestamp open high low close volume } } }');
  assert.equal(source, { sourceId: 36, rows: [{
    timestamp: '2026-01-01T00:00:00.000Z', open: digits, high: digits, low: '-0.10', close: digits, volume: '1000',
  }] });
  const { rows: [row] } = await db.query<{ digits: string }>('select close::text as digits from timeseries_data where source_id = 36');
  assert.is(row?.digits, digits);

  const register = (metadata: string): Promise<Answer> => post(url, `{"query": ${JSON.stringify(`
    mutation ($metadata: JSON, $one: JSON) {
      a: registerSource(name: "s36", displayName: "S 36", dataType: ohlcv, metadata: $metadata) { sourceId }
      b: registerSource(name: "s35", displayName: "S 35", dataType: ohlcv, metadata: { n: 9007199254740993, list: [1.10, true, null, $one] }) { isNew }
    }`)}, "variables": {"metadata": ${metadata}, "one": 0.1000000000000000055511151231257827}}`, headers);
  const given = await register(`{"n": ${digits}, "__proto__": {"a": 1}, "text": "1"}`);
  assert.equal(given.json(), { data: { a: { sourceId: 36 }, b: { isNew: false } } });
  const { rows: stored } = await db.query<{ metadata: string }>('select metadata::text from sources where name in (\'s35\', \'s36\') order by name');
  assert.is(stored[0]!.metadata, '{"n": 9007199254740993, "list": [1.10, true, null, 0.1000000000000000055511151231257827]}');
  assert.is(stored[1]!.metadata, `{"n": ${digits}, "text": "1", "__proto__": {"a": 1}}`);
  const { b: { metadata } } = await query(url, '{ b: source(name: "s35") { metadata } }') as { b: { metadata: object } };
  assert.equal(metadata, { n: '9007199254740993', list: [1.1, true, null, '0.1000000000000000055511151231257827'] });

  for (const value of ['"x"', '"1 "', 'true', '[1]', '{a: 1}', '""', '"0x1"', '"NaN"']) {
    assert.is(await refusal(write(value, '{"at": 0}')), '400 INVALID_QUERY', value);
  }
  assert.is(await refusal(write('1', '{"at": "yesterday"}')), '400 INVALID_QUERY');
  assert.is(await refusal(write('"1.2.3"', '{"at": 0}')), '200 INVALID_PARAMETER');
  assert.is(await refusal(write('1', '{"at": "2026-02-31"}')), '200 INVALID_PARAMETER');
});

test('a mutation takes the token of a writer, and is written down in its name', async ({ db, url }) => {
  const change = '{ }'.replace(' ', ' setSourceStatus(name: "s1", status: testing) { status } ');
  assert.is(await refusal(post(url, { query: `mutation ${change}` })), '200 TOKEN_REQUIRED');
  const reader = bearer(await tokenFor(db, 'only-reader', 'reader'));
  assert.is(await refusal(post(url, { query: `mutation ${change}` }, reader)), '200 FORBIDDEN');
  const writer = bearer(await tokenFor(db, 'changes-status'));
  assert.equal(await query(url, `mutation ${change}`, {}, { ...writer, 'x-reason': 'a trial' }), { setSourceStatus: { status: 'testing' } });
  const { rows: [entry] } = await db.query('select changed_by, reason from audit_log where table_name = \'sources\' order by audit_id desc limit 1');
  assert.equal(entry, { changed_by: 'changes-status', reason: 'a trial' });
  assert.equal(await query(url, 'mutation { setSourceStatus(name: "nobody", status: testing) { status } }', {}, writer), { setSourceStatus: null });
  assert.is(await refusal(post(url, { query: 'mutation { registerSource(name: "No!", displayName: "", dataType: ohlcv) { sourceId } }' }, writer)), '200 INVALID_PARAMETER');
  assert.is(await refusal(post(url, { query: 'mutation { registerSource(name: "No!", displayName: "No", dataType: ohlcv) { sourceId } }' }, writer)), '200 23514');
  assert.is(await refusal(post(url, { query: 'mutation { writeRow(sourceId: 9999, timestamp: 0, close: 1) { outcome } }' }, writer)), '200 23503');
});

test('of several operations the one that is named runs, however often the others did', async ({ db, url }) => {
  const headers = bearer(await tokenFor(db, 'several'));
  const text = `query A { source(name: "s2") { name } } query B { source(name: "s3") { name } }
    mutation C { setSourceStatus(name: "s4", status: testing) { name } }`;
  for (const [operationName, name] of [['A', 's2'], ['A', 's2'], ['B', 's3'], ['A', 's2'], ['B', 's3']]) {
    const answer = await post(url, { query: text, operationName }, headers);
    assert.equal(answer.json(), { data: { source: { name } } });
  }
  assert.equal((await post(url, { query: text, operationName: 'C' }, headers)).json(), { data: { setSourceStatus: { name: 's4' } } });
  assert.is(await refusal(post(url, { query: text, operationName: 'D' }, headers)), '400 INVALID_QUERY');
  assert.is(await refusal(post(url, { query: text }, headers)), '400 INVALID_QUERY');
});

const again: Readonly<Record<string, readonly [query: string, variables: object, answer: object]>> = {
  'fragments, aliases, variables': [
    `query ($with: Boolean!, $type: DataType, $n: Int = 2) {
      list: sources(dataType: $type, limit: $n, sort: name) { ...a ... on Source @include(if: $with) { category } __typename }
    } fragment a on Source { name latest @skip(if: $with) { close } }`,
    { with: true, type: 'ohlcv' },
    { data: { list: ['s1', 's10'].map((name) => ({ name, category: 'uncategorized', __typename: 'Source' })) } },
  ],
  'an error of a field': [
    '{\n  source(name: "s5") { name candles(bucket: "1 weak", from: 0, to: 1) { close } } }', {},
    { data: { source: null }, errors: [{ code: 'INVALID_PARAMETER', locations: [{ line: 2, column: 29 }], path: ['source', 'candles'] }] },
  ],
  'an error of the database': [
    '{ source(name: "s5") { candles(bucket: "0 days", from: "2026-01-01", to: "2026-02-01") { close } } }', {},
    { data: { source: null }, errors: [{ code: '22023', locations: [{ line: 1, column: 24 }], path: ['source', 'candles'] }] },
  ],
  'a variable that is none': [
    'query ($from: DateTime!) { source(name: "s5") { candles(bucket: "1 day", from: $from, to: 1) { close } } }', { from: [] },
    { data: null, errors: [{ code: 'INVALID_QUERY', locations: [{ line: 1, column: 8 }], path: undefined }] },
  ],
  'a variable that is missing': [
    'query ($from: DateTime!) { source(name: "s5") { gaps(from: $from) { gapStart } } }', {},
    { data: null, errors: [{ code: 'INVALID_QUERY', locations: [{ line: 1, column: 8 }], path: undefined }] },
  ],
};

for (const [what, [text, variables, expected]] of Object.entries(again)) {
  test(`what comes again, and is compiled, is answered as it was the first time: ${what}`, async ({ url }) => {
    const messages = new Set<string>();
    for (let time = 0; time < 4; time++) {
      const answer = await post(url, { query: text, variables });
      const { data, errors } = answer.json() as Result;
      assert.is(answer.status, data === null ? 400 : 200);
      for (const { message } of errors ?? []) messages.add(message);
      const told = errors?.map(({ extensions: { code }, locations, path }) => ({ code, locations, path }));
      assert.equal(told ? { data, errors: told } : { data }, expected, `${time}: ${answer.text}`);
    }
    assert.ok(messages.size <= 1, [...messages].join('\n'));
  });
}

/** The same field within itself, as deep as one likes. */
const spread = (count: number, body: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `fragment f${index} on Source { ${body(index)} }`).join(' ');

const hostile: Readonly<Record<string, readonly [query: string, code: string]>> = {
  'no end': ['{ sources { ', '400 INVALID_QUERY'],
  'unknown field': ['{ sources { password } }', '400 INVALID_QUERY'],
  'a million rows': ['{ sources(limit: 1000) { rows(limit: 1000) { close } } }', '400 QUERY_TOO_COSTLY'],
  'a limit by variable': ['query ($n: Int = 2147483647) { sources(limit: $n) { name } }', '400 QUERY_TOO_COSTLY'],
  'a limit that is none': ['{ sources(limit: -5) { name } }', '200 INVALID_PARAMETER'],
  'a limit without end': ['{ sources(limit: 99999999999) { name } }', '400 INVALID_QUERY'],
  'aliases of a relation': [`{ sources { ${Array.from({ length: 40 }, (_, i) => `a${i}: latest { close }`).join(' ')} } }`, '400 QUERY_TOO_COSTLY'],
  'aliases of a column': [`{ latest(limit: 1000) { ${Array.from({ length: 400 }, (_, i) => `a${i}: metadata`).join(' ')} } }`, '400 QUERY_TOO_COSTLY'],
  'more tokens': [`{ sources { ${'name '.repeat(3000)} } }`, '400 INVALID_QUERY'],
  'a cycle': ['{ sources { ...a } } fragment a on Source { ...b } fragment b on Source { ...a }', '400 INVALID_QUERY'],
  'fragments that double': [`{ sources { ...f0 } } ${spread(60, (i) => (i < 59 ? `...f${i + 1} ...f${i + 1}` : 'name'))}`, '400 QUERY_TOO_COSTLY'],
  directives: [`{ sources { name ${'@include(if: true) '.repeat(300)} } }`, '400 INVALID_QUERY'],
  conflicts: [`{ ${Array.from({ length: 200 }, (_, i) => `sources(limit: ${i}) { name }`).join(' ')} }`, '400 INVALID_QUERY'],
  'a deep value': [`{ source(name: ${'['.repeat(900)}${']'.repeat(900)}) { name } }`, '400 INVALID_QUERY'],
  'the schema': ['{ __schema { types { name fields { name type { name } } } } }', '400 INVALID_QUERY'],
  'a type': ['{ __type(name: "Source") { name } }', '400 INVALID_QUERY'],
};

for (const [what, [text, code]] of Object.entries(hostile)) {
  test(`hostile: ${what}`, async ({ url }) => {
    for (let time = 0; time < 4; time++) {
      const start = performance.now();
      assert.is(await refusal(post(url, { query: text })), code);
      assert.ok(performance.now() - start < 2000, 'at once');
    }
  });
}

test(`depth is bounded: the schema leads no deeper than ${mostDepth}`, async ({ db }) => {
  const schema = await introspect(db);
  const depth = (name: string, above: readonly string[]): number => {
    const type = schema.getType(name);
    if (!isObjectType(type)) return 0;
    assert.not(above.includes(name), `a cycle of types: ${[...above, name].join(' → ')}. Then a hostile query must go deeper than the limit`);
    return 1 + Math.max(...Object.values(type.getFields()).map((field) => depth(String(field.type).replaceAll(/[![\]]/g, ''), [...above, name])));
  };
  assert.ok(depth('Query', []) <= mostDepth);
});

test('hostile: bodies', async ({ url }) => {
  const code = async (body: string, type = 'application/json'): Promise<string> => {
    const answer = await post(url, body, { 'content-type': type });
    return `${answer.status} ${(answer.json() as { code: string }).code}`;
  };
  const tree = '{"kind":"Document","definitions":[]}';
  assert.is(await code(''), '400 INVALID_BODY');
  assert.is(await code('null'), '400 INVALID_BODY');
  assert.is(await code('[]'), '400 INVALID_BODY');
  assert.is(await code('[{"query": "{ sources { name } }"}]'), '400 INVALID_BODY');
  assert.is(await code('{"query": 1}'), '400 INVALID_BODY');
  assert.is(await code(`{"query": ${tree}}`), '400 INVALID_BODY');
  assert.is(await code(`{"query": ${JSON.stringify(tree)}}`), '400 INVALID_QUERY');
  assert.is(await code('{"query": "null"}'), '400 INVALID_QUERY');
  assert.is(await code('{"query": "{ sources { name } }", "variables": []}'), '400 INVALID_BODY');
  assert.is(await code('{"query": "{ sources { name } }", "operationName": {}}'), '400 INVALID_BODY');
  assert.is(await code(`{"query": ${JSON.stringify(`{ sources { name } } #${'x'.repeat(30_000)}`)}}`), '413 QUERY_TOO_COSTLY');
  assert.is(await code('['.repeat(500_000)), '400 INVALID_BODY');
  assert.is(await code('{"query": "{ sources { name } }"}', 'text/plain'), '400 INVALID_BODY');
  assert.is(await code(`{"query": "${'x'.repeat(2_000_000)}"}`), '413 BODY_TOO_LARGE');
  assert.is(await problemOf(ask(`${url}/graphql?query={sources{name}}`)), '405 METHOD_NOT_ALLOWED');
});

test('without being asked for there are neither introspection nor GraphiQL', async ({ url }) => {
  assert.is(await problemOf(ask(`${url}/graphiql`)), '404 NOT_FOUND');
});

test('in development there is GraphiQL', async ({ db }) => {
  const server = await startServer(db, { isDevelopment: true });
  try {
    const { status, headers, text } = await ask(`${server.url}/graphiql`);
    assert.is(status, 200);
    assert.is(headers['content-security-policy'], undefined);
    assert.match(text, /GraphiQL/);
  } finally {
    await server.stop();
  }
});

test.onServer('a client that goes away ends its statement in the database', async ({ db, url }) => {
  const client = await db.pool.connect();
  try {
    await client.query('begin; lock table sources');
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%public.sources%'`;
    const until = async (count: number): Promise<void> => {
      for (const end = Date.now() + 10_000; (await db.query(waiting)).rowCount !== count;) {
        assert.ok(Date.now() < end, `${count} statements wait`);
        await delay(50);
      }
    };
    const gone = new AbortController();
    const asked = fetch(`${url}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query": "{ sources { name } }"}', signal: gone.signal,
    }).catch((error: Error) => error.name);
    await until(1);
    gone.abort();
    assert.is(await asked, 'AbortError');
    await until(0);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test.onServer('a statement that takes too long is given up', async ({ db }) => {
  const server = await startServer(db, { requestTimeoutMs: 500 });
  const client = await db.pool.connect();
  try {
    await client.query('begin; lock table sources');
    assert.is(await refusal(post(server.url, { query: '{ sources { name } }' })), '200 QUERY_TIMEOUT');
  } finally {
    await client.query('rollback');
    client.release();
    await server.stop();
  }
});

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: Result & readonly { message: string; extensions?: { code: string } }[];
}

/** A web socket as graphql-ws has it. */
async function subscribe(url: string, text: string, variables: object = {}, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  const messages: Message[] = [];
  let wake = (): void => {};
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.type === 'ping') socket.send('{"type": "pong"}');
    else messages.push(message);
    wake();
  });
  const next = async (): Promise<Message> => {
    for (const end = Date.now() + 10_000; messages.length === 0;) {
      assert.ok(Date.now() < end, 'nothing comes');
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 100);
      });
    }
    return messages.shift()!;
  };
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send('{"type": "connection_init"}');
  assert.is((await next()).type, 'connection_ack');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: text, variables } }));
  return { socket, next };
}

test('a subscription tells of new rows', async ({ db, url }) => {
  const { socket, next } = await subscribe(url, 'subscription ($of: [String!]) { newRows(sources: $of) { source from to rows } }', { of: ['s7', '8', 's9'] });
  try {
    // It begins when the database was asked first: what is written before that is not told.
    let hasBegun = false;
    const first = next().then(() => (hasBegun = true));
    while (!hasBegun) {
      await db.query(`
        insert into timeseries_data (source_id, timestamp, close)
        select s.source_id, now(), 1 from sources as s where s.name = 's9' on conflict do nothing`);
      await Promise.race([first, delay(20)]);
    }
    await db.query(`
      insert into timeseries_data (source_id, timestamp, close)
      select s.source_id, '2026-03-01', 1 from sources as s where s.name in ('s6', 's7', 's8')`);
    for (const source of ['s7', 's8']) {
      let message = await next();
      while ((message.payload?.data?.['newRows'] as { source?: string } | undefined)?.source === 's9') message = await next();
      const { type, id, payload } = message;
      assert.is(type, 'next');
      assert.is(id, '1');
      assert.equal(payload!.data, { newRows: { source, from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z', rows: 1 } });
    }
  } finally {
    socket.close();
  }
});

test('hostile: subscriptions', async ({ url }) => {
  for (const [text, code] of [
    ['subscription { newRows { nothing } }', 'INVALID_QUERY'],
    ['subscription { newRows(sources: ["nobody"]) { source } }', 'UNKNOWN_SOURCE'],
    ['{ sources { name } }', undefined],
    ['nonsense', undefined],
  ] as const) {
    const { socket, next } = await subscribe(url, text);
    const { type, payload } = await next();
    assert.is(type, 'error', text);
    assert.is(payload![0]!.extensions?.code, code, text);
    socket.terminate();
  }
  const { socket } = await subscribe(url, 'subscription { newRows { source } }');
  const ended = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send(`{"type": "subscribe", "id": "2", "payload": {"query": "${'x'.repeat(100_000)}"}}`);
  assert.is(await ended, 1009, 'too large');
});

test('a server that stops ends its subscriptions', async ({ db }) => {
  const server = await startServer(db);
  const { socket } = await subscribe(server.url, 'subscription { newRows { source } }');
  const ended = new Promise((resolve) => socket.once('close', resolve));
  await server.stop();
  await ended;
});

test('a subscription ends with its token, and who is refused keeps no connection', async ({ db }) => {
  const server = await startServer(db, { requireToken: true });
  const { hostname, port } = new URL(server.url);
  try {
    const { socket } = await subscribe(server.url, 'subscription { newRows { source } }', {}, bearer(await tokenFor(db, 'subscriber', 'reader')));
    const ended = new Promise<number>((resolve) => socket.once('close', resolve));
    await tokens.revoke.run({ name: 'subscriber' }, db);
    for (const [path, status] of [['/graphql', 401], ['/healthz', 101], ['/nothing', 401]] as const) {
      // It leaves its own side open.
      const client = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      client.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n`
        + `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`);
      let answer = '';
      for await (const piece of client) answer += String(piece);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), path);
      client.destroy();
    }
    assert.is(await ended, 1008);
  } finally {
    await server.stop();
  }
});

test.run();
