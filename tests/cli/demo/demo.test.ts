/** The demo, twice, in an empty folder: the second run is quicker and changes nothing. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { open } from '../../../src/client/open.js';
import { startEmbedded } from '../../../src/embedded/index.js';
import { btcdb, btcdbProcess, folderWithBlank } from '../run.js';

const test = suite('demo');

/** Everything that a run could have changed. */
async function fingerprint(cwd: string): Promise<Record<string, unknown>> {
  const server = await startEmbedded({ dataDir: join(cwd, '.btcdb/demo') });
  try {
    const db = await open(server.url, 'embedded');
    const { rows } = await db.query(`
      select
        (select count(*)::int from audit_log) as audit,
        (select count(*)::int from timeseries_data) as rows,
        (select md5(string_agg(d::text, '|' order by d.source_id, d.timestamp)) from timeseries_data as d) as data,
        (select md5(string_agg(a::text, '|' order by a.anomaly_id)) from anomalies as a) as anomalies,
        (select md5(string_agg(s::text, '|' order by s.source_id)) from sources as s) as sources`);
    await db.close();
    return rows[0] ?? {};
  } finally {
    await server.stop();
  }
}

test('the first run shows everything, the second changes nothing', async () => {
  const cwd = await folderWithBlank('.btcdb/demo');
  // A database of a running system, which the demo must leave alone.
  const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/production' };
  let started = performance.now();
  const first = await btcdb(['demo'], { cwd, env });
  const firstMs = performance.now() - started;
  assert.is(first.code, 0, first.stdout + first.stderr);
  assert.match(first.stdout, /In a browser: npx btcdb serve --open --data-dir \.btcdb\/demo\n$/);
  assert.match(first.stdout, /✓ Database connected: PostgreSQL 17\.\d+\n✓ TimescaleDB available: 2\.\d+/);
  for (const title of [
    'Sample', 'Import', 'A live feed', 'Sources (6)', 'Bitcoin in Tether, daily candles', 'Worst anomalies', 'Rejected rows', 'Compression and speed',
  ]) assert.match(first.stdout, `\n${title}\n`);
  assert.match(first.stdout, /\nGaps \(\d+, the longest\)\n/);
  // Sources of every freshness, with rows.
  assert.match(first.stdout, /\nfear_greed +CRITICAL +(9|10) d +730 /);
  assert.match(first.stdout, /\nbtc_funding_8h +(STALE|CRITICAL) +\d+ h +2,190 /);
  assert.match(first.stdout, /\nbtc_usdt_1h +FRESH +\d+ (s|min) +17,493 /);
  assert.match(first.stdout, /\neth_usdt_5m +FRESH /);
  // Faults that it was made with: the crash, the slipped point, the gaps, the malformed and the late rows.
  assert.match(first.stdout, /\nbtc_usdt_1h +\d{4}-\d\d-\d\d 14:00 +CRITICAL /);
  assert.match(first.stdout, /\neth_usdt_5m +\S+ \S+ +CRITICAL +[\d,.]+ +\d+\.\d +900 %\n/);
  assert.match(first.stdout, /\nbtc_usdt_1h +\S+ 22:00 +\S+ 13:00 +16\n/);
  assert.match(first.stdout, /\nbtc_usdt_1h\.json +11,\d{3} +close: "oops" is not a number\n/);
  assert.match(first.stdout, /\n {2}\d\d:00 80 .* \d\d:00 100\n/);
  assert.match(first.stdout, /chunks compressed: .* became .*, [\d.]+ times smaller\n/);
  assert.match(first.stdout, /✓ 57,668 rows imported\. Run it again: nothing will change\.\n/);
  assert.not.match(first.stdout, '\u001b', 'no colours in a pipe');
  for (const line of (first.stdout + first.stderr).split('\n')) assert.ok([...line].length <= 80, `wider than 80 columns: ${line}`);
  assert.equal(readdirSync(join(cwd, '.btcdb')), ['demo'], 'a database of its own');
  const before = await fingerprint(cwd);
  assert.is(before['rows'], 57_674);

  started = performance.now();
  const second = await btcdbProcess(['demo'], { cwd, env });
  const secondMs = performance.now() - started;
  assert.is(second.code, 0, second.stdout + second.stderr);
  assert.match(second.stdout, /kept in \.btcdb\/demo\/sample/);
  assert.match(second.stdout, /\nbtc_usdt_1h\.json +0 +0 +17,487 +4 /);
  assert.match(second.stdout, '✓ Nothing changed: every row was there already, and the audit log has no new entry.\n');
  assert.ok(secondMs < firstMs, `${secondMs} ms after ${firstMs} ms`);
  // What it says is true.
  assert.equal(await fingerprint(cwd), before);
});

test.run();
