/** schema.sql: the same from every server, and nothing that matters is left out. */
import { existsSync, readFileSync } from 'node:fs';
import { assert, databaseSuite } from '../support/suite.js';
import { withClient } from '../../tools/databases.js';
import { compareTexts } from '../../tools/difference.js';
import { runCurrent } from '../../tools/migrations/apply.js';
import { readFolder } from '../../tools/migrations/folder.js';
import { formatProblem } from '../../tools/problem.js';
import { describeSchema } from '../../tools/schema/describe.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';

// What is kept describes the current migration, too.
const test = databaseSuite('tools: schema', async (db) => {
  await withClient(db.url, (client) => runCurrent(client, db.url, readFolder(migrationsFolder)));
});
const kept = readFileSync('schema.sql', 'utf8');
const finding = { message: 'it is not what the migrations make' };

test('schema.sql is what this server gives', async (db) => {
  const made = await withClient(db.url, describeSchema);
  assert.is(compareTexts('schema.sql', kept, made, finding).map(formatProblem).join('\n'), '');
});

test('the session makes no difference', async (db) => {
  await withClient(db.url, async (client) => {
    await client.query(`set intervalstyle = 'iso_8601'; set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set quote_all_identifiers = on`);
    const made = await describeSchema(client);
    // The clients of the embedded engine share their settings.
    await client.query('reset all');
    assert.is(made, kept);
  });
});

test('it names nothing that differs from database to database', async () => {
  assert.not.match(kept, /_hyper_\d|_materialized_hypertable_\d|_dist_hyper|_partial_view_|_direct_view_|job \d{4}|\boid\b \d/);
  assert.not.match(kept, / $/m);
  assert.not.match(kept, /\n\n\n/);
});

test('tables, types, views and functions are there, each once', async () => {
  for (const name of ['table public.sources', 'table public.timeseries_data', 'type public.market_enum', 'view public.daily_ohlcv',
    'view public.data_freshness', 'function app_private.compute_scores', 'function app_private.violated_rules', 'procedure public.rescore']) {
    assert.is(kept.split(new RegExp(`^create (?:or replace |materialized )*${name.replace('.', '\\.')}(?=[ (\\n])`, 'm')).length, 2, name);
  }
});

/** Each changes the schema, and one line of the description says so. */
const changes: readonly (readonly [string, RegExp])[] = [
  ['alter table public.sources alter column category set default $$none$$', /category text default 'none'::text not null/],
  ['alter table public.sources alter column category drop not null', /category text default 'none'::text,$/],
  ['alter table public.sources add column weight numeric(10, 2) generated always as (source_id * 2) stored', /weight numeric\(10,2\) generated always as \(.*source_id.*\) stored/],
  ['alter table public.sources add constraint sources_weight_check check (weight > 0) not valid', /constraint sources_weight_check check \(weight > 0.*\) not valid/],
  ['create unique index sources_weight_idx on public.sources (weight desc) where status = $$active$$', /create unique index sources_weight_idx on public\.sources using btree \(weight desc\) where .*'active'/],
  [`comment on constraint sources_weight_check on public.sources is 'It''s heavy.'`, /comment on constraint sources_weight_check on public\.sources is 'It''s heavy\.'/],
  ['alter table public.sources set (fillfactor = 70)', /^\) with \(fillfactor=70\);/],
  ['alter table public.sources disable trigger _500_audit', /alter table public\.sources disable trigger _500_audit/],
  [`alter type public.market_enum add value 'MOON' before 'CRYPTO'`, /^ {2}'MOON',/],
  [`alter table public.timeseries_data set (timescaledb.compress_chunk_time_interval = '720 days')`, /compress_chunk_time_interval = '720 days'/],
  [`select set_chunk_time_interval('public.timeseries_data', interval '7 days')`, /by_range\('timestamp', interval '7 days'\)/],
  [`alter materialized view public.daily_ohlcv set (timescaledb.materialized_only = true)`, /materialized_only = true/],
  [`select set_retention('5 years')`, /-- database: app_private\.drop_old_chunks every 1 day, \{"drop_after": "5 years"\}/],
  [`select alter_job(job_id, scheduled => false) from timescaledb_information.jobs where proc_name = 'compress_due_chunks'`,
    /-- database: app_private\.compress_due_chunks every 12:00:00, .*, turned off$/],
  ['grant insert (notes) on public.time_index to btcdb_writer', /grant insert on column public\.time_index\.notes to btcdb_writer/],
  ['revoke usage on type public.market_enum from btcdb_reader', /grant usage on type public\.market_enum to btcdb_curator, btcdb_writer/],
  ['create domain public.percent as numeric default 0 not null constraint percent_check check (value between 0 and 100)', /create domain public\.percent as numeric default 0 not null constraint percent_check check/],
  [`create event trigger watch on sql_drop when tag in ('DROP TABLE') execute function app_private.tg__close_chunks()`, /^create event trigger watch on sql_drop$/],
  ['create sequence public.numbers', /^-- sequence public\.numbers$/],
  ['alter table public.features enable row level security', /^-- table public\.features$/],
];

let before = kept;
for (const [change, line] of changes) {
  test(`it shows: ${change.slice(0, 70)}`, async (db) => {
    await db.query(change);
    const after = await withClient(db.url, describeSchema);
    const lines = new Set(before.split('\n'));
    const added = after.split('\n').filter((text) => !lines.has(text));
    assert.ok(added.some((text) => line.test(text)), `not in the lines added:\n${added.join('\n')}`);
    before = after;
  });
}

test('of functions and views it has what a caller sees, and where their bodies are', async () => {
  assert.match(kept, /^create or replace function public\.is_trading_day\(market .*\n returns boolean\n language sql\n[^;]*;\n-- body: migrations\/functions\/is_trading_day\.sql\ncomment on function/m);
  assert.match(kept, /^create view public\.latest_values \(\n {2}source_id integer,[^;]*;\n-- body: migrations\/views\/latest_values\.sql\ncomment on view/m);
  assert.match(kept, /^-- body: generated by compile_rules\(\)$/m);
  for (const [, home] of kept.matchAll(/^-- body: (migrations\/.*)$/gm)) assert.ok(existsSync(home!), home);
  assert.not.match(kept, /\$\$|^ *(begin|return|declare)\b/m);
});

test('a difference is shown where it begins, and not at length', async () => {
  const made = 'a\nb\nc\nd\n';
  assert.equal(compareTexts('schema.sql', made, made, finding), []);
  const [problem] = compareTexts('schema.sql', 'a\nx\nc\nd\n', made, finding);
  assert.equal([problem?.line, problem?.source], [2, '- x\n+ b']);
  const [longer] = compareTexts('schema.sql', 'a\nd\n', `a\n${'b\n'.repeat(9)}d\n`, finding);
  assert.match(longer!.source!, /^(\+ b\n){5}\+ … 4 more lines$/);
});

test.run();
