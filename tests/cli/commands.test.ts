/** Each command, the way a newcomer runs it: in an empty folder, on the embedded engine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEmbedded } from '../../src/embedded/index.js';
import { testDatabase } from '../support/database.js';
import { btcdb, btcdbProcess, folderWithBlank, hourlyCandles, migratedFolder, workFolder, writeFiles } from './run.js';

const test = suite('cli: commands');

test('up migrates an empty folder, and the second time says that there is nothing to do', async () => {
  const cwd = await folderWithBlank();
  const first = await btcdb(['up'], { cwd });
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stdout, /✓ applied 000001-extensions\.sql\n/);
  assert.match(first.stdout, /✓ \d+ migrations applied in /);
  const second = await btcdb(['up'], { cwd });
  assert.is(second.code, 0, second.stderr);
  assert.is(second.stdout, '✓ already up to date\n');
});

test('import in an empty folder, then all that looks after it', async () => {
  const cwd = await folderWithBlank();
  writeFiles(cwd, {
    'in/btc_usd.json': hourlyCandles(500),
    'in/yield.csv': 'date,value\n2024-01-02,4.1\n2024-01-03,oops\n2024-01-04,4.2\n',
    'in/sources.json': '[{"name": "yield", "display_name": "A yield", "data_type": "macro", "update_frequency": "1 day"}]',
  });
  const first = await btcdb(['import', 'in'], { cwd });
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stdout, /✓ \d+ migrations applied in /, 'it migrates the embedded database by itself');
  for (const step of ['1/5 register', '2/5 load', '3/5 write', '4/5 refresh', '5/5 compress']) assert.match(first.stderr, `✓ ${step}`);
  assert.match(first.stderr, /✓ 3\/5 write the rows {2}503 rows, [\d,]+ rows\/s {2}[\d.]+ s\n/);
  assert.match(first.stdout, /file +inserted +updated +unchanged +rejected +s +rows\/s\n/);
  assert.match(first.stdout, /\nbtc_usd\.json +500 +0 +0 +0 /);
  assert.match(first.stdout, /\nyield\.csv +2 +0 +0 +1 /);
  assert.match(first.stdout, /\ntotal +502 +0 +0 +1 /);
  assert.match(first.stdout, '! yield.csv: 1 row rejected, listed in .btcdb/rejects/yield.ndjson\n    line 3: value: "oops" is not a number\n');
  assert.match(first.stdout, /✓ 502 new rows, 0 changed rows, 2 new sources, in /);
  assert.match(readFileSync(join(cwd, '.btcdb/rejects/yield.ndjson'), 'utf8'), '"raw":"2024-01-03,oops"');

  const again = await btcdb(['import', 'in'], { cwd });
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stdout, /\nbtc_usd\.json +0 +0 +500 +0 /);
  assert.match(again.stdout, /✓ Nothing changed: every row was there already, in /);

  const status = await btcdb(['status'], { cwd });
  assert.is(status.code, 0, status.stderr);
  assert.match(status.stdout, /Sources \(2\)\nsource +freshness +age +rows +score +invalid +anomalies +gaps\n/);
  assert.match(status.stdout, /\nbtc_usd +CRITICAL +\d+ d +500 +100\.00 +0 +\d+ +0\n/);
  assert.match(status.stdout, /Storage\n {2}\d+ chunks?, \d+ compressed\n/);
  for (const name of ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats']) {
    assert.match(status.stdout, new RegExp(`\\n${name} +2024-`));
  }
  for (const line of status.stdout.split('\n')) assert.ok([...line].length <= 80, `wider than 80 columns: ${line}`);

  const doctor = await btcdb(['doctor'], { cwd });
  assert.is(doctor.code, 1, doctor.stdout);
  assert.match(doctor.stdout, /^✓ Database connected: PostgreSQL \d+\.\d+\n✓ TimescaleDB available: 2\.\d+\S*\n✓ Migrations: \d+ applied, none pending\n/);
  assert.not.match(doctor.stdout, '✗');
  assert.match(doctor.stdout, '! btc_usd is CRITICAL: its last row is of 2024-01-21 19:00, one is due every 1 hour\n');

  // These have the URL of the same database: an engine of their own would only take time.
  const server = await startEmbedded({ dataDir: join(cwd, '.btcdb') });
  try {
    const served = { cwd, env: { DATABASE_URL: server.url } };
    const refresh = await btcdb(['refresh'], served);
    assert.is(refresh.code, 0, refresh.stderr);
    assert.match(refresh.stdout, /^✓ aggregates refreshed in /);

    const compress = await btcdb(['compress', '--older-than', '3 months'], served);
    assert.is(compress.code, 0, compress.stderr);
    assert.match(compress.stdout, /^✓ (\d+) of \1 chunks? compressed, in .*\n {2}.* became .*: [\d.]+ times smaller\n$/);

    const soon = await btcdb(['compress', '--older-than', 'soon'], served);
    assert.is(soon.code, 2);
    assert.match(soon.stderr, `error: --older-than: invalid input syntax for type interval: "soon"\nhint: Write an interval such as '7 days'`);

    const elsewhere = await btcdb(['import', 'in/yield.csv', '--rejects', 'bad'], served);
    assert.is(elsewhere.code, 0, elsewhere.stderr);
    assert.match(elsewhere.stdout, 'listed in bad/yield.ndjson\n');
  } finally {
    await server.stop();
  }
});

test('commands that need a database say how to make one, and make none', async () => {
  const cwd = workFolder();
  for (const command of ['status', 'refresh', 'compress']) {
    const { code, stdout, stderr } = await btcdb([command], { cwd });
    assert.is(code, 1);
    assert.is(stdout, '');
    assert.match(stderr, /^error: There is no embedded database in \.btcdb .*\nhint: Make one with `btcdb up` or `btcdb import <folder>`, .*\n$/);
  }
  const doctor = await btcdb(['doctor'], { cwd });
  assert.is(doctor.code, 2);
  assert.match(doctor.stdout, /^✓ Database connected: PostgreSQL .*\n✓ TimescaleDB available: 2\..*\n✗ The schema is missing: .*\n {2}→ btcdb up\n/);
  assert.equal(readdirSync(cwd), []);
});

test('what cannot be understood exits with 2, help with 0', async () => {
  const cwd = workFolder();
  for (const [args, message] of [
    [['frobnicate'], `error: unknown command 'frobnicate'`],
    [['import'], `error: missing required argument 'path'`],
    [['status', '--colour'], `error: unknown option '--colour'`],
    [['status', '--url', 'postgres://x', '--data-dir', 'y'], 'error: --url and --data-dir exclude each other\nhint: '],
    [['serve-embedded', '--port', '99999'], 'It has to be a number from 0 to 65535.'],
    [['serve-embedded', '--url', 'postgres://x'], 'error: serve-embedded serves a folder, not a URL\nhint: '],
    [['demo', '--fresh', '--data-dir', 'x'], 'error: --fresh is only for the demo in its own folder\nhint: '],
  ] as const) {
    const { code, stdout, stderr } = await btcdb(args, { cwd });
    assert.is(code, 2, args.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, message);
  }
  const help = await btcdb(['--help'], { cwd });
  assert.is(help.code, 0);
  for (const command of ['up', 'import', 'status', 'doctor', 'refresh', 'compress', 'demo', 'serve', 'token', 'serve-embedded']) {
    assert.match(help.stdout, `\n  ${command} `);
  }
  assert.match((await btcdb(['--version'], { cwd })).stdout, /^\d+\.\d+\.\d+/);
  assert.equal(readdirSync(cwd), []);
});

test('the process ends with the exit code of its command', async () => {
  const cwd = workFolder();
  const outcomes = await Promise.all([['--version'], ['status'], ['status', '--colour']].map((args) => btcdbProcess(args, { cwd })));
  assert.equal(outcomes.map(({ code }) => code), [0, 1, 2]);
  assert.match(outcomes[0]!.stdout, /^\d+\.\d+\.\d+\S*\n$/);
  assert.match(outcomes[1]!.stderr, /^error: There is no embedded database in \.btcdb/);
});

test('serve-embedded serves psql and others until it is told to stop', async () => {
  const cwd = await migratedFolder();
  let asked: Promise<void> | undefined;
  const seen: string[] = [];
  const { code, stdout, stderr } = await btcdbProcess(['serve-embedded', '--port', '0'], {
    cwd,
    onOutput(printed, child) {
      if (asked || !printed.includes('Ctrl-C')) return;
      asked = (async () => {
        const url = /psql (postgres:\S+)/.exec(printed)?.[1] ?? '';
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        seen.push(String((await client.query('select count(*) from sources')).rows[0].count));
        await client.end();
        // The folder is taken.
        const second = await btcdb(['up'], { cwd });
        seen.push(`${second.code} ${second.stderr}`);
      })().finally(() => child.kill('SIGTERM'));
    },
  });
  await asked;
  assert.is(code, 0, stderr);
  assert.match(stdout, /^✓ Embedded PostgreSQL with TimescaleDB serves \.btcdb\n\n {2}DATABASE_URL=(postgres:\S+)\n {2}psql \1\n/);
  assert.match(stdout, /\n✓ stopped\n$/);
  assert.match(stderr, 'SIGTERM: stopping\n');
  assert.is(seen[0], '0');
  assert.match(seen[1] ?? '', /^1 error: The embedded database in .* is in use by process \d+ \(EMBEDDED_IN_USE\)\nhint: /);
  assert.not(existsSync(join(cwd, '.btcdb/lock.json')));
});

if (process.env['TEST_DATABASE_URL']) {
  test('up in three processes at once: one migrates, the others wait', async () => {
    const cwd = workFolder();
    const db = await testDatabase();
    const url = new URL(db.url);
    url.pathname += '_empty';
    try {
      await db.query(`create database ${url.pathname.slice(1)}`);
      const ups = await Promise.all([1, 2, 3].map(() => btcdbProcess(['up'], { cwd, env: { DATABASE_URL: url.href } })));
      assert.equal(ups.map(({ code, stderr }) => ({ code, stderr })), Array(3).fill({ code: 0, stderr: '' }));
      assert.is(ups.filter(({ stdout }) => /✓ applied 000001-/.test(stdout)).length, 1);
    } finally {
      await db.query(`drop database ${url.pathname.slice(1)} with (force)`);
      await db.drop();
    }
  });

  test('the same on a server', async () => {
    const cwd = workFolder();
    writeFiles(cwd, { 'in/btc_usd.json': hourlyCandles(500) });
    const db = await testDatabase();
    try {
      const env = { DATABASE_URL: db.url };
      assert.is((await btcdb(['up'], { cwd, env })).stdout, '✓ already up to date\n');
      const imported = await btcdb(['import', 'in', '--user', 'ann'], { cwd, env });
      assert.is(imported.code, 0, imported.stderr);
      assert.match(imported.stdout, '✓ 500 new rows, 0 changed rows, 1 new source, in ');
      const { rows } = await db.query(`select distinct changed_by from audit_log where table_name = 'timeseries_data'`);
      assert.equal(rows, [{ changed_by: 'ann' }]);
      for (const command of [['refresh'], ['compress'], ['doctor'], ['demo', '--url', db.url], ['status']]) {
        const { code, stdout, stderr } = await btcdb(command, { cwd, env });
        // The data are old: the doctor warns.
        assert.is(code, command[0] === 'doctor' ? 1 : 0, `${command.join(' ')}: ${stdout}${stderr}`);
        if (command[0] === 'status') assert.match(stdout, '\nSources (7)\n');
      }
      const demo = await btcdb(['demo', '--url', db.url], { cwd });
      assert.match(demo.stdout, '✓ Nothing changed: ');
      assert.match(demo.stdout, 'Look around: npx btcdb status --url …');
    } finally {
      await db.drop();
    }
  });
}

test.run();
