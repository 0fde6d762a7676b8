/** Whenever a backup is killed, in a folder, a file or a bucket, what is found afterwards is whole. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import S3rver from 's3rver';
import { verifyBackup } from '../../src/backup/verify.js';
import { backupAt, backupsIn, placeAt } from '../../src/backup/store.js';
import { takeBackup } from '../../src/backup/take.js';
import { btcdb, migratedFolder, workFolder } from '../cli/run.js';
import { fill } from '../support/contents.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const isServer = Boolean(process.env['TEST_DATABASE_URL']);
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const credentials = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_REGION: 'us-east-1' };
Object.assign(process.env, credentials);

const test = databaseSuite('killed', fill);

const directory = workFolder();
const s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets: [{ name: 'bucket', configs: [] }] });
const address = await s3.run();
// It does not keep the process alive.
(s3 as unknown as { httpServer: Server }).httpServer.unref();
process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${address.port}`;

/** pg_dump that stops in the middle, for ever. */
function stuckTools(): string {
  const folder = workFolder();
  writeFileSync(join(folder, 'pg_dump'), '#!/bin/sh\nif [ "$1" = --version ]; then exec pg_dump --version; fi\npg_dump "$@" | { head -c 30000; exec sleep 100; }\n');
  chmodSync(join(folder, 'pg_dump'), 0o755);
  return folder;
}

const killed = async (child: ChildProcess): Promise<void> => {
  const closed = once(child, 'exit');
  child.kill('SIGKILL');
  await closed;
};

async function until(what: () => boolean | Promise<boolean>, child: ChildProcess): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null; await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (await what()) return;
  }
  if (child.exitCode === null) throw new Error('it did not come to that');
}

/** What is under a final name and counts is whole, and what was there before is still found. */
async function requireWhole(place: string, before: string): Promise<void> {
  const { store } = await placeAt(place);
  for (const { manifest, isWhole } of await backupsIn(store)) assert.ok(isWhole, manifest.file);
  assert.ok((await backupsIn(store)).some(({ manifest }) => manifest.file === before));
}

for (const [what, place] of [['a folder', workFolder()], ['a bucket', 's3://bucket/killed']] as const) {
  test(`kill -9 at any moment of a backup into ${what}: the last good one stays and is found`, async (db) => {
    const { manifest } = await takeBackup(db, place, { portable: true });
    if (isServer) {
      const child = spawn(process.execPath, [main, 'backup', place, '--url', db.url, '--pg-bin', stuckTools()], { stdio: 'ignore' });
      const running = async (): Promise<boolean> => place.startsWith('s3')
        ? (await db.query(`select from pg_stat_activity where application_name = 'btcdb backup' and datname = current_database()`)).rowCount > 0
        : readdirSync(place).some((name) => name.endsWith('.partial'));
      await until(running, child);
      await killed(child);
      await requireWhole(place, manifest.file);
      assert.is((await backupAt(place)).manifest.file, manifest.file, 'it never became one');
    }
    // The moments are those of the work itself: begun, writing, stored without a manifest, done.
    const cwd = await migratedFolder();
    for (const moment of [0, 1, 2]) {
      const child = spawn(process.execPath, [main, 'backup', place], { cwd, stdio: ['ignore', 'ignore', 'ignore'], env: { ...process.env, DATABASE_URL: '' } });
      const { store } = await placeAt(place);
      const files = (await store.sizes()).size;
      await until(async () => (moment === 0 ? existsSync(join(cwd, '.btcdb')) : (await store.sizes()).size >= files + moment), child);
      await killed(child);
      await requireWhole(place, manifest.file);
    }
    const { code, stdout } = await btcdb(['backup', place], { cwd });
    assert.is(code, 0, stdout);
    await requireWhole(place, manifest.file);
  });
}

test('a bucket takes what comes in parts, gives it back, and a backup of it is verified and listed', async (db) => {
  const { store } = await placeAt('s3://bucket/some/prefix/');
  const pieces = Array.from({ length: 300 }, (_, i) => Buffer.alloc(70_000, i));
  const hash = createHash('sha256');
  async function* content(): AsyncGenerator<Buffer> {
    for (const piece of pieces) yield piece;
  }
  await store.write('parts.dump', content());
  for await (const piece of await store.read('parts.dump')) hash.update(piece);
  assert.is(hash.digest('hex'), createHash('sha256').update(Buffer.concat(pieces)).digest('hex'));
  assert.equal([...await store.sizes()], [['parts.dump', 21_000_000]]);
  async function* failing(): AsyncGenerator<Buffer> {
    for (const piece of pieces.slice(0, 200)) yield piece;
    throw new Error('half');
  }
  await store.write('half.dump', failing()).then(() => assert.unreachable(), (error: Error) => assert.is(error.message, 'half'));
  await store.remove('parts.dump');
  assert.equal([...await store.sizes()], []);

  const stored = await takeBackup(db, 's3://bucket/some/prefix');
  const found = await backupAt('s3://bucket/some/prefix');
  assert.equal(found.manifest, stored.manifest);
  assert.equal((await backupAt(`s3://bucket/some/prefix/${stored.manifest.file}`)).manifest, stored.manifest);
  await verifyBackup(db.url, found);
  const { stdout } = await btcdb(['backup', 'list', 's3://bucket/some/prefix', '--json'], { cwd: workFolder() });
  assert.equal((JSON.parse(stdout) as { file: string; is_whole: boolean }[]).map(({ file, is_whole: isWhole }) => [file, isWhole]), [[stored.manifest.file, true]]);
  await fails('BACKUP_MISSING', () => backupAt('s3://bucket/nothing'));
});

test.run();
