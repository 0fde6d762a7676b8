/** Whatever goes wrong gives one message with what to do, shows no secret, and leaves nothing half done. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { open } from '../../src/client/open.js';
import { startEmbedded } from '../../src/embedded/index.js';
import { explain, redact } from '../../src/cli/console/failure.js';
import { fakeServer } from './fake-server.js';
import { btcdb, btcdbProcess, hourlyCandles, migratedFolder, type Outcome, workFolder, writeFiles } from './run.js';

const test = suite('cli: errors');
const secret = 'Tr0ub4dor-3';

/** One error, one hint, no stack, no secret. */
function assertOneError({ code, stdout, stderr }: Outcome, error: RegExp, hint: RegExp): void {
  assert.is(code, 1, stdout + stderr);
  const lines = stderr.trimEnd().split('\n');
  assert.is(lines.length, 2, stderr);
  assert.match(lines[0] ?? '', error);
  assert.match(lines[1] ?? '', hint);
  assert.not.match(stdout + stderr, secret);
}

const commands = [['up'], ['status'], ['import', 'in'], ['refresh'], ['compress']] as const;

test('a dead server', async () => {
  const cwd = workFolder();
  writeFiles(cwd, { 'in/a.json': hourlyCandles(2) });
  const url = `postgres://dashboard:${secret}@127.0.0.1:1/market`;
  for (const command of commands) {
    assertOneError(await btcdb(command, { cwd, env: { DATABASE_URL: url } }),
      /^error: No PostgreSQL server answers at 127\.0\.0\.1:1 \(CONNECTION_REFUSED\)$/, /^hint: Start the server, or correct host and port/);
  }
  const doctor = await btcdb(['doctor', '--url', url], { cwd });
  assert.is(doctor.code, 2);
  assert.match(doctor.stdout, /^✗ Database not connected: No PostgreSQL server answers at 127\.0\.0\.1:1 .*\n {2}→ Start the server/);
  assert.equal(readdirSync(cwd), ['in'], 'no embedded database is made instead');
});

test('a wrong password, also with the stack that --verbose shows', async () => {
  const cwd = workFolder();
  const server = await fakeServer({ refuses: true });
  try {
    for (const url of [server.url(`dashboard:${secret}`), server.url('dashboard')]) {
      const { stdout, stderr } = await btcdb(['status', '--url', url, '--verbose'], { cwd });
      assert.match(stderr, /^error: .* \(AUTHENTICATION_FAILED\)\nhint: .*DATABASE_URL/);
      assert.match(stderr, /\n {4}at /, 'a stack');
      assert.not.match(stdout + stderr, secret);
    }
    assertOneError(await btcdb(['status', '--url', server.url(`dashboard:${secret}`)], { cwd }),
      /^error: The server at 127\.0\.0\.1:\d+ refuses user dashboard: password authentication failed/, /^hint: Correct user and password/);
  } finally {
    await server.stop();
  }
});

test('a server without TimescaleDB', async () => {
  const cwd = workFolder();
  const server = await fakeServer({
    answer(sql) {
      if (sql.includes('to_regclass')) return { columns: ['has_migrations'], rows: [[null]] };
      if (sql.includes(`current_setting('server_version')`)) return { columns: ['server', 'timescale', 'is_loaded'], rows: [['16.4', null, null]] };
      return undefined;
    },
  });
  try {
    const url = server.url(`dashboard:${secret}`);
    assertOneError(await btcdb(['up', '--url', url], { cwd }),
      /^error: The server has no TimescaleDB extension \(EXTENSION_MISSING\)$/, /^hint: Install TimescaleDB 2\.23 or newer/);
    const doctor = await btcdb(['doctor', '--url', url], { cwd });
    assert.is(doctor.code, 2);
    assert.match(doctor.stdout, /^✓ Database connected: PostgreSQL 16\.4\n✗ TimescaleDB is not available on this server\n {2}→ Install TimescaleDB 2\.23 or newer/);
  } finally {
    await server.stop();
  }
});

test('a server with TimescaleDB that is not preloaded', async () => {
  const cwd = workFolder();
  const server = await fakeServer({
    answer(sql) {
      if (sql.includes('to_regclass')) return { columns: ['has_migrations'], rows: [[null]] };
      if (sql.includes(`current_setting('server_version')`)) return { columns: ['server', 'timescale', 'is_loaded'], rows: [['16.4', '2.29.2', null]] };
      return undefined;
    },
  });
  try {
    const url = server.url(`dashboard:${secret}`);
    assertOneError(await btcdb(['up', '--url', url], { cwd }),
      /^error: The server has TimescaleDB installed but not loaded \(EXTENSION_MISSING\)$/, /^hint: Add timescaledb to shared_preload_libraries/);
    const doctor = await btcdb(['doctor', '--url', url], { cwd });
    assert.is(doctor.code, 2);
    assert.match(doctor.stdout, /^✓ Database connected: PostgreSQL 16\.4\n✗ TimescaleDB 2\.29\.2 is installed on this server, but not loaded\n/);
  } finally {
    await server.stop();
  }
});

test('a URL whose password holds special characters is not repeated', async () => {
  const cwd = workFolder();
  for (const password of ['se@cret', 'se#cret', 'se?cret', 'se/cr@t']) {
    const { stderr, stdout, code } = await btcdb(['status', '--url', `postgres://dashboard:${password}@127.0.0.1:1/x`], { cwd });
    assert.is(code, 1);
    assert.match(stderr, /INVALID_URL/);
    for (const part of ['cret', 'cr@t']) assert.not.match(stdout + stderr, new RegExp(part));
  }
});

test('a data folder that cannot be made', async () => {
  const cwd = workFolder();
  writeFiles(cwd, { file: 'not a folder' });
  assertOneError(await btcdb(['up', '--data-dir', 'file/x'], { cwd }), /^error: The data folder .* cannot be written/, /^hint: Allow this user/);
});

test('a file without a single good row', async () => {
  const cwd = await migratedFolder();
  writeFiles(cwd, { 'in/words.csv': 'timestamp;value\n2024-01-01;much\n' });
  const { code, stdout, stderr } = await btcdb(['import', 'in'], { cwd });
  assert.is(code, 1);
  assert.match(stdout + stderr, /none of the first rows can be read; the first one: value: "much" is not a number/);
  assert.not.match(stdout, /Nothing changed/);
});

test('a server is not migrated by accident', async () => {
  const cwd = workFolder();
  writeFiles(cwd, { 'in/a.json': hourlyCandles(2) });
  const asked: string[] = [];
  const server = await fakeServer({
    answer(sql) {
      asked.push(sql);
      return { columns: ['has_migrations'], rows: [[null]] };
    },
  });
  try {
    for (const command of [['import', 'in'], ['status'], ['demo']]) {
      assertOneError(await btcdb([...command, '--url', server.url('dashboard')], { cwd }),
        /^error: The database lacks \d+ migrations: 000001-extensions\.sql, .* \(MIGRATION_PENDING\)$/, /^hint: Run `btcdb up` first\.$/);
    }
  } finally {
    await server.stop();
  }
  assert.is(asked.length, 3);
  assert.ok(asked.every((sql) => sql.trimStart().startsWith('select')), asked.join('\n'));
});

test('a URL that is none', async () => {
  const cwd = workFolder();
  for (const url of [`mysql://dashboard:${secret}@localhost/x`, `postgres://dashboard:${secret}@[::/x`, 'somewhere']) {
    assertOneError(await btcdb(['status', '--url', url], { cwd }), /^error: The database URL .* \(INVALID_URL\)$/, /^hint: Write it as postgres:\/\/user:password@host:5432\/database/);
  }
});

test('a folder that is not there, and an empty one: no database is made', async () => {
  const cwd = workFolder();
  assertOneError(await btcdb(['import', 'nowhere'], { cwd }), /^error: nowhere cannot be read: .*\(IMPORT_DIRECTORY\)$/, /^hint: Give a folder/);
  writeFiles(cwd, { 'empty/.keep': '' });
  assertOneError(await btcdb(['import', 'empty'], { cwd }), /^error: empty holds nothing to import \(IMPORT_DIRECTORY\)$/, /^hint: Put one /);
  assert.equal(readdirSync(cwd), ['empty']);
});

test('files that cannot be imported: each is named, the others go on, nothing of them is written', async () => {
  const cwd = await migratedFolder();
  const whole = hourlyCandles(200);
  writeFiles(cwd, {
    'in/truncated.json': whole.slice(0, -100),
    'in/no_time.csv': 'open,high,low,close,volume\n1,2,0.5,1.5,9\n',
    'in/empty.json': '',
    'in/Not A Name.json': whole,
    'in/good_us.csv': 'timestamp,value\n1735689600000000,1.5\n1735693200000000,1.6\n',
  });
  const { code, stdout, stderr } = await btcdb(['import', 'in'], { cwd });
  assert.is(code, 1);
  for (const [file, hint] of [['truncated.json', '.'], ['no_time.csv', '.'], ['empty.json', '.'], ['Not A Name.json', 'Rename it']] as const) {
    assert.match(stderr, new RegExp(`\\nerror: ${file.replaceAll('.', '\\.')}.* \\(IMPORT_FILE\\)\\nhint: .*${hint}`), file);
    assert.match(stderr, `✗ ${file} failed; the others go on\n`);
    assert.match(stdout, new RegExp(`\\n${file.replaceAll('.', '\\.')} ✗ +0 +0 +0 +0 `), file);
  }
  assert.not.match(stderr, /\n +at /);
  assert.match(stdout, /\ngood_us\.csv +2 +0 +0 +0 /);
  assert.match(stdout, '✗ 4 files of 5 failed.\n');

  const server = await startEmbedded({ dataDir: join(cwd, '.btcdb') });
  const db = await open(server.url, 'embedded');
  try {
    // A registry that is wrong ends the import before the first file.
    writeFiles(cwd, { 'wrong/a.json': hourlyCandles(2), 'wrong/sources.json': '[{"name": "a", "update_frequency": "often"}]' });
    assertOneError(await btcdb(['import', 'wrong', '--url', server.url], { cwd }),
      /^error: sources\.json, a: update_frequency is "often" \(IMPORT_REGISTRY\)$/, /^hint: It has to be an interval from 1 second to 10 years/);

    const { rows } = await db.query(`select s.name, d.timestamp from sources as s left join timeseries_data as d using (source_id) order by 1, 2`);
    assert.equal(rows, [
      { name: 'good_us', timestamp: new Date('2025-01-01T00:00:00Z') },
      { name: 'good_us', timestamp: new Date('2025-01-01T01:00:00Z') },
    ]);
  } finally {
    await db.close();
    await server.stop();
  }
});

test('an import that is killed, then interrupted, then left alone', async () => {
  const cwd = await migratedFolder();
  const rows = 25_000;
  writeFiles(cwd, { 'in/btc_usd.json': hourlyCandles(rows) });
  const endWith = (signal: NodeJS.Signals): Promise<Outcome> => {
    let sent = false;
    return btcdbProcess(['import', 'in'], {
      cwd,
      onOutput(printed, child) {
        if (sent || !printed.includes('✓ 2/5')) return;
        sent = true;
        child.kill(signal);
      },
    });
  };
  assert.is((await endWith('SIGKILL')).code, null);

  const interrupted = await endWith('SIGINT');
  assert.is(interrupted.code, 130, interrupted.stderr);
  assert.match(interrupted.stderr, '! SIGINT: the batch at work is rolled back, what is stored stays. Once more ends it at once.\n');
  assert.match(interrupted.stdout, /! Interrupted after .* Import again: /);
  assert.not.match(interrupted.stdout + interrupted.stderr, /failed|error:/, 'an interruption is no failure of the file');

  const whole = await btcdb(['import', 'in'], { cwd });
  assert.is(whole.code, 0, whole.stderr);
  const [, inserted, updated, unchanged] = /\nbtc_usd\.json +([\d,]+) +(\d+) +([\d,]+) +0 /.exec(whole.stdout) ?? [];
  const number = (text = ''): number => Number(text.replaceAll(',', ''));
  assert.is(number(inserted) + number(unchanged), rows);
  assert.is(updated, '0');
  assert.is(number(unchanged) % 20_000, 0, 'whole batches were there');
});

test('an error is told with its code; the password of a URL never is', () => {
  assert.equal(explain(new Error('boom.')), { message: 'boom', hint: 'Add --verbose to see where it comes from.' });
  assert.is(redact(`cannot reach postgres://me:${secret}@db/x, or postgresql://:p%40@h`), 'cannot reach postgres://me:***@db/x, or postgresql://:***@h');
  assert.is(redact(`host=db password=${secret} user=me`), 'host=db password=*** user=me');
  assert.is(redact(`password = 'a b' and postgres://me@db`), 'password = *** and postgres://me@db');
  assert.is(redact('postgres://me:a:b@c@db/x'), 'postgres://me:***@db/x');
});

test.run();
