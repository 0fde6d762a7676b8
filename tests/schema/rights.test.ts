/** What a role cannot do although it may write: reach the chunks past the triggers, forge what the pipeline says. */
import type { ClientBase } from 'pg';
import type { TestDatabase } from '../support/database.js';
import { copyLines } from '../../src/write/copy-lines.js';
import { all, as, auditMark, column, compressAll, day, one, only, type Runner, source, scoreOf, write } from './support.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const test = databaseSuite('rights');

const denied = '42501';

/** The chunk of a moment, and where its rows are once it is compressed. */
async function storage(db: Runner, timestamp: string): Promise<{ chunk: string; compressed: string | null }> {
  const row = await one(db,
    `select d.tableoid::regclass::text as chunk, s.compress_relid::text as compressed
     from (select tableoid from timeseries_data where timestamp = $1 limit 1) as d
     left join _timescaledb_catalog.compression_settings as s on s.relid = d.tableoid::regclass`, [timestamp]);
  return { chunk: String(row['chunk']), compressed: row['compressed'] };
}

/** Runs what must be denied, and goes on with the transaction. */
async function isDenied(tx: ClientBase, work: () => Promise<unknown>): Promise<void> {
  await tx.query('savepoint attempt');
  await fails(denied, work);
  await tx.query('rollback to savepoint attempt');
}

/** COPY as PostgreSQL does it. The embedded engine stands in for it by a file, which only superusers may read. */
async function copy(tx: ClientBase, table: string, cells: readonly [number, string, number]): Promise<void> {
  if (process.env['TEST_DATABASE_URL']) await copyLines(tx, table, ['source_id', 'timestamp', 'value'], [Buffer.from(`${cells.join('\t')}\n`)]);
  else await tx.query(`insert into ${table} (source_id, timestamp, value) values ($1, $2, $3)`, [...cells]);
}

/** Every way to write a chunk, and what makes new ones. */
async function refusesChunk(tx: ClientBase, chunk: string, id: number, timestamp: string): Promise<void> {
  for (const statement of [
    `insert into ${chunk} (source_id, timestamp, value, quality_score) values (${id}, '${timestamp}'::timestamptz + interval '1 minute', 1, 77)`,
    `update ${chunk} set value = 1, quality_score = 77`,
    `truncate ${chunk}`,
    `create trigger evil after insert on ${chunk} for each row execute function suppress_redundant_updates_trigger()`,
    `select _timescaledb_functions.create_chunk('timeseries_data', '{"timestamp": [1262304000000000, 1264982400000000]}')`,
  ]) {
    await isDenied(tx, () => tx.query(statement));
  }
  await isDenied(tx, () => copy(tx, chunk, [id, timestamp, 1]));
}

/** Everything that a writer needs, through the table. */
async function writes(tx: ClientBase, id: number, since: string): Promise<void> {
  await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 5)', [id, day(0.5, since)]);
  await copy(tx, 'timeseries_data', [id, day(1.5, since), 5]);
  await tx.query(`insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 6) on conflict (source_id, timestamp) do update set value = excluded.value`, [id, day(0, since)]);
  await tx.query('update timeseries_data set value = 7 where source_id = $1 and timestamp = $2', [id, day(1, since)]);
  await tx.query('select from timeseries_data where source_id = $1 and timestamp = $2 for update', [id, day(1, since)]);
  await tx.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [id, day(2, since)]);
  assert.equal(await column(tx, 'select value from timeseries_data where source_id = $1 order by timestamp', [id]), ['6', '5', '7', '5']);
}

const openChunks = 'select relation::text, grantee, privileges from app_private.open_chunks()';

test('a writer cannot write the chunk that its own transaction has made', async (db) => {
  const id = await source(db);
  await as(db, 'btcdb_writer', async (tx) => {
    await tx.query(`insert into timeseries_data (source_id, timestamp, value) values ($1, '2013-03-01', 1)`, [id]);
    await refusesChunk(tx, (await storage(tx, '2013-03-01')).chunk, id, '2013-03-02');
  });
});

test('nor can the statement that makes it', async (db) => {
  const id = await source(db);
  await as(db, 'btcdb_writer', async (tx) => {
    await tx.query(`create function pg_temp.smuggle(chunk regclass) returns void language plpgsql as
      $$ begin execute format('update %s set value = 2, quality_score = 77', chunk); end $$`);
    await fails(denied, () => tx.query(
      `with made as (insert into timeseries_data (source_id, timestamp, value) values ($1, '2013-05-01', 1) returning tableoid)
       select pg_temp.smuggle(tableoid) from made`, [id]));
  });
});

test('nobody but the owner drops or freezes a chunk', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: '2013-07-01', value: 1 }]);
  const { chunk } = await storage(db, '2013-07-01');
  for (const role of ['btcdb_reader', 'btcdb_writer']) {
    await as(db, role, async (tx) => {
      for (const name of ['drop_chunk', 'freeze_chunk', 'unfreeze_chunk']) {
        await isDenied(tx, () => tx.query(`select _timescaledb_functions.${name}('${chunk}')`));
        await isDenied(tx, () => tx.query(`select _timescaledb_internal.${name}('${chunk}')`));
      }
    });
  }
});

test('nobody but the owner makes a job', async (db) => {
  for (const role of ['btcdb_reader', 'btcdb_writer', 'btcdb_curator']) {
    await as(db, role, (tx) => isDenied(tx, () => tx.query(`select add_job('pg_catalog.pg_sleep', '1 day', scheduled => false)`)));
  }
});

test('who deletes from a chunk leaves the same traces as who deletes from the table', async (db) => {
  const id = await source(db);
  const mark = await auditMark(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(1), value: 1 }]);
  const { chunk } = await storage(db, day(0));
  await as(db, 'btcdb_writer', async (tx) => {
    await tx.query(`delete from ${chunk} where source_id = $1 and timestamp = $2`, [id, day(0)]);
    assert.equal(await column(tx, 'select timestamp from timeseries_archive where source_id = $1', [id]), [new Date(day(0))]);
    assert.equal(await column(tx, `select action from audit_log where audit_id > $1 and source_id = $2 and table_name = 'timeseries_data' order by audit_id`, [mark, id]), ['INSERT', 'DELETE']);
  });
});

for (const [how, compress] of [
  ['compress_old_chunks()', (db: TestDatabase) => db.query('call compress_old_chunks()')],
  ['its job', (db: TestDatabase) => db.query(`do $$ declare job int := (select job_id from timescaledb_information.jobs where proc_name = 'compress_due_chunks'); begin call run_job(job); end $$`)],
] as const) {
  test(`a writer cannot reach what ${how} has compressed, only the table`, async (db) => {
    const since = how === 'its job' ? '2012-02-01' : '2014-02-01';
    const id = await source(db);
    await write(db, [0, 1, 2].map((n) => ({ source_id: id, timestamp: day(n, since), value: 1 })));
    await compress(db);
    const { chunk, compressed } = await storage(db, day(0, since));
    assert.ok(compressed);
    assert.equal(await all(db, openChunks), []);
    await as(db, 'btcdb_writer', async (tx) => {
      await refusesChunk(tx, chunk, id, day(0.5, since));
      await isDenied(tx, () => tx.query(`delete from ${compressed}`));
      await isDenied(tx, () => tx.query(`truncate ${compressed}`));
      await isDenied(tx, () => tx.query(`update ${compressed} set source_id = source_id`));
      await isDenied(tx, () => tx.query(`insert into ${compressed} select * from ${compressed}`));
      await writes(tx, id, since);
    });
  });
}

for (const grant of ['grant all on timeseries_data to %', 'grant insert, update, delete, select on all tables in schema public to %']) {
  test(`chunks stay closed after ${grant}`, async (db) => {
    const role = `btcdb_test_${process.pid}`;
    const since = '2015-02-01';
    const id = await source(db);
    await write(db, [0, 1, 2].flatMap((n) => [since, '2016-02-01'].map((start) => ({ source_id: id, timestamp: day(n, start), value: 1 }))));
    await compressAll(db);
    await db.query('select app_private.close_chunks()');
    await write(db, [{ source_id: id, timestamp: '2017-01-01', value: 1 }]);
    await db.query(`create role ${role}`);
    try {
      await db.query(grant.replace('%', role));
      await db.query(`grant usage on schema public to ${role}; grant execute on function app_private.is_backfill() to ${role}`);
      // Only superusers have the event trigger that does this.
      await db.query('select app_private.close_chunks()');
      assert.equal(await all(db, openChunks), []);
      await as(db, role, async (tx) => {
        const { chunk, compressed } = await storage(tx, day(0, since));
        await refusesChunk(tx, chunk, id, day(0.5, since));
        await isDenied(tx, () => tx.query(`delete from ${compressed}`));
        await refusesChunk(tx, (await storage(tx, '2017-01-01')).chunk, id, '2017-01-02');
        await tx.query(`delete from timeseries_data where timestamp >= '2016-01-01'`);
        await writes(tx, id, since);
      });
    } finally {
      await db.query(`drop owned by ${role}`);
      await db.query(`drop role ${role}`);
    }
  });
}

test('a grant closes the chunks at once where its owner is a superuser', async (db) => {
  if (!(await only(db, 'select rolsuper from pg_roles where rolname = current_user'))) return;
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('create role btcdb_test_granted');
    await client.query('grant insert, update on timeseries_data to btcdb_test_granted');
    assert.equal((await client.query(openChunks)).rows, []);
    assert.is(await only(client, `select has_any_column_privilege('btcdb_test_granted', 'timeseries_data', 'insert, update')`), true);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('a writer may be granted a column that was added later', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2018-02-01'), value: 1 }]);
  await compressAll(db);
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('alter table timeseries_data add column weight numeric');
    await client.query('grant insert, update on timeseries_data to btcdb_writer');
    await client.query('select app_private.close_chunks()');
    await client.query('set local role btcdb_writer');
    await client.query('insert into timeseries_data (source_id, timestamp, value, weight) values ($1, $2, 1, 2)', [id, day(1, '2018-02-01')]);
    await client.query('update timeseries_data set weight = 3 where source_id = $1 and timestamp = $2', [id, day(0, '2018-02-01')]);
    assert.equal(await column(client, 'select weight from timeseries_data where source_id = $1 order by timestamp', [id]), ['3', '2']);
    assert.equal(await scoreOf(client, id, day(1, '2018-02-01')), { quality_score: 100, is_anomaly: false, is_validated: true });
  } finally {
    await client.query('rollback');
    client.release();
  }
});

// Scores ---------------------------------------------------------------------------------------------------------------

/** Runs a statement from within the trigger of the writer's own table. */
async function fromWithinTrigger(tx: ClientBase, statement: string): Promise<void> {
  await tx.query('create temporary table bait (x int)');
  await tx.query(`create function pg_temp.spring() returns trigger language plpgsql as $$ begin ${statement}; return null; end $$`);
  await tx.query('create trigger spring after insert on bait for each row execute function pg_temp.spring()');
  await tx.query('insert into bait values (1)');
}

for (const state of ['plain', 'compressed'] as const) {
  for (const role of ['btcdb_writer', 'its owner']) {
    test(`${role} cannot forge scores from within a trigger, in a ${state} chunk`, async (db) => {
      const since = state === 'plain' ? '2019-01-01' : '2009-02-01';
      const id = await source(db);
      await write(db, [{ source_id: id, timestamp: day(0, since), value: 1 }, { source_id: id, timestamp: day(1, since), value: 5 }]);
      if (state === 'compressed') await compressAll(db);
      await as(db, role === 'its owner' ? 'none' : role, async (tx) => {
        await tx.query(`select set_config('app.pipeline_token', 'a guess', true)`);
        await fromWithinTrigger(tx, `update public.timeseries_data set quality_score = 3, is_anomaly = true, is_validated = false where source_id = ${id}`);
        assert.equal(await scoreOf(tx, id, day(0, since)), { quality_score: 100, is_anomaly: false, is_validated: true });
        assert.equal(await scoreOf(tx, id, day(1, since)), { quality_score: 75, is_anomaly: false, is_validated: true });
      });
    });
  }
}

test('the token of the pipeline is readable by nobody else and gone after each statement', async (db) => {
  const id = await source(db);
  await as(db, 'btcdb_writer', async (tx) => {
    await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1), ($1, $3, 9)', [id, day(0), day(1)]);
    await tx.query('call rescore($1)', [id]);
    assert.is(await only(tx, `select current_setting('app.pipeline_token', true)`) || '', '');
    await isDenied(tx, () => tx.query('select * from app_private.pipeline_token'));
  });
});

test('a writer does not say when a row was last changed', async (db) => {
  const id = await source(db);
  await as(db, 'btcdb_writer', async (tx) => {
    await isDenied(tx, () => tx.query(`insert into timeseries_data (source_id, timestamp, value, updated_at) values ($1, $2, 1, '2000-01-01')`, [id, day(0)]));
    await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1)', [id, day(0)]);
    await isDenied(tx, () => tx.query(`update timeseries_data set updated_at = '2000-01-01' where source_id = $1`, [id]));
  });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await db.query(`update timeseries_data set updated_at = '2000-01-01' where source_id = $1`, [id]);
  assert.is(await only(db, `select updated_at > now() - interval '1 hour' from timeseries_data where source_id = $1`, [id]), true);
});

test('a writer cannot hide compressed rows from the pipeline', async (db) => {
  const since = '2010-02-01';
  const id = await source(db);
  await write(db, Array.from({ length: 40 }, (_, n) => ({ source_id: id, timestamp: day(n, since), value: n === 39 ? 900 : 100 + n % 2 })));
  await db.query(`insert into forecasts (source_id, forecast_timestamp, target_timestamp, predicted_value, model_name, model_version) values ($1, $2, $3, 1, 'm', '1')`,
    [id, day(0, since), day(20, since)]);
  await compressAll(db);
  await as(db, 'btcdb_writer', async (tx) => {
    await tx.query('set local timescaledb.enable_columnarscan = off');
    await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 5000)', [id, day(40, since)]);
    await tx.query('update timeseries_data set value = 800 where source_id = $1 and timestamp = $2', [id, day(38, since)]);
    await tx.query('call rescore($1)', [id]);
    await tx.query('call record_gaps($1, $2, $3)', [id, day(0, since), day(40, since)]);
    await tx.query('call score_forecasts()');
    await tx.query('set local timescaledb.enable_columnarscan = on');
    for (const n of [38, 39, 40]) {
      assert.equal(await scoreOf(tx, id, day(n, since)), { quality_score: n === 39 ? 100 : 75, is_anomaly: true, is_validated: true }, `day ${n}`);
    }
    assert.equal(await column(tx, 'select anomaly_type from anomalies where source_id = $1 and resolved_at is null order by timestamp', [id]),
      ['outlier_6sigma', 'outlier_6sigma', 'outlier_6sigma']);
    assert.is(await only(tx, 'select actual_value from forecasts where source_id = $1', [id]), '100');
  });
});

test.onServer('nobody waits with writing for the locks that a reader may take', async (db) => {
  const id = await source(db);
  const reader = await db.pool.connect();
  try {
    await reader.query('begin; set local role btcdb_reader');
    await reader.query('lock table timeseries_data, sources, audit_log in access share mode');
    await isDenied(reader, () => reader.query('lock table timeseries_data in row exclusive mode'));
    await reader.query(`select pg_advisory_xact_lock(oid::bigint) from pg_class where relnamespace = 'public'::regnamespace`);
    await as(db, 'btcdb_writer', async (tx) => {
      await tx.query(`set local lock_timeout = '1s'`);
      await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1), ($1, $3, 2)', [id, day(0), day(1)]);
      await tx.query('update timeseries_data set value = 3 where source_id = $1', [id]);
      await tx.query('delete from timeseries_data where source_id = $1', [id]);
    });
  } finally {
    await reader.query('rollback');
    reader.release();
  }
});

// Curators -------------------------------------------------------------------------------------------------------------

const addRule = `insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'evil', $2, 'e')`;

for (const [title, rule] of [
  ['raises', 'value / 0 > 1'],
  ['raises whatever the row is', '1 / 0 > 1'],
  ['is too large to be computed', 'power(10::numeric, 100000) > value'],
  // A regular expression takes four bytes for each letter.
  ['wants more memory than a value can have', `repeat('x', 270000000) ~ 'y'`],
  ['calls the compiled rules, of which it is one', `cardinality(app_private.violated_rules(source_id, 'simple', timestamp, open, high, low, close, volume, value)) = 0`],
  ['is deep', `${'('.repeat(2000)}value > 0${')'.repeat(2000)}`],
] as const) {
  test(`a curator stops no writing by a rule that ${title}`, async (db) => {
    const id = await source(db);
    const client = await db.pool.connect();
    try {
      await client.query('begin; set local role btcdb_curator; savepoint attempt');
      // Refused, or violated by each row.
      const refused = await client.query(addRule, [id, rule]).then(() => undefined, (error: { code: string }) => error.code);
      if (refused !== undefined) await client.query('rollback to savepoint attempt');
      assert.ok(refused === undefined || ['MD001', '53200', 'XX000'].includes(refused), refused);
      await client.query('set local role btcdb_writer');
      await client.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1), ($1, $3, 2)', [id, day(0), day(1)]);
      await client.query('update timeseries_data set value = 3 where source_id = $1', [id]);
      assert.is(await only(client, 'select count(*)::int from timeseries_data where source_id = $1', [id]), 2);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
}

for (const rule of [
  '(select true from app_private.access_tokens)', `query_to_xml('select 1', true, true, '') is not null`, `set_config('role', 'postgres', false) = ''`,
  `pg_read_file('/etc/passwd') = ''`, `value > 0); alter role btcdb_curator superuser; --`, `current_user = 'postgres'`, `lo_import('/etc/passwd') > 0`,
]) {
  test(`a curator gets nothing by the rule ${rule}`, async (db) => {
    const id = await source(db);
    await fails('MD001', () => as(db, 'btcdb_curator', (tx) => tx.query(addRule, [id, rule])));
  });
}

test('a curator gets nothing by functions of its own, found by search_path or by name', async (db) => {
  const id = await source(db);
  for (const call of ['mine(value)', 'pg_temp.mine(value)', 'abs(value) > 0 and mine(value)']) {
    await fails('MD001', () => as(db, 'btcdb_curator', async (tx) => {
      await tx.query('create function pg_temp.mine(numeric) returns boolean language plpgsql immutable as $$ begin alter role btcdb_curator superuser; return true; end $$');
      await tx.query('set local search_path = pg_temp, public');
      await tx.query(addRule, [id, call]);
    }));
  }
});

test('what a source is called, and what is said about it, is nowhere run', async (db) => {
  const evil = `'); alter role btcdb_writer superuser; --`;
  await as(db, 'btcdb_writer', async (tx) => {
    await fails('23514', async () => {
      await tx.query('savepoint attempt');
      await tx.query(`insert into sources (name, display_name, data_type) values ($1, 'x', 'simple')`, [evil]);
    });
    await tx.query('rollback to savepoint attempt');
    const id = await only(tx, `insert into sources (name, display_name, category, api_endpoint, api_provider, data_type, metadata)
      values ('evil', $1::text, $1::text, $1::text, $1::text, 'simple', jsonb_build_object($1::text, $1::text)) returning source_id`, [evil]);
    await tx.query(`insert into lineage (derived_source_id, parent_source_id, calculation_type, calculation_sql, calculation_function)
      values ($1, (select min(source_id) from sources), 'sql', $2, $2)`, [id, evil]);
    await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1)', [id, day(0)]);
    await tx.query('call rescore($1)', [id]);
    await tx.query('call record_gaps($1)', [id]);
    await tx.query('select * from data_freshness, quality_overview, latest_values');
    assert.is(await only(tx, `select bool_or(rolsuper) from pg_roles where rolname ~ '^btcdb_(reader|writer|curator)$'`), false);
  });
});

// Aggregates -----------------------------------------------------------------------------------------------------------

test('nobody hides rows from the aggregates', async (db) => {
  // TimescaleDB has the setting since 2.28; before, it is refused itself.
  if (!(await only(db, `select exists (select from pg_settings where name = 'timescaledb.skip_cagg_invalidation')`))) return;
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  for (const role of ['btcdb_writer', 'none']) {
    await as(db, role, async (tx) => {
      await tx.query('set local timescaledb.skip_cagg_invalidation = on');
      for (const statement of [
        `insert into timeseries_data (source_id, timestamp, value) values (${id}, '${day(1)}', 1)`,
        `update timeseries_data set value = 2 where source_id = ${id}`,
        `delete from timeseries_data where source_id = ${id}`,
      ]) {
        await tx.query('savepoint attempt');
        await fails('55000', () => tx.query(statement));
        await tx.query('rollback to savepoint attempt');
      }
      await tx.query('set local timescaledb.skip_cagg_invalidation = off');
      await fails('55000', () => tx.query(
        `insert into timeseries_data (source_id, timestamp, value) select ${id}, '${day(1)}', 1 from set_config('timescaledb.skip_cagg_invalidation', 'on', true)`));
    });
  }
});

// New tables -----------------------------------------------------------------------------------------------------------

test('what the owner adds is read by both roles, and written by none until it is granted', async (db) => {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('create table public.added (x int); create view public.added_view as select * from public.added');
    for (const role of ['btcdb_reader', 'btcdb_writer']) {
      await client.query(`set local role ${role}`);
      await client.query('select * from added, added_view');
      await isDenied(client, () => client.query('insert into added values (1)'));
      await client.query('reset role');
    }
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test.run();
