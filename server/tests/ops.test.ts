/** The alerts and the dashboard of ops/ speak of what the server measures, and the alerts fire when they should. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { open } from 'btc-dashboard-db';
import { assert, ask, proxyTo, serverSuite, startServer } from './support.js';

const test = serverSuite('ops', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency) values ('btc', 'Bitcoin', 'simple', '1 hour')`);
  await db.query(`insert into timeseries_data (source_id, timestamp, value) values (1, now(), 1)`);
  // No job has run here, or not yet.
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
    select job_id, now(), now(), now() + interval '1 hour', now(), true, 1, '1 s', '1 s', 1, 0, 0, 0, 0, 0
    from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'
    on conflict (job_id) do update set last_run_success = true, last_successful_finish = now()`);
  await db.query(`
    insert into backups (name, location, form, is_encrypted, taken_at, row_count, size_bytes, sha256, verified_at, verified_on)
    values ('a.dump', 'here:/backups', 'pg_dump', false, now(), 1, 1, sha256(''), now(), 'here')`);
});

interface Expression {
  readonly where: string;
  readonly text: string;
  /** Labels that its sentence names. */
  readonly named: readonly string[];
}

const rules = readFileSync('ops/alerts.yml', 'utf8');

function expressions(): Expression[] {
  const ofRules = rules.split(/^ {6}- (?=alert:|record:)/m).slice(1).map((rule) => ({
    where: /^\w+: (\S+)/.exec(rule)![1]!,
    text: /^ {8}expr: (.*(?:\n {10}.*)*)/m.exec(rule)![1]!,
    named: [...rule.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!),
  }));
  const { panels } = JSON.parse(readFileSync('ops/grafana.json', 'utf8')) as { panels: { title: string; targets: { expr: string; legendFormat: string }[] }[] };
  const ofPanels = panels.flatMap(({ title, targets }) => targets.map(({ expr, legendFormat }) => ({
    where: title, text: expr, named: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!),
  })));
  return [...ofRules, ...ofPanels];
}

/** The series that a text of Prometheus has, each with its labels. */
function measured(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name, labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name!) ?? new Set();
    for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label!);
    found.set(name!, known);
  }
  return found;
}

test('what rules and dashboard name is measured, with these labels', async ({ url }) => {
  await ask(`${url}/api/latest`);
  const series = measured((await ask(`${url}/metrics`)).text);
  const all = expressions();
  assert.ok(all.length > 35);
  for (const { where, text, named } of all) {
    // Prometheus gives it to whatever it scrapes.
    const labels = new Set(['instance']);
    for (const [, name, matchers = ''] of text.matchAll(/\b(btcdb_\w+)(?:\{([^}]*)\})?/g)) {
      assert.ok(series.has(name!), `${where}: ${name} is not measured`);
      for (const label of series.get(name!)!) labels.add(label);
      for (const [, label] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)) assert.ok(series.get(name!)!.has(label!), `${where}: ${name} has no label ${label}`);
    }
    const grouped = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(', '));
    for (const label of [...named, ...grouped]) assert.ok(labels.has(label), `${where}: nothing has a label ${label}`);
  }
});

test('there is an alert for what matters, and each was seen to fire and to be silent', () => {
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
  for (const name of [
    'SourceStale', 'JobFailed', 'AggregatesBehind', 'AuditUnsealed', 'BackupOld', 'BackupUnverified', 'QualityLow', 'BlackSwan',
    'ErrorRateHigh', 'LatencyHigh', 'PoolExhausted', 'ConnectionsExhausted', 'DiskFilling', 'ServerDown', 'DatabaseAway',
  ]) assert.ok(alerts.includes(name), name);
  const cases = readFileSync('ops/alerts.test.yml', 'utf8').split('alertname: ').slice(1);
  for (const name of alerts) {
    const own = cases.filter((text) => text.startsWith(`${name}\n`)).map((text) => text.includes('exp_labels'));
    assert.ok(own.includes(true) && own.includes(false), `${name} has no case in which it fires, or none in which it does not`);
  }
  for (const rule of rules.split(/- alert: /).slice(1)) assert.match(rule, /^\w+\n[^]*severity: (?:warning|critical)[^]*summary: [^]*remedy: /);
  return Promise.resolve();
});

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;
if (!hasPromtool) process.stdout.write('skipped: promtool is not installed (Debian: prometheus)\n');

(hasPromtool ? test : test.skip)('promtool takes the rules, and their tests pass', async () => {
  for (const args of [['check', 'rules', 'alerts.yml'], ['test', 'rules', 'alerts.test.yml']]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: 'ops', encoding: 'utf8' });
    assert.is(status, 0, `${stdout}${stderr}`);
  }
});

test('of a database that is away the server still tells what it knows itself', async ({ db }) => {
  const proxy = await proxyTo(db.url);
  const far = await open(proxy.url, db.engine);
  const server = await startServer(far);
  try {
    const scraped = async (): Promise<string> => {
      const { status, text } = await ask(`${server.url}/metrics`);
      assert.is(status, 200);
      return text;
    };
    assert.match(await scraped(), /^btcdb_server_database_up 1$/m);
    await proxy.stop();
    const text = await scraped();
    assert.match(text, /^btcdb_server_database_up 0$/m);
    assert.match(text, /^btcdb_server_pool_max_connections 10$/m);
    assert.not.match(text, /^btcdb_source_/m);
    await proxy.restart();
    assert.match(await scraped(), /^btcdb_server_database_up 1$/m);
  } finally {
    await server.stop();
    await far.close();
    await proxy.stop();
  }
});

(hasPromtool ? test : test.skip)('promtool takes the expressions of the dashboard', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'btcdb-')), 'panels.yml');
  const panels = expressions().map(({ text }, i) => ({ record: `panel:${i}`, expr: text.replace(/^>-/, '') }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: panels }] }));
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
  rmSync(dirname(file), { recursive: true });
  assert.is(status, 0, `${stdout}${stderr}`);
  return Promise.resolve();
});

(hasPromtool ? test : test.skip)('promtool takes what the server measures', async ({ url }) => {
  const { text } = await ask(`${url}/metrics`);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.is(status === 1, false, `${stdout}${stderr}`);
});

test.run();
