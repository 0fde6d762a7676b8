/** Behind a pooler that gives each transaction another session: PgBouncer where it is installed, else what one asks for. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { open, type Database, type OpenOptions } from '../../src/client/open.js';
import { connect } from '../../src/connection.js';
import { importFolder } from '../../src/import/index.js';
import { series } from '../../src/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { stream, withSignal } from '../../src/client/results.js';
import { transaction } from '../../src/client/transaction.js';
import { emptyDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/process.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const test = databaseSuite('pooler', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency) values ('a', 'A', 'simple', '1 minute')`);
});

const limits = { statementTimeoutMs: 12_345, idleInTransactionTimeoutMs: 23_456 };
const settings = `select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle`;

test('what is said to be a pooler gets nothing that stays in a session', async (db) => {
  const pooled = await open(db.url, db.engine, { ...limits, pooler: 'transaction', maxConnections: 1 });
  try {
    const { rows: before } = await db.query(settings);
    assert.not.equal((await pooled.query(settings)).rows, [{ statement: '12345ms', idle: '23456ms' }]);
    await transaction(pooled, {}, async (tx) => {
      assert.equal((await tx.query(settings)).rows, [{ statement: '12345ms', idle: '23456ms' }]);
    });
    assert.not.equal((await pooled.query(settings)).rows, [{ statement: '12345ms', idle: '23456ms' }]);
    assert.equal((await db.query(settings)).rows, before);
    for (let i = 0; i < 3; i++) await pooled.query('select $1::int + 41', [i]);
    assert.is((await pooled.query(`select from pg_prepared_statements where statement like '%+ 41%'`)).rowCount, 0);
    await fails('SESSION_REQUIRED', () => importFolder(pooled, 'package.json'), /^An import needs a session of its own/);
  } finally {
    await pooled.close();
  }
});

test('settings that would count for transactions only are refused', async (db) => {
  await fails('SESSION_REQUIRED', () => open(db.url, db.engine, { pooler: 'transaction', settings: { role: 'btcdb_reader' } }),
    /^A connection with settings needs a session of its own/);
});

test.onServer('a connection to the server itself has its settings, and prepares', async (db) => {
  // The embedded engine has no timeouts.
  const direct = await open(db.url, db.engine, { ...limits, maxConnections: 1 });
  try {
    assert.equal((await direct.query(settings)).rows, [{ statement: '12345ms', idle: '23456ms' }]);
  } finally {
    await direct.close();
  }
});

test('an environment variable says what the pooler is', async (db) => {
  process.env['BTCDB_POOLER'] = 'transaction';
  try {
    await fails('SESSION_REQUIRED', () => migrate(db.url), /^Migrating needs a session of its own/);
    const empty = await emptyDatabase();
    try {
      // What the program says counts, for the migration too.
      await (await connect({ url: empty.url, pooler: 'session', migrate: true })).close();
    } finally {
      await empty.drop();
    }
    process.env['BTCDB_POOLER'] = 'statement';
    await fails('INVALID_URL', () => open(db.url, db.engine), /^BTCDB_POOLER is "statement"$/);
  } finally {
    delete process.env['BTCDB_POOLER'];
  }
});

const program = '/usr/sbin/pgbouncer';
const isInstalled = existsSync(program) && Boolean(process.env['TEST_DATABASE_URL']);
const withPooler = isInstalled ? test : test.skip;

/** PgBouncer in front of the database's server, with its defaults but for what has to be said. */
async function startPooler(db: TestDatabase, mode: 'session' | 'transaction'): Promise<{ url: string; stop(): Promise<void> }> {
  const { hostname, port, username, pathname } = new URL(db.url);
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-pooler-'));
  const own = await freePort();
  writeFileSync(join(folder, 'pgbouncer.ini'), `
[databases]
* = host=${hostname} port=${port || 5432} user=${username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 2
`);
  chmodSync(folder, 0o755);
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(program, [join(folder, 'pgbouncer.ini')], { stdio: 'ignore', ...user });
  await listening(own, child);
  return {
    url: `postgres://anybody@127.0.0.1:${own}${pathname}`,
    stop: () => new Promise((stopped) => {
      child.once('close', () => {
        rmSync(folder, { recursive: true });
        stopped();
      });
      child.kill('SIGKILL');
    }),
  };
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`);
    const answers = await new Promise((done) => {
      const socket = connectTo(port, '127.0.0.1', () => done(true)).on('error', () => done(false)).on('connect', () => socket.destroy());
    });
    if (answers) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function throughPooler(
  db: TestDatabase, mode: 'session' | 'transaction', options: OpenOptions, work: (pooled: Database, url: string) => Promise<void>,
): Promise<void> {
  const pooler = await startPooler(db, mode);
  try {
    const pooled = await open(pooler.url, 'server', options);
    try {
      await work(pooled, pooler.url);
    } finally {
      await pooled.close();
    }
  } finally {
    await pooler.stop();
  }
}

withPooler('PgBouncer in transaction mode is noticed, and nothing is left behind in it', (db) =>
  throughPooler(db, 'transaction', limits, async (pooled, url) => {
    const row = { source_id: 1, timestamp: new Date('2020-01-01T00:00Z'), value: '1' };
    const all = { source_id: 1, from: new Date(0), to: new Date(), limit: 10_000 };
    const rows = Array.from({ length: 2000 }, (_, i) => ({ source_id: 1, timestamp: Date.UTC(2020, 1, 1) + i * 60_000, value: i % 5 }));
    // More clients than sessions, each of several statements.
    const counts = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      await transaction(pooled, { user: `user ${i}`, retries: 3 }, async (tx) => {
        assert.equal((await tx.query(settings)).rows, [{ statement: '12345ms', idle: '23456ms' }]);
        assert.equal((await tx.query(`select current_setting('app.user') as name`)).rows, [{ name: `user ${i}` }]);
        await series.upsert.run(row, tx);
      });
      return (await series.range.run(all, pooled)).length;
    }));
    assert.ok(counts.every((count) => count === 1));
    assert.is((await bulkUpsert(pooled, rows, { ingestMode: 'backfill' })).inserted, 2000);
    assert.is((await bulkUpsert(pooled, rows.reverse())).unchanged, 2000);
    let streamed = 0;
    for await (const found of stream(series.range, all, pooled, { batchRows: 100 })) streamed += found.timestamp ? 1 : 0;
    assert.is(streamed, 2001);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    await withSignal(pooled, abort.signal).query('select pg_sleep(20)', []).then(
      () => assert.unreachable(), (error: unknown) => assert.is(error, abort.signal.reason));
    const { rows: others } = await pooled.query(`${settings}, current_setting('app.user', true) as name`);
    assert.not.equal(others[0]!['idle'], '23456ms');
    assert.ok(!others[0]!['name']);

    const connected = await connect({ url });
    await connected.close();
    await fails('SESSION_REQUIRED', () => migrate(url), /^Migrating/);
    await fails('SESSION_REQUIRED', () => importFolder(pooled, 'package.json'), /^An import/);
  }));

withPooler('PgBouncer in session mode is as good as the server, when it is said', (db) =>
  throughPooler(db, 'session', { ...limits, pooler: 'session', maxConnections: 1 }, async (pooled) => {
    assert.equal((await pooled.query(settings)).rows, [{ statement: '12345ms', idle: '23456ms' }]);
    for (let i = 0; i < 3; i++) await pooled.query('select $1::int + 43', [i]);
    assert.is((await pooled.query(`select from pg_prepared_statements where statement like '%+ 43%'`)).rowCount, 1);
  }));

withPooler('a parameter in the URL that PgBouncer refuses is told as that', (db) =>
  throughPooler(db, 'transaction', {}, async (_, url) => {
    await fails('CONNECTION_REFUSED', () => open(`${url}?statement_timeout=5000`, 'server'), /refuses a parameter of the URL: .*statement_timeout/);
  }));

test.run();
