/** sources and timeseries_data: what they accept, what they refuse, and how numbers are kept. */
import { assert, databaseSuite, fails } from '../support/suite.js';
import { all, candle, column, compressAll, day, one, only, source, write } from './support.js';

const test = databaseSuite('core');

const refuse = { check: '23514', unique: '23505', missing: '23502', foreign: '23503', outOfRange: '22003', syntax: '22P02' };

// sources --------------------------------------------------------------------------------------------------------------

test('a source needs a name, a display name and a type; the rest has defaults', async (db) => {
  const row = await one(db, `insert into sources (name, display_name, data_type) values ('plain', 'Plain', 'simple') returning *`);
  assert.is(row.update_frequency, '1 day');
  assert.is(row.status, 'active');
  assert.is(row.market_type, 'CRYPTO');
  assert.is(row.requires_auth, false);
  assert.equal(row.metadata, {});
  assert.is(row.last_successful_update, null);
  assert.is(row.next_scheduled_update, null);
  assert.is(row.created_by, await only(db, 'select session_user::text'));
  assert.ok(row.created_at instanceof Date && row.updated_at instanceof Date);
});

test('a source accepts every column', async (db) => {
  const id = await source(db, {
    name: 'all_columns_9',
    category: 'price',
    data_type: 'ohlcv',
    api_endpoint: 'https://example.com/v1',
    api_provider: 'Example',
    requires_auth: true,
    update_frequency: '1 hour',
    status: 'testing',
    market_type: 'US',
    metadata: { symbol: 'BTC' },
    created_by: 'somebody',
  });
  const row = await one(db, 'select * from sources where source_id = $1', [id]);
  assert.is(row.created_by, 'somebody');
  assert.equal(row.metadata, { symbol: 'BTC' });
});

for (const name of ['Upper', 'with space', 'dash-ed', '', 'ünï', 'a.b', "a'b"]) {
  test(`the name ${JSON.stringify(name)} is refused`, (db) => fails(refuse.check, () => source(db, { name })).then(() => undefined));
}

for (const name of ['a', '0', '_', 'btc_usd_1h']) {
  test(`the name ${JSON.stringify(name)} is accepted`, async (db) => {
    await source(db, { name });
  });
}

test('the name of a source is unique', async (db) => {
  await source(db, { name: 'twice' });
  await fails(refuse.unique, () => source(db, { name: 'twice' }));
});

for (const missing of ['name', 'display_name', 'data_type', 'update_frequency', 'status', 'market_type', 'metadata']) {
  test(`a source without ${missing} is refused`, async (db) => {
    await fails(refuse.missing, () => source(db, { [missing]: null }));
  });
}

for (const frequency of ['0', '-1 day', '0 days', '999 ms', '10 years 1 second', '178000000 years']) {
  test(`an update_frequency of ${frequency} is refused`, async (db) => {
    await fails(refuse.check, () => source(db, { update_frequency: frequency }));
  });
}

for (const frequency of ['1 second', '10 years']) {
  test(`an update_frequency of ${frequency} is taken`, async (db) => {
    assert.type(await source(db, { update_frequency: frequency }), 'number');
  });
}

test('metadata is an object', async (db) => {
  await fails(refuse.check, () => source(db, { metadata: '[1]' }));
  await fails(refuse.check, () => source(db, { metadata: '"text"' }));
});

for (const [columnName, value] of [['data_type', 'candles'], ['status', 'gone'], ['market_type', 'MOON']]) {
  test(`${columnName} is one of its vocabulary`, async (db) => {
    await fails(refuse.syntax, () => source(db, { [columnName!]: value }));
  });
}

test('updated_at of a source moves with its registration, not with arriving rows', async (db) => {
  const id = await source(db, { updated_at: '2020-01-01T00:00:00Z' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  assert.is(await only(db, `select updated_at = '2020-01-01Z' from sources where source_id = $1`, [id]), true);
  await db.query(`update sources set display_name = 'Other' where source_id = $1`, [id]);
  assert.is(await only(db, `select updated_at > '2021-01-01Z' from sources where source_id = $1`, [id]), true);
});

test('rows that arrive are noted on their source', async (db) => {
  const id = await source(db, { update_frequency: '6 hours' });
  const quiet = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  assert.equal(
    await one(db, `select now() - last_successful_update < interval '1 minute' as recent, next_scheduled_update - last_successful_update as step from sources where source_id = $1`, [id]),
    { recent: true, step: '06:00:00' },
  );
  assert.is(await only(db, 'select last_successful_update from sources where source_id = $1', [quiet]), null);
});

test('a source without data is deleted', async (db) => {
  const id = await source(db);
  await db.query('delete from sources where source_id = $1', [id]);
  assert.is(await only(db, 'select count(*) from sources where source_id = $1', [id]), '0');
});

test('a source with data is deprecated instead of deleted, and keeps its rows', async (db) => {
  const [filled, empty] = [await source(db), await source(db)];
  await write(db, [{ source_id: filled, timestamp: day(0), value: 1 }]);
  await db.query('delete from sources where source_id = any ($1)', [[filled, empty]]);
  assert.equal(
    await all(db, 'select source_id, status from sources where source_id = any ($1)', [[filled, empty]]),
    [{ source_id: filled, status: 'deprecated' }],
  );
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [filled]), '1');
});

test('a source whose rows are compressed is deprecated too', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2015-05-05'), value: 1 }]);
  await compressAll(db);
  await db.query('delete from sources where source_id = $1', [id]);
  assert.is(await only(db, 'select status from sources where source_id = $1', [id]), 'deprecated');
});

test('a source whose rows are only in the archive is deprecated too', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  await db.query('delete from sources where source_id = $1', [id]);
  assert.is(await only(db, 'select status from sources where source_id = $1', [id]), 'deprecated');
});

test('what belongs to a source goes with it', async (db) => {
  const [id, parent] = [await source(db), await source(db)];
  await db.query(`insert into lineage (derived_source_id, parent_source_id, calculation_type) values ($1, $2, 'sql')`, [id, parent]);
  await db.query(`insert into features (source_id, timestamp) values ($1, now())`, [id]);
  await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'r', 'true', 'e')`, [id]);
  await db.query('delete from sources where source_id = $1', [id]);
  for (const table of ['features', 'validation_rules']) {
    assert.is(await only(db, `select count(*) from ${table} where source_id = $1`, [id]), '0', table);
  }
  assert.is(await only(db, 'select count(*) from lineage where derived_source_id = $1', [id]), '0');
});

// timeseries_data ------------------------------------------------------------------------------------------------------

const numbers = ['open', 'high', 'low', 'close', 'volume', 'value'] as const;

for (const name of numbers) {
  for (const bad of ['NaN', 'Infinity', '-Infinity']) {
    test(`${name} ${bad} is refused, on insert and on update`, async (db) => {
      const id = await source(db);
      await fails(refuse.check, () => write(db, [{ source_id: id, timestamp: day(0), [name]: bad }]), new RegExp(`timeseries_data_${name}_check`));
      await write(db, [{ source_id: id, timestamp: day(0), [name]: 1 }]);
      await fails(refuse.check, () => write(db, [{ source_id: id, timestamp: day(0), [name]: bad }], 'an update'));
      await fails(refuse.check, () => write(db, [{ source_id: id, timestamp: day(1), [name]: bad }], 'COPY'));
    });
  }

  test(`${name} keeps every digit, from 3e12 to 1e-10`, async (db) => {
    const id = await source(db);
    const texts = ['3000000000000', '0.0000000001', '123456789012345678901234567890.123456789012345678901234567890', '-7.50', '1e-10', '3e12'];
    await write(db, texts.map((text, n) => ({ source_id: id, timestamp: day(n), [name]: text })));
    assert.equal(await column(db, `select ${name} from timeseries_data where source_id = $1 order by timestamp`, [id]), [
      ...texts.slice(0, 4), '0.0000000001', '3000000000000',
    ]);
  });
}

test('digits survive compression', async (db) => {
  const id = await source(db);
  const text = '0.00000000012345678901234567890123456789';
  await write(db, [{ source_id: id, timestamp: day(0, '2014-01-01'), value: text }, { source_id: id, timestamp: day(1, '2014-01-01'), value: '3000000000000.10' }]);
  await compressAll(db);
  assert.equal(await column(db, 'select value from timeseries_data where source_id = $1 order by timestamp', [id]), [text, '3000000000000.10']);
});

test('a text that is no number is refused', async (db) => {
  const id = await source(db);
  await fails(refuse.syntax, () => write(db, [{ source_id: id, timestamp: day(0), value: 'abc' }]));
  await fails(refuse.syntax, () => write(db, [{ source_id: id, timestamp: day(0), value: 'abc' }], 'COPY'));
});

test('a row of an unknown source is refused', async (db) => {
  await fails(refuse.foreign, () => write(db, [{ source_id: 2_000_000_000, timestamp: day(0), value: 1 }]));
  await fails(refuse.foreign, () => write(db, [{ source_id: 2_000_000_000, timestamp: day(0), value: 1 }], 'COPY'));
});

test('source and moment are the key', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await fails(refuse.unique, () => write(db, [{ source_id: id, timestamp: day(0), value: 2 }]));
  await write(db, [{ source_id: await source(db), timestamp: day(0), value: 2 }]);
});

test('source and moment are the key inside a compressed chunk, too', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2013-01-01'), value: 1 }]);
  await compressAll(db);
  await fails(refuse.unique, () => write(db, [{ source_id: id, timestamp: day(0, '2013-01-01'), value: 2 }]));
});

for (const missing of ['source_id', 'timestamp']) {
  test(`a row without ${missing} is refused`, async (db) => {
    await fails(refuse.missing, () => write(db, [{ source_id: 1, timestamp: day(0), value: 1, [missing]: null }]));
  });
}

for (const moment of ['infinity', '-infinity']) {
  test(`the moment ${moment} is refused`, async (db) => {
    const id = await source(db);
    let refused = false;
    await write(db, [{ source_id: id, timestamp: moment, value: 1 }]).catch(() => (refused = true));
    assert.ok(refused);
  });
}

for (const moment of ['0001-12-31T23:59:59.999Z BC', '9999-12-31T23:59:59.9995Z', '294246-01-01Z']) {
  test(`the moment ${moment} is refused: aggregates end at the year 9999`, async (db) => {
    const id = await source(db);
    await fails(refuse.check, () => write(db, [{ source_id: id, timestamp: moment, value: 1 }]));
  });
}

test('the first and the last moment are stored and aggregated', async (db) => {
  const id = await source(db);
  const moments = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'];
  await write(db, moments.map((timestamp) => ({ source_id: id, timestamp, value: 1 })));
  await db.query('call refresh_all_aggregates()');
  await db.query('call refresh_all_aggregates()');
  assert.is(await only(db, 'select count(*) from weekly_stats where source_id = $1', [id]), '2');
  await db.query('delete from timeseries_data where source_id = $1', [id]);
});

test('moments have milliseconds', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: '2020-01-01T00:00:00.1234Z', value: 1 }]);
  assert.is((await only(db, 'select timestamp from timeseries_data where source_id = $1', [id]) as Date).toISOString(), '2020-01-01T00:00:00.123Z');
});

for (const score of [-1, 101, 32767]) {
  test(`a quality_score of ${score} is refused`, async (db) => {
    const id = await source(db);
    await fails(refuse.check, () => write(db, [{ source_id: id, timestamp: day(0), value: 1, quality_score: score }]));
  });
}

for (const score of [0, 100]) {
  test(`a quality_score of ${score} is accepted (and computed again)`, async (db) => {
    const id = await source(db);
    await write(db, [{ source_id: id, timestamp: day(0), value: 1, quality_score: score }]);
    assert.is(await only(db, 'select quality_score from timeseries_data where source_id = $1', [id]), 100);
  });
}

test('a row of a close alone is stored', async (db) => {
  const id = await source(db, { data_type: 'ohlcv' });
  await write(db, [{ source_id: id, timestamp: day(0), close: '42000.10' }]);
  assert.is(await only(db, 'select close from timeseries_data where source_id = $1', [id]), '42000.10');
});

test('a refused row takes its whole statement with it', async (db) => {
  const id = await source(db);
  await fails(refuse.check, () => write(db, [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(1), value: 'NaN' }]));
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '0');
  assert.is(await only(db, `select count(*) from audit_log where source_id = $1 and table_name = 'timeseries_data'`, [id]), '0');
});

test('created_at stays and updated_at moves when the observation changes', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), ...candle() }]);
  const before = await one(db, 'select created_at, updated_at from timeseries_data where source_id = $1', [id]);
  await write(db, [{ source_id: id, timestamp: day(0), ...candle() }], 'an upsert');
  assert.equal(await one(db, 'select created_at, updated_at from timeseries_data where source_id = $1', [id]), before);
  await write(db, [{ source_id: id, timestamp: day(0), ...candle(101) }], 'an upsert');
  const after = await one(db, 'select created_at, updated_at from timeseries_data where source_id = $1', [id]);
  assert.equal(after.created_at, before.created_at);
  assert.ok(after.updated_at > before.updated_at);
});

test('source_id and timestamp of a stored row cannot be changed, not even to another chunk', async (db) => {
  const [id, other] = [await source(db), await source(db)];
  const at = day(0, '2010-06-01');
  await write(db, [{ source_id: id, timestamp: at, value: 1 }]);
  const set = (change: string): Promise<unknown> =>
    db.query(`update timeseries_data set ${change} where source_id = ${id} and timestamp between '2010-06-01Z' and '2010-06-02Z'`);
  const changes = [`timestamp = timestamp + interval '1 hour'`, `timestamp = timestamp + interval '1 year'`, `source_id = ${other}`];
  for (const change of changes) await fails('MD005', () => set(change));
  await set('source_id = source_id, timestamp = timestamp');
  await fails('MD005', () => db.query(
    `insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1)
     on conflict (source_id, timestamp) do update set timestamp = excluded.timestamp + interval '1 year'`,
    [id, at],
  ));
  await compressAll(db);
  for (const change of changes) {
    let refused = '';
    await set(change).catch((error: { code: string }) => (refused = error.code));
    assert.ok(['MD005', '0A000'].includes(refused), `${refused}: ours, or newer TimescaleDB's own before it looks at the row`);
  }
  assert.is((await only(db, 'select timestamp from timeseries_data where source_id = $1', [id]) as Date).toISOString(), at);
});

test.run();
