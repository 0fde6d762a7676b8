/** Whenever a backup or a restore is killed, in a folder, a file or a bucket, and whatever a bucket answers, what is found afterwards is whole. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import S3rver from 's3rver';
import { requireSound } from '../../src/backup/restoration.js';
import { verifyBackup } from '../../src/backup/verify.js';
import { backupAt, type BackupStore, backupsIn, placeAt } from '../../src/backup/store.js';
import { rotate } from '../../src/backup/rotation.js';
import { takeBackup } from '../../src/backup/take.js';
import type { Database } from '../../src/client/open.js';
import { migrate } from '../../src/schema/migrate.js';
import { dropDatabase } from '../../tools/databases.js';
import { btcdb, btcdbProcess, migratedFolder, workFolder } from '../cli/run.js';
import { fill } from '../support/contents.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const isServer = Boolean(process.env['TEST_DATABASE_URL']);
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const credentials = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_REGION: 'us-east-1' };
Object.assign(process.env, credentials);

const test = databaseSuite('killed', fill);

/** What the bucket does with a request before it is looked at: answers with a status, or lets it wait. */
let instead: (request: string) => number | Promise<undefined> | undefined;
/** Requests as `PUT /bucket/name?partNumber=1`. */
const asked: string[] = [];
const calm = (): void => {
  instead = () => undefined;
  asked.length = 0;
};
calm();

interface Context {
  readonly method: string;
  readonly url: string;
  status: number;
  body: unknown;
}

const directory = workFolder();
const s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets: [{ name: 'bucket', configs: [] }] });
(s3 as unknown as { middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[] }).middleware.unshift(async (context, next) => {
  const request = `${context.method} ${decodeURIComponent(context.url)}`;
  asked.push(request);
  const status = await instead(request);
  if (status === undefined) return next();
  context.status = status;
  context.body = status < 300 ? '' : `<Error><Code>${status === 503 ? 'SlowDown' : 'InternalError'}</Code><Message>not now</Message></Error>`;
});
const address = await s3.run();
// It does not keep the process alive.
(s3 as unknown as { httpServer: Server }).httpServer.unref();
process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${address.port}`;

/** pg_dump that gives less and less from so many bytes on, as long as somebody reads; pg_restore that gets as many, and waits for more. */
function slowTools(bytes = 30_000): string {
  const folder = workFolder();
  for (const [tool, command] of [
    ['pg_dump', `pg_dump "$@" | { head -c ${bytes}; while sleep 0.1; do printf x || exit; done; }`],
    ['pg_restore', `{ head -c ${bytes}; sleep 10; } | pg_restore "$@"`],
  ] as const) {
    writeFileSync(join(folder, tool), `#!/bin/sh\nif [ "$1" = --version ]; then exec ${tool} --version; fi\n${command}\n`);
    chmodSync(join(folder, tool), 0o755);
  }
  return folder;
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(2)) if (await what()) return;
  throw new Error('it did not come to that');
}

/** Starts a backup or a restore by the command line, and kills it when it is told to, at which it has to be at work. */
async function killed(cwd: string, args: readonly string[], moment: (child: ChildProcess) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: 'ignore', env: { ...process.env, DATABASE_URL: '' } });
  const ended = once(child, 'exit');
  try {
    await Promise.race([moment(child), ended]);
  } finally {
    child.kill('SIGKILL');
    assert.equal(await ended, [null, 'SIGKILL'], 'it was at work');
  }
}

/** What is under a final name and counts is whole, and what was there before is still found. */
async function requireWhole(place: string, before: string): Promise<void> {
  const found = await backupAt(place);
  assert.is(found.manifest.file, before);
  await requireSound(found);
  for (const { manifest, isWhole } of await backupsIn(found.store)) assert.ok(isWhole, manifest.file);
}

let folder: Promise<string> | undefined;
/** What a command has to be told to back up the database of the engine, and where it runs. */
const source = async (db: Database, ...args: string[]): Promise<[string, string[]]> =>
  (isServer ? [workFolder(), ['--url', db.url, ...args]] : [await (folder ??= migratedFolder()), []]);

for (const what of ['a folder', 'a file'] as const) {
  test(`kill -9 in the middle of a backup into ${what}: there is none of its name, and the last good one is found`, async (db) => {
    const place = workFolder();
    const { manifest } = await takeBackup(db, place, { portable: true });
    const [cwd, args] = await source(db, '--pg-bin', slowTools());
    const target = what === 'a folder' ? place : join(place, 'mine.dump');
    const partial = (): string | undefined => readdirSync(place).find((name) => name.endsWith('.btcdb-partial'));
    await killed(cwd, ['backup', target, ...args], async () => {
      await until(() => partial() !== undefined && (!isServer || statSync(join(place, partial()!)).size > 0));
    });
    assert.ok(partial(), 'it had begun');
    assert.equal(readdirSync(place).filter((name) => !name.endsWith('.btcdb-partial')).sort(), [manifest.file, `${manifest.file}.json`]);
    await requireWhole(place, manifest.file);
    if (!isServer) return;
    await until(async () => (await db.query(`select from pg_stat_activity where application_name = 'btcdb backup' and datname = current_database()`)).rowCount === 0);
  });
}

test('kill -9 while a backup sends its file or its manifest to a bucket: the last good one stays and is found', async (db) => {
  const place = 's3://bucket/killed';
  const { store, manifest } = await takeBackup(db, place, { portable: true });
  const [cwd, args] = await source(db);
  for (const sent of [/^PUT .*killed\/(?!.*\.json)/, /^PUT .*\.json/]) {
    const files = (await store.files()).size;
    await killed(cwd, ['backup', place, ...args], () => new Promise((reached) => {
      instead = (request) => {
        if (!sent.test(request)) return undefined;
        reached();
        return new Promise(() => {});
      };
    }));
    calm();
    assert.is((await store.files()).size, files + (sent.source.includes('json') && !sent.source.includes('?!') ? 1 : 0));
    await requireWhole(place, manifest.file);
  }
  const { code, stdout } = await btcdb(['backup', place, '--json', ...args], { cwd });
  assert.is(code, 0, stdout);
  const latest = await backupAt(place);
  assert.is(latest.manifest.file, (JSON.parse(stdout) as { file: string }).file);
  await requireWhole(place, latest.manifest.file);
  // The file without a manifest may yet get one, until it is a week old.
  const names = async (): Promise<string[]> => [...(await store.files()).keys()].sort();
  const all = await names();
  const files = [manifest.file, latest.manifest.file];
  assert.is(all.length, 5);
  assert.equal(await rotate(db, latest, { keep: 1 }), []);
  assert.equal(await names(), all);
  assert.equal(await rotate(db, latest, { keep: 1 }, Date.now() + 8 * 86_400_000), all.filter((name) => !files.some((file) => name.startsWith(file))));
  assert.equal(await names(), files.flatMap((file) => [file, `${file}.json`]).sort());
});

if (isServer) test('kill -9 in the middle of a restore: others are kept off, and the same command begins anew, whoever is left', async (db) => {
  const place = workFolder();
  const { manifest } = await takeBackup(db, place);
  const almostAll = statSync(join(place, manifest.file)).size - 10_000;
  const url = `${db.url}_killed`;
  const args = ['restore', place, '--url', url];
  try {
    await killed(workFolder(), [...args, '--pg-bin', slowTools(almostAll)], () => until(async () => (await db.query(
      `select from pg_stat_activity where datname = current_database() || '_killed' and query ~ '^COPY' and wait_event = 'ClientRead'`)).rowCount === 1));
    await fails('RESTORE_UNFINISHED', () => migrate(url));
    const { code, stdout, stderr } = await btcdb(args, { cwd: workFolder() });
    assert.is(code, 0, stderr);
    assert.match(stdout, /is restored, and is the same/);
    assert.equal(await migrate(url), []);
  } finally {
    await dropDatabase(url, db.url);
  }
});

test('kill -9 in the middle of a portable restore: nothing is left of it, and the same command begins anew', async (db) => {
  const place = workFolder();
  await takeBackup(db, place, { portable: true });
  const cwd = workFolder();
  const url = `${db.url}_killed`;
  const args = ['restore', place, ...(isServer ? ['--url', url] : [])];
  try {
    const { code, stderr } = await btcdbProcess(args, { cwd, onOutput: (printed, child) => {
      if (printed.includes('loading the rows')) child.kill('SIGKILL');
    } });
    assert.is(code, null, stderr);
    const again = await btcdb(args, { cwd });
    assert.is(again.code, 0, again.stderr);
    assert.match(again.stdout, /is restored.*and is the same/);
  } finally {
    if (isServer) await dropDatabase(url, db.url);
  }
});

const pieces = Array.from({ length: 300 }, (_, i) => Buffer.alloc(70_000, i));
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

async function* content(count = pieces.length): AsyncGenerator<Buffer> {
  yield* pieces.slice(0, count);
  if (count < pieces.length) throw new Error('half');
}

async function stored(store: BackupStore, name: string): Promise<string> {
  const read: Buffer[] = [];
  for await (const piece of await store.read(name)) read.push(piece);
  return sha256(Buffer.concat(read));
}

/** Answers with a status as often as it says. */
function failing(request: RegExp, status: number, times: number): void {
  const before = instead;
  let left = times;
  instead = (text) => (request.test(text) && left-- > 0 ? status : before(text));
}

test('a bucket takes what comes in parts, asked again where it fails or is slow, and gives it back', async () => {
  const { store } = await placeAt('s3://bucket/parts/');
  failing(/partNumber=2/, 500, 1);
  failing(/partNumber=3/, 503, 1);
  failing(/^POST .*uploadId=/, 500, 1);
  await store.write('parts.dump', content());
  assert.ok(asked.filter((text) => text.includes('partNumber=')).length >= 5, asked.join('\n'));
  calm();
  assert.is(await stored(store, 'parts.dump'), sha256(Buffer.concat(pieces)));
  assert.equal([...await store.files()].map(([name, { size }]) => [name, size]), [['parts.dump', 21_000_000]]);
  await store.remove('parts.dump');
  assert.equal([...await store.files()], []);
});

test('an upload that fails on its way is aborted, and there is nothing', async () => {
  const { store } = await placeAt('s3://bucket/aborted');
  for (const [count, code, message] of [[300, 'BACKUP_TARGET', /^s3:\/\/bucket\/aborted\/half\.dump cannot be reached: InternalError: not now$/], [200, undefined, /^half$/]] as const) {
    calm();
    if (count === 300) failing(/partNumber=3/, 500, Infinity);
    // s3rver cannot.
    failing(/^DELETE /, 204, Infinity);
    const error = await store.write('half.dump', content(count)).then(() => assert.unreachable(), (reason: Error & { code?: string }) => reason);
    assert.is((error as { code?: string }).code, code);
    assert.match((error as Error).message, message);
    assert.is(asked.filter((text) => /^DELETE .*half\.dump\?.*uploadId=/.test(text)).length, 1, asked.join('\n'));
    calm();
    assert.equal([...await store.files()], []);
  }
});

test('a bucket that fails says so; an older backup is not taken for the newest, and a file without its manifest is removed', async (db) => {
  const place = 's3://bucket/a prefix/é+%41&#?=x';
  const { store, manifest } = await takeBackup(db, place, { portable: true });
  const older = manifest.file;
  await fails('BACKUP_TARGET', () => takeBackup(db, `${place}/${older}`, { portable: true }), /is there already/);
  failing(/^PUT .*\.json/, 500, Infinity);
  await fails('BACKUP_TARGET', () => takeBackup(db, place, { portable: true }), /cannot be reached: InternalError: not now/);
  calm();
  assert.equal([...(await store.files()).keys()].sort(), [older, `${older}.json`]);
  const { file } = (await takeBackup(db, place, { portable: true })).manifest;
  failing(new RegExp(`^GET .*${file}\\.json`), 500, Infinity);
  await fails('BACKUP_TARGET', () => backupAt(place), /not now/);
  calm();
  // It goes between the list and the look at it.
  instead = (request) => {
    if (!request.includes(`${file}.json`)) return undefined;
    calm();
    return store.remove(`${file}.json`).then(() => undefined);
  };
  assert.is((await backupAt(place)).manifest.file, older);
  await fails('BACKUP_TARGET', () => takeBackup(db, 's3://nowhere/x', { portable: true }), /s3:\/\/nowhere\/x\/ cannot be reached: NoSuchBucket/);
  await fails('BACKUP_TARGET', () => takeBackup(db, place, { portable: true, endpoint: 'http://127.0.0.1:1' }), /cannot be reached: .*ECONNREFUSED/);
});

test('a backup in a bucket is verified and listed', async (db) => {
  const taken = await takeBackup(db, 's3://bucket/some/prefix');
  const found = await backupAt('s3://bucket/some/prefix');
  assert.equal(found.manifest, taken.manifest);
  assert.equal((await backupAt(`s3://bucket/some/prefix/${taken.manifest.file}`)).manifest, taken.manifest);
  await verifyBackup(db.url, found);
  const { stdout } = await btcdb(['backup', 'list', 's3://bucket/some/prefix', '--json'], { cwd: workFolder() });
  assert.equal((JSON.parse(stdout) as { file: string; is_whole: boolean }[]).map(({ file, is_whole: isWhole }) => [file, isWhole]), [[taken.manifest.file, true]]);
  await fails('BACKUP_MISSING', () => backupAt('s3://bucket/nothing'));
});

test.run();
