/** README's way from a database of an older set of migrations into a new one, with psql, on either engine. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import { workFolder } from '../cli/run.js';
import { fill } from '../support/contents.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const script = (name: string): string => readFileSync(join(root, 'carry-over', name), 'utf8');

/** What each \copy of a script moves, by its file. */
function columnsOf(name: string): Record<string, string[]> {
  const copies = script(name).matchAll(/^\\copy (?:\(select (.*?) from|\S+ \((.*?)\) from) .*?'?(\w+)\.csv'/gm);
  return Object.fromEntries([...copies].map(([, selected, listed, file]) => [file!, (selected ?? listed)!.split(', ')]));
}

/** What is not carried over, and why. */
const left: Record<string, readonly string[]> = {
  market_calendar: ['*'], time_index: ['*'], // the migrations fill them
  audit_seals: ['*'], // the new database seals its entries anew
  backups: ['*'], // of another database
  audit_log: ['audit_id'], anomalies: ['anomaly_id'], validation_rules: ['rule_id'], // numbered anew
  timeseries_data: ['quality_score', 'is_anomaly', 'is_validated', 'updated_at'], // scored anew
};

const test = databaseSuite('carry-over');

test('every column of every table is carried over, or left for a reason', async (db) => {
  const exported = columnsOf('export.sql');
  assert.equal(columnsOf('import.sql'), exported);
  const { rows } = await db.query<{ table: string; columns: string[] }>(`
    select c.relname as "table", array_agg(a.attname::text order by a.attnum) as columns
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    group by 1`);
  for (const { table, columns } of rows) {
    if (left[table]?.[0] === '*') continue;
    assert.equal([...(exported[table] ?? []), ...(left[table] ?? [])].sort(), columns.sort(), table);
  }
});

/** Everything that both databases must have, as text. */
async function contents(db: TestDatabase): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const [table, without] of Object.entries({
    sources: '{updated_at,last_successful_update,next_scheduled_update}', validation_rules: '{rule_id,created_at}', timeseries_data: '{updated_at}',
    anomalies: '{anomaly_id}', timeseries_archive: '{}', lineage: '{}', features: '{}', ml_models: '{updated_at}', forecasts: '{}',
    backtest_results: '{}', backtest_trades: '{}',
  })) {
    const { rows } = await db.query<{ line: string }>(
      `select (to_jsonb(t) - $1::text[])::text as line from public.${table} as t order by 1`, [without]);
    assert.ok(rows.length > 0, table);
    all[table] = rows.map(({ line }) => line);
  }
  return all;
}

test('what a database holds is carried over, with its scores and its history', async (old) => {
  await run('psql', ['--version']);
  await fill(old);
  const folder = workFolder();
  const next = await testDatabase();
  try {
    const section = /^## Upgrading\n([^]*?)^## /m.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
    const block = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text]) => text!).find((text) => text.includes('carry-over')) ?? '';
    const [before, after] = [await contents(old), (await old.query('select * from audit_log order by audit_id')).rows];
    const commands = block.replaceAll('../node_modules/btc-dashboard-db/', root).replaceAll('npx btcdb', `node ${join(root, 'dist/src/cli/main.js')}`);
    assert.match(commands, /export\.sql[^]* up [^]*import\.sql/);
    const env = { ...process.env, OLD: old.url, NEW: next.url, DATABASE_URL: '' };
    const { stderr } = await run('bash', ['-euc', commands], { cwd: folder, env });
    assert.not.match(stderr, /error/i);

    const carried = await contents(next);
    for (const [table, lines] of Object.entries(before)) assert.equal(carried[table], lines, table);
    const { rows: audit } = await next.query(`
      select * from audit_log where changed_by <> 'carry-over' and table_name <> 'validation_rules' or changed_by = 'ann' order by audit_id`);
    const entries = (rows: Record<string, unknown>[]): unknown[] => rows.map(({ audit_id, ...entry }) => [void audit_id, entry]);
    const own = after.filter((row) => row['table_name'] !== 'validation_rules');
    assert.equal(entries(audit).slice(-own.length), entries(own));
    assert.ok((await next.query(`select from audit_log where changed_by = 'carry-over' and table_name = 'timeseries_data'`)).rowCount > 0);

    // New rows get new numbers, and a second time is refused.
    await next.query(`insert into sources (name, display_name, data_type) values ('new', 'New', 'simple')`);
    assert.equal((await next.query(`select source_id from sources where name = 'new'`)).rows, [{ source_id: 4 }]);
    const again = await run('psql', [next.url, '-X', '-f', join(root, 'carry-over/import.sql')], { cwd: folder }).then(
      () => '', (error: { stderr: string }) => error.stderr);
    assert.match(again, 'data is carried over into a new one only');
  } finally {
    await next.drop();
  }
});

const installed = await run('psql', ['--version']).then(() => true, () => false);
if (installed) test.run();
else {
  const skipped = suite('carry-over');
  skipped('needs psql', () => undefined);
  skipped.run();
}
