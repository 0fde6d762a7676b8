import * as generatedAnomalies from '../../queries/anomalies.queries.js';
import * as generatedArchive from '../../queries/archive.queries.js';
import * as generatedAudit from '../../queries/audit.queries.js';
import * as generatedQuality from '../../queries/quality.queries.js';
import * as generatedRules from '../../queries/rules.queries.js';
import { deleteRange } from '../../queries/series.queries.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { sqlState } from '../../src/errors/catalogue.js';
import { transaction } from '../../src/client/transaction.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: anomalies, allProven: allAnomaliesProven } = checked('anomalies', generatedAnomalies);
const { queries: archive, allProven: allArchiveProven } = checked('archive', generatedArchive);
const { queries: audit, allProven: allAuditProven } = checked('audit', generatedAudit);
const { queries: quality, allProven: allQualityProven } = checked('quality', generatedQuality);
const { queries: rules, allProven: allRulesProven } = checked('rules', generatedRules);

const hour = 3_600_000;
const start = Date.UTC(2024, 0, 1);
const at = (hours: number): Date => new Date(start + hours * hour);

/** Ids in the order of registration. */
const [noisy, flat, daily] = [1, 2, 3] as const;

/** 100 hours around 100 with a standard deviation near 1, but for 160 at 60; none from 40 to 44. */
const noise = (i: number): number => (i === 60 ? 160 : 100 + [1, -1, 0.5, -0.5, 1.5, -1.5][i % 6]!);

const test = databaseSuite('quality', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency) values
    ('noisy', 'Noisy', 'simple', '1 hour'), ('flat', 'Flat', 'simple', '1 hour'), ('daily', 'Daily', 'macro', '1 day')`);
  const rows = Array.from({ length: 100 }, (_, i) => i).filter((i) => i < 40 || i > 44)
    .map((i) => ({ source_id: noisy, timestamp: at(i), value: noise(i) }));
  const still = Array.from({ length: 50 }, (_, i) => ({ source_id: flat, timestamp: at(i), value: i === 49 ? 2 : 1 }));
  await bulkUpsert(db, [...rows, ...still], { ingestMode: 'backfill', user: 'loader' });
});

test('toReview lists open anomalies, newest first, page by page', async (db) => {
  const all = await anomalies.toReview.run({ limit: 100 }, db);
  assert.equal(all.map((row) => [row.source_name, row.timestamp, row.anomaly_type, row.severity]), [
    ['noisy', at(60), 'outlier_6sigma', 'CRITICAL'],
    ['flat', at(49), 'outlier_6sigma', 'CRITICAL'],
  ]);
  const [first] = await anomalies.toReview.run({ limit: 1 }, db);
  const [second, ...rest] = await anomalies.toReview.run({ limit: 10, before: first!.timestamp, before_id: first!.anomaly_id }, db);
  assert.equal([first, second, ...rest], all);
  assert.equal((await anomalies.toReview.run({ limit: 10, source_id: flat }, db)).map((row) => row.context), [{ flat_history: true }]);
});

test('worst puts changes after a flat history first', async (db) => {
  const rows = await anomalies.worst.run({ limit: 10 }, db);
  assert.equal(rows.map((row) => [row.source_name, row.value, row.z_score === null, row.is_blackswan]), [['flat', '2', true, true], ['noisy', '160', false, true]]);
  assert.is((await anomalies.worst.run({ limit: 10, source_id: noisy }, db)).length, 1);
});

test('review, resolve and markFalsePositive take an anomaly off the list', async (db) => {
  const [outlier, step] = await anomalies.toReview.run({ limit: 10 }, db);

  const [reviewed] = await anomalies.review.run({ anomaly_id: outlier!.anomaly_id, notes: 'asked the exchange' }, db);
  assert.equal(reviewed, { anomaly_id: outlier!.anomaly_id, reviewed: true, resolved_at: null, resolution_notes: 'asked the exchange' });
  assert.equal((await anomalies.toReview.run({ limit: 10 }, db)).map((row) => row.source_name), ['flat']);

  const [resolved] = await transaction(db, { user: 'ann' }, (tx) => anomalies.resolve.run({ anomaly_id: outlier!.anomaly_id }, tx));
  assert.equal([resolved?.resolved_by, resolved?.resolution_notes], ['ann', 'asked the exchange']);

  const [right] = await transaction(db, { user: 'bob' }, (tx) =>
    anomalies.markFalsePositive.run({ anomaly_id: step!.anomaly_id, notes: 'a new tariff' }, tx));
  assert.is(right?.resolved_by, 'bob');
  assert.equal((await anomalies.review.run({ anomaly_id: step!.anomaly_id }, db))[0]?.resolved_at, right?.resolved_at, 'settled it stays');
  assert.equal(await anomalies.toReview.run({ limit: 10 }, db), []);
  assert.equal((await anomalies.worst.run({ limit: 10 }, db)).map((row) => row.source_name), ['noisy'], 'a false positive is none of the worst');
  assert.equal(await anomalies.review.run({ anomaly_id: '999999' }, db), []);
});

test('range gives every anomaly of a source, settled or not', async (db) => {
  const [row, ...rest] = await anomalies.range.run({ source_id: noisy, from: at(60), to: at(61) }, db);
  assert.equal(rest, []);
  assert.equal([row?.value, row?.is_blackswan, row?.reviewed, row?.is_false_positive, row?.resolved_by], ['160', true, true, false, 'ann']);
  assert.equal(await anomalies.range.run({ source_id: noisy, from: at(0), to: at(60) }, db), []);
});

test('gaps lists missing intervals, recordGaps writes them down', async (db) => {
  const gap = { gap_start: at(40), gap_end: at(44), missing_points: '5' };
  assert.equal(await quality.gaps.run({ source_id: noisy }, db), [gap]);
  assert.equal(await quality.gaps.run({ source_id: noisy, from: at(0), to: at(30) }, db), []);
  await fails(sqlState.unknownSource, () => quality.gaps.run({ source_id: 9999 }, db));

  assert.equal(await quality.recordGaps.run({ source_id: noisy }, db), []);
  const [recorded] = await anomalies.toReview.run({ limit: 10 }, db);
  assert.equal([recorded?.anomaly_type, recorded?.timestamp, recorded?.value], ['missing_data', at(40), null]);
  assert.equal(await quality.openGaps.run({ source_id: noisy, limit: 10 }, db), [{ ...gap, severity: 'MEDIUM' }]);
});

test('rescore scores by the rules of today', async (db) => {
  const score = async () => (await db.query('select min(quality_score) from timeseries_data where source_id = $1', [noisy])).rows[0]!['min'] as number;
  assert.is(await score(), 75, 'the outlier differs from the row before by more than half');
  const [rule] = await rules.add.run(
    { source_id: noisy, rule_name: 'below_130', rule_sql: 'value < 130', error_message: 'too high', severity: 'WARNING' }, db);
  assert.equal([rule?.severity, rule?.enabled], ['WARNING', true]);
  assert.equal(await quality.rescore.run({ source_id: noisy, from: at(60), to: at(60) }, db), []);
  assert.is(await score(), 65);
  assert.equal(await quality.scoreOf.run({ source_id: noisy, timestamp: at(60) }, db), [
    { check_name: 'completeness', points_lost: 0, detail: null },
    { check_name: 'timeliness', points_lost: 0, detail: null },
    { check_name: 'consistency', points_lost: 25, detail: '160 after 98.5' },
    { check_name: 'validation: below_130', points_lost: 10, detail: 'too high' },
  ]);
  assert.equal(await quality.scoreOf.run({ source_id: noisy, timestamp: at(41) }, db), [], 'there is no such row');

  assert.equal(await rules.setEnabled.run({ rule_id: rule!.rule_id, enabled: false }, db), [{ rule_id: rule!.rule_id, rule_name: 'below_130', enabled: false }]);
  await quality.rescore.run({ source_id: noisy }, db);
  assert.is(await score(), 75);

  const listed = (await rules.list.run({}, db)).filter((row) => row.rule_name === 'below_130' || row.rule_name === 'rsi_range');
  assert.equal(listed.map((row) => [row.rule_name, row.data_type, row.source_name, row.enabled]),
    [['rsi_range', 'calculated', null, false], ['below_130', null, 'noisy', false]]);
  assert.equal(await rules.remove.run({ rule_id: rule!.rule_id }, db), [{ rule_id: rule!.rule_id, rule_name: 'below_130' }]);
  assert.equal(await rules.remove.run({ rule_id: rule!.rule_id }, db), []);
});

test('a rule that is no row-local expression is refused', async (db) => {
  await fails(sqlState.ruleRefused, () =>
    rules.add.run({ data_type: 'simple', rule_name: 'late', rule_sql: 'timestamp < now()', error_message: 'x' }, db), /immutable/);
});

test('ofRow tells the history of a row, with the load that brought it', async (db) => {
  const key = { source_id: noisy, timestamp: at(10) };
  await transaction(db, { user: 'ann', reason: 'exchange correction', userAgent: 'test' }, (tx) =>
    tx.query('update timeseries_data set value = 101.25 where source_id = $1 and timestamp = $2', [key.source_id, key.timestamp]));
  await transaction(db, { user: 'bob', reason: 'gone' }, (tx) => deleteRange.run({ ...key, from: at(10), to: at(11) }, tx));

  const entries = await audit.ofRow.run(key, db);
  assert.equal(entries.map((row) => [row.action, row.is_range, row.changed_by, row.reason]), [
    ['INSERT', true, 'loader', null], ['CORRECTION', false, 'ann', 'exchange correction'], ['DELETE', false, 'bob', 'gone'],
  ]);
  assert.equal(entries[0]!.new_value, { rows: 95, from: '2024-01-01T00:00:00+00:00', to: '2024-01-05T03:00:00+00:00' });
  assert.equal(entries[1]!.changed_fields, ['value']);
  assert.is((entries[1]!.old_value as { value: number }).value, noise(10));
  assert.is(entries[1]!.user_agent, 'test');
  assert.equal(await audit.ofRow.run({ source_id: daily, timestamp: at(10) }, db), []);
  assert.equal(await audit.ofRow.run({ source_id: noisy, timestamp: at(500) }, db), [], 'no load covers it');
});

test('recent pages through the log and filters it', async (db) => {
  const walked: string[] = [];
  for (let before_id: string | undefined; ;) {
    const page = await audit.recent.run({ limit: 3, before_id }, db);
    walked.push(...page.map((row) => row.audit_id));
    before_id = page.at(-1)?.audit_id;
    if (before_id === undefined) break;
    assert.ok(walked.length < 1000, 'it walks in circles');
  }
  const { rows } = await db.query('select audit_id from audit_log order by audit_id desc');
  assert.equal(walked, rows.map((row) => row['audit_id']));

  const actions = async (filter: Partial<Parameters<typeof audit.recent.run>[0]>) =>
    (await audit.recent.run({ limit: 100, ...filter }, db)).map((row) => row.action);
  assert.equal(await actions({ changed_by: 'bob', table_name: 'timeseries_data' }), ['DELETE']);
  assert.equal(await actions({ table_name: 'timeseries_data', source_id: flat }), ['INSERT']);
  assert.equal(await actions({ table_name: 'validation_rules' }), ['DELETE', 'UPDATE', 'INSERT']);
});

test('what each check takes off the score of a row', async (db) => {
  const lost = async (hours: number): Promise<unknown> => (await quality.scoreOf.run({ source_id: noisy, timestamp: at(hours) }, db))
    .filter(({ points_lost }) => points_lost > 0).map(({ check_name, points_lost, detail }) => [check_name, points_lost, typeof detail]);
  assert.equal(await lost(60), [['consistency', 25, 'string']]);
  assert.equal(await lost(59), []);
  assert.equal(await lost(42), [], 'there is no such row');
});

test('a deleted row is listed, and comes back', async (db) => {
  const [gone, ...rest] = await archive.deleted.run({ source_id: noisy, limit: 10 }, db);
  assert.equal(rest, []);
  assert.equal([gone?.timestamp, gone?.value, gone?.deleted_by, gone?.deletion_reason], [at(10), '101.25', 'bob', 'gone']);
  assert.equal(await archive.deleted.run({ source_id: noisy, limit: 10, before_id: gone!.archive_id }, db), []);

  assert.equal(await archive.restore.run({ source_id: noisy, from: at(11), to: at(12) }, db), [{ restored: '0' }]);
  assert.equal(await archive.restore.run({ source_id: noisy }, db), [{ restored: '1' }]);
  assert.equal(await archive.deleted.run({ source_id: noisy, limit: 10 }, db), []);
  const { rows } = await db.query('select value from timeseries_data where source_id = $1 and timestamp = $2', [noisy, at(10)]);
  assert.equal(rows, [{ value: '101.25' }]);
});

test('a candle is archived whole', async (db) => {
  await bulkUpsert(db, [{ source_id: daily, timestamp: at(0), open: 1, high: 2, low: '0.5', close: '1.5', volume: 9 }]);
  await deleteRange.run({ source_id: daily, from: at(0), to: at(1) }, db);
  const [row] = await archive.deleted.run({ source_id: daily, limit: 1 }, db);
  assert.equal([row?.open, row?.high, row?.low, row?.close, row?.volume, row?.value], ['1', '2', '0.5', '1.5', '9', null]);
});

test('the range in which rows that were written may have left or filled holes', async (db) => {
  const [inner] = await quality.gapRange.run({ source_id: noisy, first: at(50), last: at(51) }, db);
  assert.ok(inner!.first_row < at(50) && inner!.last_row > at(51));
  const [whole] = await quality.gapRange.run({ source_id: noisy, first: at(-1), last: at(2000) }, db);
  assert.equal([whole?.first_row, whole?.last_row, typeof whole?.has_gaps], [at(-1), at(2000), 'boolean']);
  assert.equal(await quality.isSparse.run({ source_id: noisy, from: at(0), to: at(99) }, db), [{ is_sparse: false }]);
});

test('freshness and overview count what is there', async (db) => {
  await db.query('call refresh_all_aggregates()');
  const fresh = await quality.freshness.run({}, db);
  assert.equal(fresh.map((row) => [row.name, row.freshness, row.row_count, row.anomaly_count]),
    [['flat', 'CRITICAL', '50', '1'], ['noisy', 'CRITICAL', '95', '1'], ['daily', 'EMPTY', '0', '0']]);
  assert.equal(fresh[1]!.last_timestamp, at(99));
  assert.match(fresh[1]!.data_age!, /^\d+ days? \d\d:\d\d:\d\d/);
  assert.is(fresh[1]!.update_frequency, '01:00:00');
  assert.is(fresh[2]!.avg_quality_score, null);

  const overview = await quality.overview.run({}, db);
  const row = overview.find(({ name }) => name === 'noisy');
  assert.equal([row?.row_count, row?.anomaly_count, row?.open_anomalies, row?.black_swans, row?.open_gaps, row?.invalid_count, row?.first_week],
    ['95', '1', '1', '1', '1', '0', at(0)]);
});

test('the audit log is sealed, verified and archived', async (db) => {
  await audit.seal.run(undefined, db);
  const [newest] = await audit.head.run({}, db);
  assert.equal(await audit.head.run({ seal_id: newest!.seal_id }, db), [newest]);
  assert.equal(await audit.verify.run(undefined, db), []);
  const other = { seal_ids: [newest!.seal_id], digests: [Buffer.alloc(32)] };
  assert.equal(await audit.otherSeals.run(other, db), [{ seal_id: newest!.seal_id, is_there: true }]);
  assert.equal(await audit.otherSeals.run({ ...other, seal_ids: ['4711'] }, db), [{ seal_id: '4711', is_there: false }]);
  assert.equal(await audit.otherSeals.run({ ...other, digests: [newest!.digest] }, db), []);
  await db.query(`update sources set category = 'sealed' where source_id = $1`, [daily]);
  await audit.seal.run(undefined, db);
  for (const [table, entry, what] of [['audit_log where audit_id = 1', '1', 'removed'], ['audit_seals where seal_id = 1', null, 'seal removed']] as const) {
    const kept = transaction(db, {}, async (tx) => {
      await tx.query('set local session_replication_role = replica');
      await tx.query(`delete from ${table}`);
      const [fault] = await audit.verify.run(undefined, tx);
      assert.equal([fault?.entry, fault?.what], [entry, what]);
      throw new Error('not to be kept');
    });
    await kept.catch((error: Error) => assert.is(error.message, 'not to be kept'));
  }

  // What the log holds is asked for below, and gone by then.
  for (const source_id of [daily, noisy]) await audit.ofSource.run({ source_id, limit: 100 }, db);
  const seals = await audit.sealsToArchive.run({ older_than: '0 seconds' }, db);
  assert.equal(seals.map(({ seal_id }) => seal_id), ['1', '2']);
  assert.equal(await audit.sealsToArchive.run({ older_than: '1 day' }, db), []);
  const lines = await audit.archiveLines.run({ seal_id: newest!.seal_id }, db);
  assert.is(lines.length, newest!.entry_count + 1);
  const [moved] = await audit.archive.run({ first_seal: '1', last_seal: '1', head: newest!.digest }, db);
  assert.is(moved?.entries, String(newest!.entry_count));
  assert.equal(await audit.verify.run(undefined, db), []);
});

test('every query and column was seen', async (db) => {
  allAnomaliesProven();
  allArchiveProven();
  // The embedded engine does not know where its clients are.
  await db.query(`insert into audit_log (source_id, timestamp, action, table_name, ip_address)
    values ($1, $2, 'UPDATE', 'timeseries_data', '10.0.0.1')`, [daily, at(1)]);
  await audit.ofRow.run({ source_id: daily, timestamp: at(1) }, db);
  await audit.recent.run({ limit: 1 }, db);
  for (const source_id of [daily, noisy]) await audit.ofSource.run({ source_id, limit: 100 }, db);
  allAuditProven();
  allQualityProven();
  allRulesProven();
});

test.run();
