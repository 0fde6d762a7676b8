/** What a transaction promises: it is stored when the promise resolves, and not when it rejects. */
import { bulkUpsert, type RowInput } from '../../src/write/bulk-upsert.js';
import type { Retry } from '../../src/client/again.js';
import { open, type Database } from '../../src/client/open.js';
import { codeOf, ConnectionError, TransactionError } from '../../src/errors/catalogue.js';
import { series } from '../../src/index.js';
import { stream, withSignal } from '../../src/client/results.js';
import { savepoint, transaction } from '../../src/client/transaction.js';
import type { TestDatabase } from '../support/database.js';
import { proxyTo, type Proxy } from '../support/proxy.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const test = databaseSuite('transaction', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency) values ('a', 'A', 'simple', '1 minute')`);
  await db.query('create table notes (note text)');
});

const start = Date.UTC(2020, 0, 1);
const row = (i: number): { source_id: number; timestamp: Date; value: string } => ({ source_id: 1, timestamp: new Date(start + i * 60_000), value: String(i % 9) });
const unknown = { ...row(0), source_id: 999 };

async function notes(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.query<{ note: string }>('delete from notes returning note');
  return rows.map(({ note }) => note).sort();
}

const note = (tx: { query(text: string, values: string[]): Promise<unknown> }, text: string): Promise<unknown> =>
  tx.query('insert into notes values ($1)', [text]);

test('rejects when the error of a statement was caught, and says which', async (db) => {
  const error = await fails('TRANSACTION_ABORTED', () => transaction(db, {}, async (tx) => {
    await note(tx, 'before');
    await series.upsert.run(unknown, tx).catch(() => undefined);
    await tx.query('select 1').catch(() => undefined);
    return 'fine';
  }), /^Nothing is stored: a statement of the transaction failed, series\.upsert: insert or update on table .* violates foreign key/);
  assert.instance(error, TransactionError);
  assert.is((error.cause as { code: string }).code, '23503');
  assert.equal(await notes(db), []);
});

test('rejects when a statement failed that nobody waited for', async (db) => {
  await fails('TRANSACTION_ABORTED', () => transaction(db, {}, async (tx) => {
    await note(tx, 'before');
    tx.query('select 1 / 0').catch(() => undefined);
  }), /failed, select 1 \/ 0: division by zero$/);
  assert.equal(await notes(db), []);
});

test('rejects when the work has ended it', async (db) => {
  await fails('TRANSACTION_ABORTED', () => transaction(db, {}, async (tx) => {
    await note(tx, 'before');
    await tx.query('rollback');
  }), /over before its end/);
  assert.equal(await notes(db), []);
});

test('an error that only says that another came before has that one as its cause', async (db) => {
  const error = await fails('25P02', () => transaction(db, {}, async (tx) => {
    await series.upsert.run(unknown, tx).catch(() => undefined);
    await note(tx, 'after');
  }));
  assert.is((error.cause as { code: string }).code, '23503');
});

test('savepoint lets a part fail, also within another', async (db) => {
  await transaction(db, {}, async (tx) => {
    await note(tx, 'first');
    await fails('23503', () => savepoint(tx, async () => {
      await note(tx, 'undone');
      await series.upsert.run(unknown, tx);
    }));
    await savepoint(tx, async () => {
      await note(tx, 'second');
      await fails('22012', () => savepoint(tx, () => tx.query('select 1 / 0')));
    });
    await fails('TRANSACTION_ABORTED', () => savepoint(tx, async () => {
      await note(tx, 'undone');
      await tx.query('select 1 / 0').catch(() => undefined);
    }), /select 1 \/ 0: division by zero/);
    await note(tx, 'last');
  });
  assert.equal(await notes(db), ['first', 'last', 'second']);
});

test('a part outside of a transaction is refused', async (db) => {
  await fails('25P01', () => savepoint(db as never, () => Promise.resolve()));
});

test('isolation level and read only', async (db) => {
  await transaction(db, { isolation: 'serializable', readOnly: true }, async (tx) => {
    const { rows } = await tx.query(`select current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as read_only`);
    assert.equal(rows, [{ isolation: 'serializable', read_only: 'on' }]);
  });
});

/** Fails with this SQLSTATE. */
const failWith = (sqlState: string): string => `do $$ begin raise 'made up' using errcode = '${sqlState}'; end $$`;

for (const [what, sqlState] of [['a serialization failure', '40001'], ['a deadlock', '40P01']] as const) {
  test(`is done again after ${what}, as often as it was allowed`, async (db) => {
    let attempts = 0;
    const work = async (tx: Parameters<Parameters<typeof transaction>[2]>[0]): Promise<string> => {
      attempts++;
      await note(tx, `attempt ${attempts}`);
      if (attempts < 3) await tx.query(failWith(sqlState));
      return 'done';
    };
    assert.is(await transaction(db, { retries: 2 }, work), 'done');
    assert.equal(await notes(db), ['attempt 3']);
    attempts = 0;
    await fails(sqlState, () => transaction(db, { retries: 1 }, work));
    assert.is(attempts, 2);
    attempts = 0;
    await fails(sqlState, () => transaction(db, {}, work));
    assert.is(attempts, 1);
    assert.equal(await notes(db), []);
  });
}

test('is done again when its own error hides a serialization failure, and not after any other error', async (db) => {
  let attempts = 0;
  const attempt = (sqlState: string): Promise<string> => transaction(db, { retries: 3 }, async (tx) => {
    if (attempts++ === 0) {
      await tx.query(failWith(sqlState)).catch(() => {
        throw new Error('mine');
      });
    }
    return 'done';
  });
  assert.is(await attempt('40001'), 'done');
  attempts = 0;
  await attempt('22012').then(() => assert.unreachable(), (error: Error) => assert.is(error.message, 'mine'));
  assert.is(attempts, 1);
});

test.onServer('two that read what the other writes: both are stored in the end', async (db) => {
  // The embedded engine runs one transaction at a time.
  let attempts = 0;
  const write = (): Promise<unknown> => transaction(db, { isolation: 'serializable', retries: 5 }, async (tx) => {
    attempts++;
    const { rows } = await tx.query<{ count: string }>('select count(*) from notes');
    await new Promise((done) => setTimeout(done, 100));
    await note(tx, `saw ${rows[0]!.count}`);
  });
  await Promise.all([write(), write()]);
  assert.ok(attempts > 2, `${attempts} attempts`);
  assert.equal(await notes(db), ['saw 0', 'saw 1']);
});

/** Work on a database whose wire can be cut. */
async function throughProxy(db: TestDatabase, work: (far: Database, proxy: Proxy) => Promise<void>): Promise<void> {
  const proxy = await proxyTo(db.url);
  const far = await open(proxy.url, db.engine);
  try {
    await work(far, proxy);
    assert.equal((await far.query('select 1 as one')).rows, [{ one: 1 }], 'the pool goes on');
  } finally {
    await far.close();
    await proxy.stop();
  }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function isLost(work: () => Promise<unknown>): Promise<void> {
  assert.instance(await fails('CONNECTION_LOST', work, /^The connection to the database was lost: /), ConnectionError);
}

test('a statement with too many parameters is an error of that statement, not a lost connection', async (db) => {
  await fails('08P01', () => db.query('select $1::int', [1, 2]), /supplies 2 parameters/);
  await fails('08P01', () => transaction(db, { retries: 3 }, (tx) => tx.query('select $1::int', [1, 2])));
});

test('a connection that is lost between two statements rejects, and does not end the process', (db) =>
  throughProxy(db, async (far, proxy) => {
    await isLost(() => transaction(far, {}, async (tx) => {
      await note(tx, 'lost');
      proxy.cut();
      await pause(50);
      await tx.query('select 1');
    }));
    await isLost(() => transaction(far, {}, async (tx) => {
      await note(tx, 'lost');
      proxy.cut();
      await pause(50);
    }));
    assert.equal(await notes(db), []);
  }));

test('a connection that is lost during a statement, of a transaction or a single one', (db) =>
  throughProxy(db, async (far, proxy) => {
    proxy.cutAt('cut here');
    await isLost(() => transaction(far, {}, (tx) => tx.query(`select 'cut here'`)));
    proxy.cutAt('cut here');
    await isLost(() => far.query(`select 'cut here'`));
  }));

test('a connection that is lost while nobody uses it', (db) =>
  throughProxy(db, async (far, proxy) => {
    await far.query('select 1');
    proxy.cut();
    await pause(50);
  }));

test('a connection that is lost in bulkUpsert, by COPY and by upsert', (db) =>
  throughProxy(db, async (far, proxy) => {
    const rows: RowInput[] = Array.from({ length: 5000 }, (_, i) => row(i));
    for (const [at, given] of [['copy public.timeseries_data', rows], ['2020-01-03T00:00', rows], ['with differing', rows.slice(0, 9)]] as const) {
      proxy.cutAt(at);
      await isLost(() => bulkUpsert(far, given));
    }
    const { rows: [stored] } = await db.query('select count(*)::int as count from timeseries_data');
    assert.equal(stored, { count: 0 });
  }));

test('is done again after a lost connection', (db) =>
  throughProxy(db, async (far, proxy) => {
    proxy.cutAt('second');
    await transaction(far, { retries: 1 }, async (tx) => {
      await note(tx, 'first');
      await note(tx, 'second');
    });
    assert.equal(await notes(db), ['first', 'second']);
  }));

/** With a pause of this part of its limit. */
async function withChance(part: number, work: () => Promise<unknown>): Promise<void> {
  const random = Math.random.bind(Math);
  Math.random = () => part;
  try {
    await work();
  } finally {
    Math.random = random;
  }
}

/** Notes what is done again. */
function noting(): { retried: string[]; onRetry: (retry: Retry) => void } {
  const retried: string[] = [];
  return { retried, onRetry: ({ attempt, error }) => retried.push(`${attempt} ${codeOf(error)}`) };
}

test('what failed before the work began is done again, without being asked for, and told', (db) =>
  throughProxy(db, async (far, proxy) => {
    const { retried, onRetry } = noting();
    let called = 0;
    proxy.cutAt('begin');
    await transaction(far, { onRetry }, async (tx) => {
      called++;
      await note(tx, 'once');
    });
    assert.equal([called, retried], [1, ['1 CONNECTION_LOST']]);
    assert.equal(await notes(db), ['once']);
    // Rows that are read only once, too, as long as none is.
    for (const rows of [[row(0)], (async function* () {
      yield row(1);
    })()]) {
      proxy.cutAt('begin');
      assert.is((await bulkUpsert(far, rows as RowInput[], { onRetry })).inserted, 1);
    }
    assert.is(retried.length, 3);
    proxy.cutAt('begin');
    await isLost(() => transaction(far, { retries: 0, onRetry }, () => Promise.resolve(assert.unreachable())));
    proxy.cutAt('begin');
    await isLost(() => bulkUpsert(far, (async function* () {
      yield row(1);
    })(), { retries: 0, onRetry }));
    assert.is(retried.length, 3);
    await db.query('delete from timeseries_data');
  }));

test('each attempt is told with its pause, whose limit doubles; a hook that throws breaks nothing', async (db) => {
  const seen: Retry[] = [];
  const warned = new Promise<Error>((warning) => process.once('warning', warning));
  await withChance(0.05, () => fails('40001', () => transaction(db, {
    retries: 3,
    onRetry(retry) {
      seen.push(retry);
      throw new Error('the hook is broken');
    },
  }, (tx) => tx.query(failWith('40001')))));
  assert.equal(seen.map(({ attempt, error, delayMs }) => [attempt, codeOf(error), Math.round(delayMs)]),
    [[1, '40001', 10], [2, '40001', 20], [3, '40001', 40]]);
  assert.is((await warned).message, 'the hook is broken');
});

test('bulkUpsert is done again after a serialization failure, and not after one that is lost meanwhile unless it is said', async (db) => {
  const { retried, onRetry } = noting();
  await db.query(`create sequence public.tries;
    create function fail_once() returns trigger language plpgsql as $$
      begin if nextval('public.tries') = 1 then raise 'made up' using errcode = '40001'; end if; return null; end $$;
    create trigger fail_once after insert on audit_log for each statement execute function fail_once()`);
  try {
    assert.is((await bulkUpsert(db, [row(0)], { onRetry })).inserted, 1);
    assert.equal(retried, ['1 40001']);
    await throughProxy(db, async (far, proxy) => {
      proxy.cutAt('with differing');
      await isLost(() => bulkUpsert(far, [row(1)], { onRetry }));
      proxy.cutAt('with differing');
      assert.is((await bulkUpsert(far, [row(1)], { retries: 1, onRetry })).inserted, 1);
    });
    assert.equal(retried, ['1 40001', '1 CONNECTION_LOST']);
  } finally {
    await db.query('drop trigger fail_once on audit_log; drop function fail_once; drop sequence tries; delete from timeseries_data');
  }
});

test('a write outside of a transaction that was lost may be stored, and the error says so', (db) =>
  throughProxy(db, async (far, proxy) => {
    proxy.cutAt('with differing');
    const error = await fails('CONNECTION_LOST', () => transaction(far, {}, (tx) => bulkUpsert(tx, [row(0)])));
    assert.match((error as ConnectionError).hint!, /is rolled back/);
    proxy.cutAt('insert into notes');
    const alone = await fails('CONNECTION_LOST', () => note(far, 'perhaps'));
    assert.match((alone as ConnectionError).hint!, /may be stored or not/);
  }));

test('is not done again when the connection was lost during COMMIT', (db) =>
  throughProxy(db, async (far, proxy) => {
    let attempts = 0;
    proxy.cutAt('commit');
    await fails('COMMIT_UNKNOWN', () => transaction(far, { retries: 5 }, async (tx) => {
      attempts++;
      await note(tx, 'who knows');
    }));
    assert.is(attempts, 1);
    proxy.cutAt('commit');
    const rows = Array.from({ length: 100 }, (_, i) => row(i));
    const error = await fails('COMMIT_UNKNOWN', () => bulkUpsert(far, rows, { retries: 5 }));
    assert.match((error as ConnectionError).hint!, /bulkUpsert and an import may just run again/);
    const { inserted, unchanged } = await bulkUpsert(far, rows);
    assert.is(inserted + unchanged, 100);
    await notes(db);
    await db.query('delete from timeseries_data');
  }));

test.onServer('pg_terminate_backend and the limit on idle transactions', async (db) => {
  // The embedded engine has neither.
  const victim = await open(db.url, 'server', { idleInTransactionTimeoutMs: 300, maxConnections: 2 });
  const end = (tx: { query(text: string): Promise<{ rows: unknown[] }> }): Promise<unknown> =>
    tx.query('select pg_backend_pid() as pid').then(({ rows: [found] }) =>
      db.query('select pg_terminate_backend($1)', [(found as { pid: number }).pid]));
  try {
    await isLost(() => transaction(victim, {}, async (tx) => {
      await end(tx);
      await pause(100);
      await tx.query('select 1');
    }));
    await isLost(() => transaction(victim, {}, async (tx) => {
      const { rows: [found] } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await Promise.all([tx.query('select pg_sleep(20)'), db.query('select pg_terminate_backend($1)', [found!.pid])]);
    }));
    const idle = await fails('CONNECTION_LOST', () => transaction(victim, {}, async (tx) => {
      await tx.query('select 1');
      await pause(800);
      await tx.query('select 2');
    }));
    assert.match((idle as ConnectionError).hint!, /idleInTransactionTimeoutMs/);
    assert.equal((await victim.query('select 1 as one')).rows, [{ one: 1 }]);
  } finally {
    await victim.close();
  }
});

test.onServer('a signal ends the statement at work in the database, and the transaction', async (db) => {
  // The embedded engine cannot stop what it does.
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 200);
  const began = performance.now();
  await transaction(db, { signal: abort.signal, retries: 3 }, async (tx) => {
    await note(tx, 'undone');
    await tx.query('select pg_sleep(20)');
  }).then(() => assert.unreachable(), (error: Error) => assert.is(error, abort.signal.reason));
  assert.ok(performance.now() - began < 5000);
  const { rows } = await db.query(`select query from pg_stat_activity where query like '%pg_sleep(20)%' and state = 'active' and pid <> pg_backend_pid()`);
  assert.equal(rows, []);
  assert.equal(await notes(db), []);
});

test('after the signal no statement of the transaction is sent, and nothing is stored', async (db) => {
  const abort = new AbortController();
  const reason = new Error('enough');
  let after: unknown;
  await transaction(db, { signal: abort.signal }, async (tx) => {
    await note(tx, 'undone');
    abort.abort(reason);
    after = await tx.query('select 1').catch((error: unknown) => error);
  }).then(() => assert.unreachable(), (error: Error) => assert.is(error, reason));
  assert.is(after, reason);
  assert.equal(await notes(db), []);
});

test('a signal ends the pause before the next attempt', async (db) => {
  const abort = new AbortController();
  const reason = new Error('enough');
  let attempts = 0;
  const began = performance.now();
  // A pause of 20 seconds.
  await withChance(100, () => transaction(db, { signal: abort.signal, retries: 3, onRetry: () => setTimeout(() => abort.abort(reason), 10) }, (tx) => {
    attempts++;
    return tx.query(failWith('40001'));
  }).then(() => assert.unreachable(), (error: Error) => assert.is(error, reason)));
  assert.is(attempts, 1);
  assert.ok(performance.now() - began < 5000);
});

test('a signal ends the wait for a connection, which the next one gets', async (db) => {
  const narrow = await open(db.url, db.engine, { maxConnections: 1, connectionTimeoutMs: 20_000 });
  try {
    const client = await narrow.pool.connect();
    for (const work of [(signal: AbortSignal) => transaction(narrow, { signal, retries: 3 }, async () => assert.unreachable()),
      (signal: AbortSignal) => series.latest.run({}, withSignal(narrow, signal)),
      (signal: AbortSignal) => stream(series.latest, {}, narrow, { signal }).next()]) {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 50);
      const began = performance.now();
      await work(abort.signal).then(() => assert.unreachable(), (error: Error) => assert.is(error, abort.signal.reason));
      assert.ok(performance.now() - began < 5000);
    }
    client.release();
    assert.equal((await narrow.query('select 1 as one')).rows, [{ one: 1 }]);
    assert.is(narrow.pool.idleCount, 1);
  } finally {
    await narrow.close();
  }
});

test.run();
