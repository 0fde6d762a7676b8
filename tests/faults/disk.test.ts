/** A full disk: the embedded engine on a small file system of its own, where this machine lets us mount one. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { from as copyFrom } from 'pg-copy-streams';
import { suite } from 'uvu';
import { explain } from '../../src/cli/console/failure.js';
import { open } from '../../src/client/open.js';
import type { ConnectionError } from '../../src/errors/catalogue.js';
import { importFolder } from '../../src/import/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { freePort } from '../support/process.js';
import { canMount, onSmallDisk } from '../support/small-disk.js';
import { assert, fails } from '../support/suite.js';
import { clusterHost, end, linesOf, serverPrograms } from './host.js';
import { addSources, backfill, batches, contents, fileOf, requireWhole } from './wholeness.js';

const folder = mkdtempSync(join(tmpdir(), 'btcdb-disk-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const disk = join(folder, 'disk');
mkdirSync(disk);

const tests = suite('a full disk');
const test = (title: string, work: () => Promise<void>): void => {
  if (canMount) tests(title, work);
  else tests.skip(title);
};

test('what does not fit is not there, the error says what to do, and with room it goes on', async () => {
  const port = await freePort();
  const engine: ChildProcess = spawn(...onSmallDisk(disk, '80m', process.execPath, fileURLToPath(new URL('engine.js', import.meta.url)),
    join(disk, 'data'), String(port), '20'), { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: disk } });
  const lines = linesOf(engine);
  const ask = async (what: string): Promise<void> => {
    engine.stdin!.write(`${what}\n`);
    await lines.until(new RegExp(`^${what} done$`));
  };
  try {
    await lines.until(/^ready$/);
    const db = await open(`postgres://postgres@127.0.0.1:${port}/postgres`, 'embedded');
    const [source, undisturbed] = await addSources(db, 'large', 'undisturbed', 'a', 'b') as [number, number];
    const rows = batches(source, 12, 2000);
    await db.query('create table lines (line text)');
    for (const batch of [...rows.slice(0, 10), ...batches(undisturbed, 12, 2000)]) await bulkUpsert(db, batch, backfill);
    // Leaves files for the log of what comes: without one PostgreSQL ends itself.
    await db.query('checkpoint');
    await ask('fill');

    // So few that they are not copied.
    const few = rows.slice(10).flat();
    let stored = 0;
    const error = await fails('53100', async () => {
      for (; stored < few.length; stored += 40) await bulkUpsert(db, few.slice(stored, stored + 40), backfill);
    }, /No space left on device/);
    assert.match(explain(error).hint!, /^The disk of the database is full\. Make room, then do it again/);
    await requireWhole(db);
    assert.equal((await db.query('select count(*)::int as rows from timeseries_data where source_id = $1', [source])).rows, [{ rows: 20_000 + stored }]);

    // The engine collects what is copied in a temporary file.
    const client = await db.pool.connect();
    await fails('53100', () => pipeline(Readable.from(Array.from({ length: 80 }, () => `${'x'.repeat(65_535)}\n`)),
      client.query(copyFrom('copy lines from stdin'))), /^could not keep the data of COPY in a temporary file: ENOSPC/);
    client.release();

    // An import ends at the first file, and not with an error for each.
    writeFileSync(join(folder, 'a.json'), fileOf(20_000));
    writeFileSync(join(folder, 'b.json'), fileOf(20_000));
    const seen: string[] = [];
    await fails('53100', () => importFolder(db, folder, { rejectsFolder: folder, onFile: ({ name }) => seen.push(name) }));
    assert.equal(seen, ['a']);
    await requireWhole(db);

    // Where PostgreSQL cannot write its log it ends itself, and says why.
    const lost = await fails('CONNECTION_LOST', () => db.query('checkpoint'), /No space left on device$/) as ConnectionError;
    assert.match(lost.hint!, /The disk is full: make room, then start the embedded database again/);
    const refused = await fails('CONNECTION_REFUSED', () => db.query('select 1'), /No space left on device$/) as ConnectionError;
    assert.match(refused.hint!, /^The disk is full: make room/);

    await ask('room');
    await ask('again');
    await requireWhole(db);
    assert.is((await bulkUpsert(db, few, backfill)).unchanged, stored);
    assert.equal(await contents(db, source), await contents(db, undisturbed));
    await db.close();
  } finally {
    await end(engine, 'SIGKILL');
  }
});

test('a folder on a full disk says that it is full', async () => {
  const error = spawnSync(...onSmallDisk(disk, '80m', 'sh', '-c', `head -c 90m /dev/zero > '${disk}/ballast'; exec "$@"`, 'sh', process.execPath,
    fileURLToPath(new URL('engine.js', import.meta.url)), join(disk, 'data'), '0'), { encoding: 'utf8' });
  assert.match(error.stderr, /Make room on the disk/);
});

const programs = process.env['TEST_DATABASE_URL'] && process.getuid?.() === 0 ? serverPrograms() : undefined;
const onServer = (title: string, work: () => Promise<void>): void => {
  if (programs === undefined) tests.skip(title);
  else tests(title, work);
};

onServer('on a server, where the chunks lie: what does not fit is not there, and with room it goes on', async () => {
  const host = await clusterHost(programs!, { smallDisk: 'small' });
  try {
    await host.start();
    await migrate(host.url);
    const db = await open(host.url, 'server');
    await db.query(`create tablespace small location '${join(host.folder, 'small')}'`);
    await db.query(`select attach_tablespace('small', 'timeseries_data')`);
    await db.query(`create table ballast tablespace small as select repeat('x', 1000) as x from generate_series(1, 10000)`);
    const [source] = await addSources(db, 'large') as [number];
    const all = batches(source, 100, 2000);
    let k = 0;
    const error = await fails('53100', async () => {
      for (; k < all.length; k++) await bulkUpsert(db, all[k]!, backfill);
    }, /No space left on device/);
    assert.match(explain(error).hint!, /^The disk of the database is full/);
    await requireWhole(db);
    await db.query('drop table ballast');
    await db.query('checkpoint');
    assert.is((await bulkUpsert(db, all[k]!, backfill)).inserted, 2000);
    await db.query(`select detach_tablespace('small', 'timeseries_data')`);
    await requireWhole(db);
    assert.equal((await db.query('select count(*)::int as rows from timeseries_data')).rows, [{ rows: 2000 * (k + 1) }]);
    await db.close();
  } finally {
    await host.remove();
  }
});

tests.run();
