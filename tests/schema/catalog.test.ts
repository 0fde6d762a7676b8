/** What people forget, looked up in the catalogue: comments, indexes, search paths, triggers, rights, error codes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { sqlState } from '../../src/errors/catalogue.js';
import { migrate } from '../../src/schema/migrate.js';
import { migrationsFolder, pendingMigrations } from '../../src/schema/migration-state.js';
import { all, as, column, compressAll, day, one, only, source, scoreOf, write } from './support.js';

const test = databaseSuite('catalog');

/** Not what an extension brought along. */
const own = (catalogue: string, oid: string): string =>
  `not exists (select from pg_depend as e where e.classid = '${catalogue}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

// Names of the contract ------------------------------------------------------------------------------------------------

for (const [kind, relkind, names] of [
  ['table', 'r', ['anomalies', 'audit_log', 'audit_seals', 'backtest_results', 'backtest_trades', 'backups', 'features', 'forecasts', 'lineage', 'market_calendar', 'ml_models', 'sources', 'time_index', 'timeseries_archive', 'timeseries_data', 'validation_rules']],
  ['view', 'v', ['aggregate_refresh_status', 'backtest_leaderboard', 'chunk_stats', 'daily_ohlcv', 'data_freshness', 'forecast_accuracy', 'hourly_ohlcv', 'hourly_values', 'job_status', 'latest_values', 'quality_overview', 'slow_queries', 'weekly_stats']],
] as const) {
  test(`the ${kind}s of public are those of the API`, async (db) => {
    assert.equal(
      await column(db, `select relname from pg_class as c where relnamespace = 'public'::regnamespace and relkind = $1 and ${own('pg_class', 'c.oid')} order by 1`, [relkind]),
      [...names],
    );
  });
}

test('the functions and procedures of public are those of the API', async (db) => {
  assert.equal(
    await column(
      db,
      `select case prokind when 'p' then 'call ' else '' end || proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
       from pg_proc as p where pronamespace = 'public'::regnamespace and ${own('pg_proc', 'p.oid')} order by proname`,
    ),
    [
      'add_backtest_trades(trades backtest_trades_input[])',
      'chunk_compression_stats()',
      'call compress_old_chunks(IN older_than interval)',
      'database_bytes()',
      'detect_gaps(source_id integer, range_start timestamp with time zone, range_end timestamp with time zone)',
      'differing_rows(lines text, columns text[], first_moment timestamp with time zone, last_moment timestamp with time zone, keep_corrections boolean)',
      'downstream_of(origin_id integer)',
      'explain_score(source_id integer, moment timestamp with time zone)',
      'extend_time_index(until date)',
      'is_trading_day(market market_enum, day date)',
      'normalize_to_daily_utc(moment timestamp with time zone)',
      'preview_retention(keep interval)',
      'call record_gaps(IN source_id integer, IN range_start timestamp with time zone, IN range_end timestamp with time zone)',
      'call refresh_all_aggregates(IN range_start timestamp with time zone, IN range_end timestamp with time zone, IN only_aggregate regclass)',
      'call rescore(IN source_id integer, IN range_start timestamp with time zone, IN range_end timestamp with time zone)',
      'restore_archived(source_id integer, range_start timestamp with time zone, range_end timestamp with time zone)',
      'call score_forecasts()',
      'call seal_audit_log()',
      'set_retention(keep interval)',
      'upsert_features(rows features_input[])',
      'upstream_of(origin_id integer)',
      'verify_audit_log()',
    ],
  );
});

for (const [type, labels] of [
  ['data_type_enum', ['ohlcv', 'simple', 'calculated', 'social', 'onchain', 'macro', 'derivative', 'stablecoin', 'etf', 'defi']],
  ['plugin_status_enum', ['active', 'inactive', 'deprecated', 'testing']],
  ['market_enum', ['US', 'CRYPTO', 'FOREX', 'COMMODITIES']],
  ['anomaly_type_enum', ['outlier_4sigma', 'outlier_6sigma', 'missing_data', 'late_data', 'corrupt_data', 'duplicate']],
  ['audit_action_enum', ['INSERT', 'UPDATE', 'DELETE', 'CORRECTION']],
] as const) {
  test(`${type} has its values in their order`, async (db) => {
    assert.equal(await column(db, `select unnest(enum_range(null::${type}))::text`), [...labels]);
  });
}

// Comments -------------------------------------------------------------------------------------------------------------

const schemas = `('public'::regnamespace, 'app_private'::regnamespace)`;

const uncommented: Record<string, string> = {
  'tables, views and aggregates': `
    select c.oid::regclass::text from pg_class as c
    where c.relnamespace in ${schemas} and c.relkind in ('r', 'v', 'm', 'p') and ${own('pg_class', 'c.oid')}
      and obj_description(c.oid, 'pg_class') is null`,
  'columns of tables, views and aggregates': `
    select c.oid::regclass || '.' || a.attname from pg_class as c join pg_attribute as a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p') and ${own('pg_class', 'c.oid')}
      and a.attnum > 0 and not a.attisdropped and col_description(c.oid, a.attnum) is null`,
  'functions and procedures': `
    select p.oid::regprocedure::text from pg_proc as p
    where p.pronamespace in ${schemas} and ${own('pg_proc', 'p.oid')} and obj_description(p.oid, 'pg_proc') is null`,
  types: `
    select t.oid::regtype::text from pg_type as t
    where t.typnamespace in ${schemas} and t.typtype in ('e', 'd') and ${own('pg_type', 't.oid')} and obj_description(t.oid, 'pg_type') is null`,
  schemas: `select nspname from pg_namespace as n where nspname = 'app_private' and obj_description(n.oid, 'pg_namespace') is null`,
};

for (const [kind, query] of Object.entries(uncommented)) {
  test(`all ${kind} have a comment`, async (db) => {
    assert.equal(await column(db, query), []);
  });
}

test('comments are sentences', async (db) => {
  const comments = await column(
    db,
    `select d.description from pg_description as d join pg_class as c on d.classoid = 'pg_class'::regclass and d.objoid = c.oid
     where c.relnamespace = 'public'::regnamespace and ${own('pg_class', 'c.oid')}`,
  );
  assert.ok(comments.length > 200);
  assert.equal(comments.filter((text: string) => text.length < 5 || !/[.]$/.test(text)), []);
});

// Keys and indexes -----------------------------------------------------------------------------------------------------

const foreignKeys = `
  select c.oid, c.conname, c.conrelid, c.conkey, c.confdeltype
  from pg_constraint as c join pg_class as t on t.oid = c.conrelid
  where c.contype = 'f' and t.relnamespace = 'public'::regnamespace`;

test('every foreign key has an index that starts with its columns', async (db) => {
  assert.equal(
    await column(
      db,
      `select f.conname from (${foreignKeys}) as f
       where not exists (
         select from pg_index as i
         where i.indrelid = f.conrelid and i.indisvalid and i.indpred is null
           and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey)`,
    ),
    [],
  );
});

test('every foreign key says what happens on delete', async (db) => {
  assert.ok((await all(db, foreignKeys)).length >= 10);
  assert.equal(await column(db, `select f.conname from (${foreignKeys}) as f where f.confdeltype = 'a'`), []);
});

test('every table has a primary key', async (db) => {
  assert.equal(
    await column(
      db,
      `select relname from pg_class as c where relnamespace = 'public'::regnamespace and relkind = 'r'
         and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)`,
    ),
    [],
  );
});

test('constraints and indexes are named for their table', async (db) => {
  assert.equal(
    await column(
      db,
      `select conname from pg_constraint as c join pg_class as t on t.oid = c.conrelid
       where t.relnamespace = 'public'::regnamespace and contype in ('p', 'u', 'f', 'c')
         and conname !~ ('^' || t.relname || '_.*(pkey|key|fkey|check)$') and conname <> t.relname || '_pkey'`,
    ),
    [],
  );
});

test('no index repeats the start of another', async (db) => {
  assert.equal(
    await column(
      db,
      `select a.indexrelid::regclass::text from pg_index as a join pg_index as b on a.indrelid = b.indrelid and a.indexrelid <> b.indexrelid
       join pg_class as t on t.oid = a.indrelid join pg_class as x on x.oid = a.indexrelid join pg_class as y on y.oid = b.indexrelid
       where t.relnamespace = 'public'::regnamespace and a.indpred is null and b.indpred is null and x.relam = y.relam
         and not a.indisunique and a.indkey::text || ' ' = left(b.indkey::text || ' ', length(a.indkey::text) + 1)`,
    ),
    [],
  );
});

test('no generated column on the hypertable', async (db) => {
  assert.is(await only(db, `select count(*) from pg_attribute where attrelid = 'timeseries_data'::regclass and attgenerated <> ''`), '0');
});

// Functions and triggers -----------------------------------------------------------------------------------------------

test('every function pins search_path, or was parsed when it was made, or sets it in its body because it commits', async (db) => {
  assert.equal(
    await column(
      db,
      `select p.oid::regprocedure::text from pg_proc as p
       where p.pronamespace in ${schemas} and ${own('pg_proc', 'p.oid')}
         and p.prosqlbody is null
         and not coalesce(p.proconfig::text ~ 'search_path', false)
         and not (p.prokind = 'p' and p.prosrc ~ '\\mcommit\\M' and p.prosrc ~ 'set local search_path')`,
    ),
    [],
  );
});

test('pg_temp comes last in every search_path', async (db) => {
  assert.equal(
    await column(
      db,
      `select p.oid::regprocedure::text from pg_proc as p, unnest(p.proconfig) as setting
       where p.pronamespace in ${schemas} and setting ~ '^search_path=' and setting !~ 'pg_temp"?$'`,
    ),
    [],
  );
});

test('a function that lends rights is a trigger function or not for everybody', async (db) => {
  assert.equal(
    await column(
      db,
      `select p.oid::regprocedure::text from pg_proc as p
       where p.pronamespace in ${schemas} and ${own('pg_proc', 'p.oid')} and p.prosecdef
         and p.prorettype <> 'trigger'::regtype
         and has_function_privilege('public', p.oid, 'execute') and has_schema_privilege('public', p.pronamespace, 'usage')`,
    ),
    [],
  );
  assert.is(await only(db, `select has_schema_privilege('public', 'app_private', 'usage')`), false);
});

test('no trigger is disabled', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  assert.equal(
    await column(
      db,
      `select t.tgrelid::regclass || ' ' || t.tgname from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
       where t.tgenabled not in ('O', 'A')`, // on chunks, too
    ),
    [],
  );
});

test('every table is audited and cannot be truncated', async (db) => {
  const tables = await column(db, `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`);
  const has = (name: string): Promise<string[]> =>
    column(db, `select c.relname from pg_trigger as t join pg_class as c on c.oid = t.tgrelid where c.relnamespace = 'public'::regnamespace and t.tgname ~ $1 order by 1`, [name]);
  assert.equal(await has('^_500_audit$'), tables.filter((name) => !['audit_log', 'audit_seals', 'timeseries_data'].includes(name)));
  const guarded = new Set([...(await has('^_100_refuse_truncate$')), 'audit_log', 'audit_seals']);
  assert.equal(tables.filter((name) => !guarded.has(name) && !['market_calendar', 'time_index'].includes(name)), []);
});

test("a trigger's number says when it fires", async (db) => {
  const found = await all(
    db,
    `select
       c.relname || ' ' || t.tgname as trigger,
       substring(t.tgname from '^_([0-9]+)_[a-z_]+$') as number,
       case
         when t.tgtype & 2 > 0 then '100'
         when t.tgtype & 1 > 0 then '500'
         when p.proname ~ '__refuse_' then '600'
         else '700'
       end as expected
     from pg_trigger as t join pg_class as c on c.oid = t.tgrelid join pg_proc as p on p.oid = t.tgfoid
     where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and p.pronamespace = 'app_private'::regnamespace`, // 2: before, 1: for each row
  );
  assert.ok(found.length > 40);
  assert.equal(found.filter(({ number, expected }) => number !== expected), []);
});

test('every trigger function is used', async (db) => {
  assert.equal(
    await column(
      db,
      `select p.proname from pg_proc as p where p.pronamespace = 'app_private'::regnamespace and p.prorettype = 'trigger'::regtype
         and not exists (select from pg_trigger as t where t.tgfoid = p.oid)`,
    ),
    [],
  );
});

// Error codes ----------------------------------------------------------------------------------------------------------

test('the codes that the migrations raise are those of the catalogue', () => {
  const folder = join(migrationsFolder, 'committed');
  const raised = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/errcode = '(MD\d{3})'/g)].map(([, code]) => code!));
  // MD000 never leaves the function that raises it.
  assert.equal([...new Set(raised)].filter((code) => code !== 'MD000').sort(), Object.values(sqlState).sort());
  return Promise.resolve();
});

test('every error with a code of the catalogue has a hint', async () => {
  const folder = join(migrationsFolder, 'committed');
  const raises = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/raise exception [^;]*errcode = 'MD[^;]*;/g) ?? []);
  assert.equal(raises.filter((text) => !/MD000/.test(text) && !/hint = /.test(text)), []);
});

// Roles ----------------------------------------------------------------------------------------------------------------

const denied = '42501';

test('a reader reads every table, view and function of the API', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), ...{ close: 1 } }, { source_id: id, timestamp: day(60), close: 1 }]);
  const relations = await column(db, `select relname from pg_class as c where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') and ${own('pg_class', 'c.oid')}`);
  assert.ok(relations.length > 20);
  for (const relation of relations) {
    await as(db, 'btcdb_reader', (tx) => tx.query(`select * from public.${relation} limit 1`));
  }
  for (const call of ['detect_gaps($1)', `explain_score($1, '${day(0)}')`, 'upstream_of($1)', 'downstream_of($1)']) {
    await as(db, 'btcdb_reader', (tx) => tx.query(`select * from ${call}`, [id]));
  }
  for (const call of [`is_trading_day('US', '2024-01-01')`, 'normalize_to_daily_utc(now())']) {
    await as(db, 'btcdb_reader', (tx) => tx.query(`select ${call}`));
  }
  await as(db, 'btcdb_reader', (tx) => tx.query('select * from chunk_compression_stats()'));
});

for (const statement of [
  `insert into sources (name, display_name, data_type) values ('by_reader', 'x', 'simple')`,
  'insert into timeseries_data (source_id, timestamp, value) values (1, now(), 1)',
  'update timeseries_data set value = 1',
  'delete from timeseries_data',
  'truncate timeseries_data',
  `insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'r', 'true', 'e')`,
  `insert into audit_log (action, table_name) values ('INSERT', 'x')`,
  'select restore_archived(1)',
  'call rescore(1)',
  'call record_gaps(1)',
  'call score_forecasts()',
  `select set_retention('1 year')`,
  `select extend_time_index('2036-01-01')`,
  `select app_private.compile_rules()`,
  `select app_private.score_rows('{1}', '{now}')`,
]) {
  test(`a reader may not: ${statement}`, async (db) => {
    await fails(denied, () => as(db, 'btcdb_reader', (tx) => tx.query(statement)));
  });
}

for (const state of ['plain', 'compressed'] as const) {
  test(`a writer writes rows, and the whole pipeline works for it, in a ${state} chunk`, async (db) => {
    const since = state === 'plain' ? '2020-01-01' : '2011-01-01';
    const [id, child] = [await source(db), await source(db)];
    await db.query(`insert into lineage (derived_source_id, parent_source_id, calculation_type) values ($1, $2, 'sql')`, [child, id]);
    await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'small', '1000 / (value - 12) < 999', 'e')`, [id]);
    await write(db, Array.from({ length: 40 }, (_, n) => ({ source_id: id, timestamp: day(n / 2, since), value: 10 + (n % 2) })));
    await db.query('update lineage set refresh_required = false');
    if (state === 'compressed') await compressAll(db);
    await as(db, 'btcdb_writer', async (tx) => {
      await tx.query(`select set_config('app.user', 'importer', true)`);
      await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 500), ($1, $3, 12)', [id, day(20, since), day(21, since)]);
      await tx.query('update timeseries_data set value = 400 where source_id = $1 and timestamp = $2', [id, day(3, since)]);
      await tx.query(`insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 11) on conflict (source_id, timestamp) do update set value = excluded.value`, [id, day(4, since)]);
      await tx.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [id, day(5, since)]);
      await tx.query('select restore_archived($1)', [id]);
      await tx.query('call rescore($1)', [id]);
      await tx.query('call record_gaps($1)', [id]);
      await tx.query('call score_forecasts()');

      assert.equal(await scoreOf(tx, id, day(20, since)), { quality_score: 75, is_anomaly: true, is_validated: true });
      assert.equal(await scoreOf(tx, id, day(21, since)), { quality_score: 65, is_anomaly: false, is_validated: false });
      assert.is(await only(tx, 'select count(*) from timeseries_archive where source_id = $1 and restored_at is not null', [id]), '1');
      assert.is(await only(tx, 'select count(*) from anomalies where source_id = $1 and timestamp = $2', [id, day(20, since)]), '1');
      assert.is(await only(tx, 'select refresh_required from lineage where derived_source_id = $1', [child]), true);
      assert.equal(
        await column(tx, `select action from audit_log where source_id = $1 and changed_by = 'importer' and table_name = 'timeseries_data' order by audit_id`, [id]),
        ['INSERT', 'UPDATE', 'UPDATE', 'DELETE', 'INSERT'],
      );
    });
  });
}

test('a writer registers sources and writes what is computed', async (db) => {
  await as(db, 'btcdb_writer', async (tx) => {
    const id = await source(tx);
    const row = await one(tx, 'select created_by from sources where source_id = $1', [id]);
    assert.is(row.created_by, await only(tx, 'select session_user::text'));
    await tx.query('select upsert_features($1)', [[{ source_id: id, timestamp: day(0), rsi_value: 1 }]]);
    await tx.query(`insert into ml_models (name, version, model_type, status) values ('w', '1', 'gbm', 'deployed')`);
    await tx.query(`insert into forecasts (source_id, target_timestamp, predicted_value, model_name) values ($1, now() + interval '1 day', 1, 'w')`, [id]);
    await tx.query(`with run as (insert into backtest_results (strategy_name, source_id, start_date, end_date, initial_capital, final_capital)
      values ('s', $1, '2020-01-01', '2020-01-02', 1, 1) returning backtest_id)
      select backtest_id from run`, [id]);
    await tx.query('select add_backtest_trades($1)', [[{ backtest_id: await only(tx, 'select max(backtest_id) from backtest_results'), side: 'LONG', entry_time: day(0), entry_price: 1, quantity: 1 }]]);
    await tx.query('update sources set display_name = $2 where source_id = $1', [id, 'Renamed']);
    await tx.query('delete from sources where source_id = $1', [id]);
  });
});

for (const statement of [
  `insert into audit_log (action, table_name) values ('INSERT', 'forged')`,
  'update audit_log set reason = null',
  'delete from audit_log',
  'truncate audit_log',
  'truncate timeseries_data',
  'delete from timeseries_archive',
  'insert into timeseries_archive overriding system value select * from timeseries_archive',
  `insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'r', 'true', 'e')`,
  'update validation_rules set enabled = false',
  `select set_retention('1 year')`,
  'alter table timeseries_data disable trigger all',
  'select app_private.current_actor()',
]) {
  test(`a writer may not: ${statement}`, async (db) => {
    await fails(denied, () => as(db, 'btcdb_writer', (tx) => tx.query(statement)));
  });
}

// TimescaleDB's internal tables differ from version to version. Elsewhere its views and functions are asked.
test('the internal catalog of TimescaleDB is read in a few functions only, and by no view', async (db) => {
  assert.equal(
    await column(db, `select proname from pg_proc where pronamespace in ${schemas} and ${own('pg_proc', 'oid')} and pg_get_functiondef(oid) ~ '_timescaledb_(catalog|internal|config)' and prokind <> 'a' order by 1`),
    ['chunks_between', 'close_chunks', 'describe_aggregates', 'is_refreshing', 'lock_rows', 'materialized_until', 'open_chunks'],
  );
  assert.equal(
    await column(db, `select viewname from pg_views where schemaname in ('public', 'app_private') and definition ~ '_timescaledb|timescaledb_information' and viewname not in
      (select view_name from timescaledb_information.continuous_aggregates)`),
    [],
  );
});

// Migrations -----------------------------------------------------------------------------------------------------------

test('applying the migrations twice changes nothing', async (db) => {
  const state = `
    select md5(string_agg(line, E'\\n' order by line)) as digest, count(*)::int as lines from (
      select format('f %s %s', pg_get_functiondef(p.oid), p.xmin) as line from pg_proc as p where p.pronamespace in ${schemas} and p.prokind in ('f', 'p') and ${own('pg_proc', 'p.oid')}
      union all select format('c %s %s %s', c.relname, c.relkind, c.oid) from pg_class as c where c.relnamespace in ${schemas}
      union all select format('a %s %s %s', a.attrelid, a.attname, a.atttypid) from pg_attribute as a join pg_class as c on c.oid = a.attrelid where c.relnamespace in ${schemas}
      union all select format('t %s %s', t.tgname, t.oid) from pg_trigger as t join pg_class as c on c.oid = t.tgrelid where c.relnamespace in ${schemas}
      union all select format('j %s %s', j.job_id, j.proc_name) from timescaledb_information.jobs as j
      union all select format('r %s %s', rule_id, rule_sql) from validation_rules
      union all select format('m %s %s', hash, date) from graphile_migrate.migrations
    ) as s`;
  const before = await one(db, state);
  assert.ok(before.lines > 300);
  const said: string[] = [];
  await migrate(db.url, (message) => said.push(message));
  assert.equal(await one(db, state), before);
  assert.equal(said.filter((message) => /running migration/i.test(message)), []);
});

test('no migration is pending after migrate, all are before', async (db) => {
  assert.equal(await pendingMigrations(db), []);
  const files = readdirSync(join(migrationsFolder, 'committed')).sort();
  const empty = { query: () => Promise.resolve({ rows: [{ applied: false }] }) } as unknown as Parameters<typeof pendingMigrations>[0];
  assert.equal(await pendingMigrations(empty), files);
});

test.run();
