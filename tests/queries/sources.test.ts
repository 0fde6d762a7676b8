import * as generated from '../../queries/sources.queries.js';
import { transaction } from '../../src/client/transaction.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: sources, allProven } = checked('sources', generated);
const test = databaseSuite('sources');

test('register gives a new source the defaults of its columns', async (db) => {
  const [row] = await sources.register.run({ name: 'fear_greed', display_name: 'Fear & Greed', data_type: 'social' }, db);
  assert.is(row?.is_new, true);
  assert.is(row?.status, 'active');

  const [stored] = await sources.byName.run({ name: 'fear_greed' }, db);
  assert.is(stored?.source_id, row?.source_id);
  assert.is(stored?.category, 'uncategorized');
  assert.is(stored?.requires_auth, false);
  assert.is(stored?.update_frequency, '1 day');
  assert.is(stored?.market_type, 'CRYPTO');
  assert.equal(stored?.metadata, {});
  assert.is(stored?.api_endpoint, null);
});

test('register twice changes nothing, and is not audited', async (db) => {
  const params = {
    name: 'btc_usd', display_name: 'Bitcoin', category: 'price', data_type: 'ohlcv', api_endpoint: 'https://example.org',
    api_provider: 'Example', requires_auth: true, update_frequency: '1 hour', market_type: 'CRYPTO', metadata: { pair: ['BTC', 'USD'] },
  } as const;
  const register = () => sources.register.run({ ...params, metadata: { pair: [...params.metadata.pair] } }, db);
  const entries = async () => (await db.query(`select from audit_log where table_name = 'sources'`)).rowCount;

  const [first] = await register();
  const before = await sources.byName.run({ name: 'btc_usd' }, db);
  const audited = await entries();
  const [second] = await register();
  assert.equal(second, { source_id: first!.source_id, name: 'btc_usd', status: 'active', is_new: false });
  assert.equal(await sources.byName.run({ name: 'btc_usd' }, db), before);
  assert.is(await entries(), audited);
  assert.is(before[0]?.update_frequency, '01:00:00');
  assert.equal(before[0]?.metadata, { pair: ['BTC', 'USD'] });
});

test('register keeps what is left out and takes what is given', async (db) => {
  await sources.register.run({ name: 'btc_usd', display_name: 'Bitcoin / US dollar', data_type: 'ohlcv', category: 'crypto' }, db);
  const [row] = await sources.byName.run({ name: 'btc_usd' }, db);
  assert.is(row?.display_name, 'Bitcoin / US dollar');
  assert.is(row?.category, 'crypto');
  assert.is(row?.api_provider, 'Example');
  assert.is(row?.requires_auth, true);
  assert.is(row?.update_frequency, '01:00:00');

  await sources.register.run({ name: 'btc_usd', display_name: 'Bitcoin', data_type: 'ohlcv' }, db);
  const [kept] = await sources.byName.run({ name: 'btc_usd' }, db);
  assert.equal([kept?.display_name, kept?.category, kept?.metadata], ['Bitcoin', 'crypto', { pair: ['BTC', 'USD'] }]);
});

test('register refuses a bad name', (db) =>
  fails('23514', () => sources.register.run({ name: 'BTC/USD', display_name: 'x', data_type: 'simple' }, db)).then(() => undefined));

test('byName finds nothing under an unknown name', async (db) => {
  assert.equal(await sources.byName.run({ name: 'nope' }, db), []);
});

test('setStatus moves a source out of the active ones', async (db) => {
  await db.query(`insert into timeseries_data (source_id, timestamp, value) select source_id, now(), 1 from sources where name = 'fear_greed'`);
  assert.equal((await sources.active.run(undefined, db)).map((row) => row.name), ['btc_usd', 'fear_greed'], 'the one without data is due first');

  const [moved] = await transaction(db, { user: 'ann' }, (tx) => sources.setStatus.run({ name: 'btc_usd', status: 'testing' }, tx));
  assert.is(moved?.status, 'testing');
  const [fresh] = await sources.byName.run({ name: 'fear_greed' }, db);
  assert.is(fresh!.next_scheduled_update!.getTime() - fresh!.last_successful_update!.getTime(), 86_400_000);
  assert.equal((await sources.active.run(undefined, db)).map((row) => row.name), ['fear_greed']);
  assert.equal(await sources.setStatus.run({ name: 'nope', status: 'active' }, db), []);
});

test('list filters by status, type and category', async (db) => {
  const names = async (params: Parameters<typeof sources.list.run>[0]) => (await sources.list.run(params, db)).map((row) => row.name);
  assert.equal(await names({}), ['btc_usd', 'fear_greed']);
  assert.equal(await names({ status: 'testing' }), ['btc_usd']);
  assert.equal(await names({ data_type: 'social' }), ['fear_greed']);
  assert.equal(await names({ category: 'crypto', status: 'active' }), []);
});

test('entries of a registry: what is wrong with them, and what writing them changes', async (db) => {
  const entries = JSON.stringify([{ name: 'ok' }, { name: 'Not-ok', data_type: 'candles' }, { name: 'b', status: null }]);
  assert.equal((await sources.entryProblems.run({ entries }, db)).map(({ number, field }) => [number, field]).sort(),
    [[2, 'data_type'], [2, 'name'], [3, 'status']]);
  const is = async (frequency: string): Promise<boolean | undefined> => (await sources.isFrequency.run({ frequency }, db))[0]?.is_frequency;
  assert.equal([await is('1 hour'), await is('0.5 seconds'), await is('11 years')], [true, false, false]);
  await fails('22007', () => is('often'));

  const entry = (more: object): string => JSON.stringify({ name: 'gold__usd_1h', ...more });
  const added = entry({ data_type: 'simple', metadata: { of: 'gold' } });
  assert.is((await sources.addEntry.run({ entry: added }, db)).length, 1);
  assert.equal(await sources.addEntry.run({ entry: added }, db), []);
  const [row] = await sources.byName.run({ name: 'gold__usd_1h' }, db);
  assert.equal([row?.display_name, row?.category, row?.update_frequency, row?.status, row?.market_type, row?.requires_auth, row?.metadata],
    ['Gold Usd 1h', 'uncategorized', '1 day', 'active', 'CRYPTO', false, { of: 'gold' }]);
  const changed = entry({ category: 'metals', api_provider: null, update_frequency: '1 hour' });
  assert.equal(await sources.differingEntry.run({ entry: added }, db), []);
  assert.equal(await sources.differingEntry.run({ entry: changed }, db), [{ source_id: row?.source_id }]);
  assert.equal(await sources.applyEntry.run({ entry: changed }, db), [{ source_id: row?.source_id }]);
  assert.equal(await sources.applyEntry.run({ entry: changed }, db), []);
  const [after] = await sources.byName.run({ name: 'gold__usd_1h' }, db);
  assert.equal([after?.category, after?.data_type, after?.metadata], ['metals', 'simple', { of: 'gold' }]);
  assert.equal(await sources.byNames.run({ names: ['gold__usd_1h', 'none'] }, db),
    [{ name: 'gold__usd_1h', source_id: row?.source_id, frequency_ms: 3_600_000 }]);
});

test('every query and column was seen', async () => allProven());

test.run();
