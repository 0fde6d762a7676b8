/** GET /api/live: what is being written, as server-sent events. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { open, sources, tokens, type Database } from 'btc-dashboard-db';
import { NewsReader, type Batch, type Written } from '../src/live/news.js';
import { ask, assert, bearer, problemOf, proxyTo, serverSuite, startServer, tokenFor } from './support.js';

const test = serverSuite('live', async (db) => {
  for (const name of ['one', 'two', 'three']) await sources.register.run({ name, display_name: name, data_type: 'simple' }, db);
  // Made ahead: whoever makes a chunk holds the others up.
  await insert(db, 'one', '2026-01-20');
});

const insert = (db: Pick<Database, 'query'>, source: string, ...days: string[]): Promise<unknown> => db.query(`
  insert into timeseries_data (source_id, timestamp, value)
  select s.source_id, d.day, 1 from sources as s cross join unnest($2::timestamptz[]) as d (day) where s.name = $1`, [source, days]);

interface Event {
  readonly event: string | undefined;
  readonly data: string | undefined;
  readonly at: number;
}

interface Client {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next event with data; an error after ten seconds. */
  next(): Promise<Event>;
  /** Nothing comes. */
  silent(ms: number): Promise<void>;
  /** As a browser keeps it. */
  lastId(): string;
  text(): string;
  /** Nothing is read any more. */
  pause(): void;
  resume(): void;
  readonly ended: Promise<void>;
  close(): void;
}

function listen(url: string, headers: Record<string, string> = {}): Promise<Client> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, agent: false }, (response) => {
      const events: Event[] = [];
      let waiting: ((event: Event) => void) | undefined;
      let text = '';
      let rest = '';
      let lastId = headers['last-event-id'] ?? '';
      const ended = new Promise<void>((done) => response.on('close', done));
      response.setEncoding('utf8').on('error', () => {}).on('data', (chunk: string) => {
        text += chunk;
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop()!;
        for (const block of blocks) {
          const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
          lastId = fields.get('id') ?? lastId;
          if (!fields.has('data') || fields.get('event') === 'begin') continue;
          const event = { event: fields.get('event'), data: fields.get('data'), at: Date.now() };
          if (waiting) waiting(event);
          else events.push(event);
        }
      });
      const next = (ms = 10_000): Promise<Event> => new Promise((got, failed) => {
        const first = events.shift();
        if (first) return got(first);
        const timer = setTimeout(() => {
          waiting = undefined;
          failed(new Error(`nothing came for ${ms} ms, after ${JSON.stringify(text)}`));
        }, ms);
        waiting = (event) => {
          clearTimeout(timer);
          waiting = undefined;
          got(event);
        };
      });
      resolve({
        status: response.statusCode!, headers: response.headers, next: () => next(),
        async silent(ms) {
          const event = await next(ms).catch(() => undefined);
          assert.is(event?.data, undefined, 'nothing comes');
        },
        lastId: () => lastId, text: () => text, pause: () => void response.pause(), resume: () => void response.resume(), ended,
        close: () => response.destroy(),
      });
    });
    asked.on('error', reject).end();
  });
}

/** Connected, and told where it stands. */
async function ready(url: string, headers?: Record<string, string>): Promise<Client> {
  const client = await listen(url, headers);
  for (const until = Date.now() + 10_000; client.lastId() === (headers?.['last-event-id'] ?? ''); await delay(20)) {
    assert.ok(Date.now() < until, client.text());
  }
  return client;
}

const day = (number: number): string => `2026-01-${String(number).padStart(2, '0')}`;
const told = (source: string, from: string, to = from, rows = 1): object =>
  ({ source, from: `${from}T00:00:00.000Z`, to: `${to}T00:00:00.000Z`, rows });
const data = async (client: Client): Promise<object> => JSON.parse((await client.next()).data!) as object;

test('tells of a write within a second, whoever writes', async ({ db, url }) => {
  const client = await ready(`${url}/api/live`, { 'accept-encoding': 'gzip, br' });
  try {
    assert.is(client.status, 200);
    assert.match(client.headers['content-type']!, /^text\/event-stream/);
    assert.is(client.headers['cache-control'], 'no-store');
    assert.is(client.headers['x-accel-buffering'], 'no');
    assert.is(client.headers['content-encoding'], undefined);
    assert.match(client.text(), /^retry: \d+\n\n/);
    const start = Date.now();
    await insert(db, 'one', day(1));
    const event = await client.next();
    assert.equal(JSON.parse(event.data!), told('one', day(1)));
    assert.ok(event.at - start < 1000, `${event.at - start} ms`);
    await insert(db, 'two', day(1), day(3), day(2));
    assert.equal(await data(client), told('two', day(1), day(3), 3));
    await db.query(`update timeseries_data set value = 2 where timestamp = '${day(3)}'`);
    assert.equal(await data(client), told('two', day(3)));
    await db.query(`delete from timeseries_data where timestamp = '${day(2)}'`);
    assert.equal(await data(client), told('two', day(2)));
  } finally {
    client.close();
  }
});

test('tells of the sources that were asked for, by name or number', async ({ db, url }) => {
  const client = await ready(`${url}/api/live?sources=one,3`);
  try {
    await insert(db, 'two', day(4));
    await insert(db, 'three', day(4));
    assert.equal(await data(client), told('three', day(4)));
    await client.silent(600);
  } finally {
    client.close();
  }
  assert.is(await problemOf(ask(`${url}/api/live?sources=one,nobody`)), '404 UNKNOWN_SOURCE');
  assert.is(await problemOf(ask(`${url}/api/live?source=one`)), '400 INVALID_PARAMETER');
});

test('Last-Event-ID goes on where the connection was lost', async ({ db, url }) => {
  const client = await ready(`${url}/api/live?sources=one,two`);
  const other = await ready(`${url}/api/live`);
  try {
    await insert(db, 'one', day(5));
    assert.equal(await data(client), told('one', day(5)));
    client.close();
    await insert(db, 'two', day(5));
    await insert(db, 'three', day(5));
    assert.equal([await data(other), await data(other), await data(other)].map((each) => (each as { source: string }).source).sort(), ['one', 'three', 'two']);
    const again = await ready(`${url}/api/live?sources=one,two`, { 'last-event-id': client.lastId() });
    try {
      assert.equal(await data(again), told('two', day(5)));
      await insert(db, 'one', day(6));
      assert.equal(await data(again), told('one', day(6)));
      await again.silent(600);
    } finally {
      again.close();
    }
  } finally {
    other.close();
  }
});

test('it goes on on another server, too', async ({ db, url }) => {
  const client = await ready(`${url}/api/live`);
  client.close();
  await insert(db, 'one', day(7));
  const server = await startServer(db);
  let again: Client | undefined;
  try {
    again = await listen(`${server.url}/api/live`, { 'last-event-id': client.lastId() });
    assert.equal(await data(again), told('one', day(7)));
  } finally {
    await server.stop();
  }
  await again.ended;
});

for (const id of ['nonsense', '{[9,5),[7,)}', '{[99999999999999999999,)}', '{[1,)', `{${'[1,2),'.repeat(2000)}[9,)}`, '\xff']) {
  test(`an id that says nothing leads to a reset: ${id.slice(0, 20)}`, async ({ db, url }) => {
    const client = await listen(`${url}/api/live`, { 'last-event-id': id });
    try {
      assert.is((await client.next()).event, 'reset');
      await insert(db, 'one', day(8));
      await db.query(`delete from timeseries_data where timestamp = '${day(8)}'`);
      assert.is((await data(client) as { source: string }).source, 'one');
    } finally {
      client.close();
    }
  });
}

test('somebody who does not read is told the sum when he reads again', async ({ db, url }) => {
  const client = await ready(`${url}/api/live?sources=three`);
  try {
    client.pause();
    // Until nothing goes into the socket any more.
    for (let round = 0; round < 3; round++) {
      await db.query(`update timeseries_data set value = value + 1 where timestamp = '${day(4)}'`);
      await delay(500);
    }
    client.resume();
    const rows: number[] = [];
    while (rows.reduce((sum, count) => sum + count, 0) < 3) rows.push((await data(client) as { rows: number }).rows);
    assert.is(rows.reduce((sum, count) => sum + count, 0), 3);
  } finally {
    client.close();
  }
});

test('what waits for somebody who does not read is one entry for each source, however much is written', async () => {
  const reader = new NewsReader(new Set([1, 2]), undefined);
  const written = (sourceId: number, ms: number): Written => ({ sourceId, source: `s${sourceId}`, from: new Date(ms), to: new Date(ms + 5), rows: 2 });
  reader.begin([], '{[1,)}', false);
  assert.equal(reader.read(), { written: [], place: '{[1,)}', isIncomplete: false });
  for (let ms = 1000; ms < 11_000; ms++) reader.tell([1, 2, 3].map((source) => written(source, ms)), `{[${ms},)}`, false);
  const batches: Batch[] = [];
  for (let batch; (batch = reader.read() as Batch | null) !== null;) batches.push(batch);
  assert.ok(batches.length <= 3, String(batches.length));
  for (const source of [1, 2, 3]) {
    const own = batches.flatMap((batch) => batch.written.filter(({ sourceId }) => sourceId === source));
    assert.is(own.reduce((sum, { rows }) => sum + rows, 0), source === 3 ? 0 : 20_000);
    if (source === 3) continue;
    assert.is(own[0]!.from.getTime(), 1000);
    assert.is(own.at(-1)!.to.getTime(), 11_004);
  }
  assert.is(batches.at(-1)!.place, '{[10999,)}', 'where it goes on');
  reader.destroy();
});

test('a place with too many numbers is one that tells rather twice than not at all', async () => {
  const reader = new NewsReader(undefined, undefined);
  reader.begin([], `{${Array.from({ length: 1000 }, (_, i) => `[${7 + 2 * i},${8 + 2 * i})`).join(',')},[9999,)}`, false);
  assert.is((reader.read() as Batch).place, '{[7,)}');
  reader.destroy();
});

test('when nothing is written there is a sign of life', async ({ url }) => {
  const client = await ready(`${url}/api/live`);
  const now = Date.now;
  try {
    // The server is in this process.
    Date.now = () => now() + 16_000;
    for (const until = now() + 5000; !/\nid: \S+\n:\n\n$/.test(client.text().slice(client.text().indexOf('\n:\n') + 3)); await delay(20)) {
      assert.ok(now() < until, client.text());
    }
  } finally {
    Date.now = now;
    client.close();
  }
});

test('a database that goes away and comes back: clients stay and are told what they missed', async ({ db }) => {
  const wire = await proxyTo(db.url);
  const through = await open(wire.url, db.engine);
  const server = await startServer(through);
  try {
    const client = await ready(`${server.url}/api/live`);
    wire.cut();
    await insert(db, 'two', day(9));
    assert.equal(await data(client), told('two', day(9)));
    client.close();
  } finally {
    await server.stop();
    await through.close();
    await wire.stop();
  }
});

test('on other hosts it takes a token', async ({ db }) => {
  const server = await startServer(db, { host: '0.0.0.0' });
  const url = server.url.replace('0.0.0.0', '127.0.0.1');
  try {
    assert.is(await problemOf(ask(`${url}/api/live`)), '401 TOKEN_REQUIRED');
    const client = await ready(`${url}/api/live`, bearer(await tokenFor(db, 'listener', 'reader')));
    await tokens.revoke.run({ name: 'listener' }, db);
    await Promise.race([client.ended, delay(10_000).then(() => assert.unreachable('a token that is revoked is listening'))]);
  } finally {
    await server.stop();
  }
});

test('HEAD takes no place', async ({ url }) => {
  assert.is((await ask(`${url}/api/live`, { method: 'HEAD' })).status, 404);
});

test('more than a thousand clients are refused', async ({ url }) => {
  const clients: Client[] = [];
  try {
    let refused: Client | undefined;
    while (!refused && clients.length <= 1000) {
      const client = await listen(`${url}/api/live`);
      if (client.status === 200) clients.push(client);
      else refused = client;
    }
    assert.is(refused?.status, 429);
    assert.is(clients.length, 1000);
  } finally {
    for (const client of clients) client.close();
  }
  for (const until = Date.now() + 10_000; (await listen(`${url}/api/live`).then((client) => (client.close(), client.status))) !== 200; await delay(50)) {
    assert.ok(Date.now() < until, 'places are free again');
  }
});

test.run();
