/** Connecting, and losing a connection where graphile-migrate or the importer holds it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '../../src/client/open.js';
import { connect } from '../../src/connection.js';
import type { MigrationError } from '../../src/errors/catalogue.js';
import { explainConnectionError } from '../../src/errors/connection-errors.js';
import { importFolder } from '../../src/import/index.js';
import { sources } from '../../src/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { pendingMigrations } from '../../src/schema/migration-state.js';
import { emptyDatabase } from '../support/database.js';
import { proxyTo } from '../support/proxy.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const test = databaseSuite('connection');

test('a connection that is lost during a migration rejects, and migrating again finishes', async () => {
  const empty = await emptyDatabase();
  const proxy = await proxyTo(empty.url);
  try {
    proxy.cutAt('create table public.timeseries_data');
    await fails('CONNECTION_LOST', () => migrate(proxy.url));
    await Promise.all([migrate(proxy.url), ...(empty.engine === 'server' ? [migrate(proxy.url)] : [])]);
    const db = await open(empty.url, empty.engine);
    assert.equal(await pendingMigrations(db), []);
    await db.close();
  } finally {
    await proxy.stop();
    await empty.drop();
  }
});

test('a connection that is lost during an import rejects, and the pool goes on', async (db) => {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-lost-'));
  const proxy = await proxyTo(db.url);
  const far = await open(proxy.url, db.engine);
  try {
    writeFileSync(join(folder, 'a.json'), JSON.stringify(Array.from({ length: 3000 }, (_, i) => [1.6e12 + i * 60_000, i])));
    proxy.cutAt('copy public.timeseries_data');
    await fails('CONNECTION_LOST', () => importFolder(far, folder, { rejectsFolder: folder }), /during the import/);
    assert.ok((await importFolder(far, folder, { rejectsFolder: folder })).ok);
    // Nobody knows whether that is stored: the next import finds out.
    writeFileSync(join(folder, 'a.json'), JSON.stringify(Array.from({ length: 4000 }, (_, i) => [1.6e12 + i * 60_000, i])));
    proxy.cutAt('commit');
    await fails('CONNECTION_LOST', () => importFolder(far, folder, { rejectsFolder: folder }), /during COMMIT/);
    const { ok, files: [file] } = await importFolder(far, folder, { rejectsFolder: folder });
    assert.ok(ok);
    assert.is(file!.inserted + file!.unchanged, 4000);
  } finally {
    await far.close();
    await proxy.stop();
    rmSync(folder, { recursive: true });
  }
});

test('a peer that is gone without a word is noticed', async (db) => {
  const client = await db.pool.connect();
  try {
    const { localPort, remotePort } = (client as unknown as { connection: { stream: Socket } }).connection.stream;
    const sockets = existsSync('/proc/net/tcp') ? readFileSync('/proc/net/tcp', 'latin1').split('\n').map((line) => line.trim().split(/\s+/)) : [];
    const isAt = (address: string | undefined, port: number | undefined): boolean => parseInt(address?.split(':')[1] ?? '', 16) === port;
    // Sockets to other peers may have the same port.
    const own = sockets.find(([, local, remote]) => isAt(local, localPort) && isAt(remote, remotePort));
    // The timer of its socket: 2 is that of keepalive, which another one may stand before.
    if (own !== undefined) assert.match(own[5]!, /^0[124]:/);
  } finally {
    client.release();
  }
});

test('connect says that the schema is missing, or makes it when asked', async () => {
  const empty = await emptyDatabase();
  try {
    const error = await fails('MIGRATION_PENDING', () => connect({ url: empty.url }), /^The database lacks \d+ migrations: 000001-extensions\.sql, /);
    assert.match((error as MigrationError).hint!, '`btcdb up`');
    const db = await connect({ url: empty.url, migrate: true });
    assert.is((await sources.list.run({}, db)).length, 0);
    await db.close();
    const again = await connect({ url: empty.url });
    await again.query(`delete from graphile_migrate.migrations where filename = (select max(filename) from graphile_migrate.migrations)`);
    await again.close();
    await fails('MIGRATION_PENDING', () => connect({ url: empty.url }), /^The database lacks 1 migration: /);
    const unchecked = await open(empty.url, empty.engine);
    await unchecked.close();
  } finally {
    await empty.drop();
  }
});

test.onServer('connect lets a login in that may not look at the migrations', async (db) => {
  // The embedded engine has one login.
  const role = `btcdb_blind_${process.pid}`;
  await db.query(`create role ${role} login; revoke all on schema graphile_migrate from public`);
  try {
    const url = new URL(db.url);
    url.username = role;
    const blind = await connect({ url: url.href });
    await fails('42501', () => blind.query('select from graphile_migrate.migrations'));
    await blind.close();
  } finally {
    await db.query(`drop role ${role}`);
  }
});

const url = 'postgres://me:secret@db.example/x';
for (const [what, error, code, message] of [
  ['no answer in time', new Error('timeout expired'), 'CONNECTION_TIMEOUT', /^The server at db\.example:5432 does not answer in time$/],
  ['a busy pool', new Error('timeout exceeded when trying to connect'), 'CONNECTION_TIMEOUT', /^No connection of the pool became free/],
  ['a refused parameter', new Error('unsupported startup parameter: statement_timeout'), 'CONNECTION_REFUSED', /refuses a parameter of the URL: unsupported startup parameter: statement_timeout$/],
  ['a broken setting', new Error('invalid value for parameter "lock_timeout": "soon"'), 'CONNECTION_REFUSED', /: invalid value for parameter "lock_timeout": "soon"$/],
] as const) {
  test(`${what} is told as that`, async () => {
    const explained = explainConnectionError(error, url) as Error & { code: string };
    assert.is(explained.code, code);
    assert.match(explained.message, message);
    assert.not.match(explained.message, 'secret');
  });
}

test('a pool without a free connection says so', async (db) => {
  const narrow = await open(db.url, db.engine, { maxConnections: 1, connectionTimeoutMs: 300 });
  const client = await narrow.pool.connect();
  try {
    await fails('CONNECTION_TIMEOUT', () => narrow.query('select 1'), /No connection of the pool became free/);
  } finally {
    client.release();
    await narrow.close();
  }
});

test('an error of a statement does not cost a connection', async (db) => {
  const narrow = await open(db.url, db.engine, { maxConnections: 1 });
  try {
    const client = await narrow.pool.connect();
    client.release();
    await fails('22012', () => narrow.query('select 1 / 0'));
    const again = await narrow.pool.connect();
    again.release();
    assert.is(again, client);
  } finally {
    await narrow.close();
  }
});

test.run();
