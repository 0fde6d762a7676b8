/** The sources and how they fare: all of them, and one in detail. */
import { reach, type IReachResult } from '../../../queries/aggregates.queries.js';
import { toReview, type IToReviewResult } from '../../../queries/anomalies.queries.js';
import { freshness, openGaps, overview, type IFreshnessResult, type IOpenGapsResult, type IOverviewResult } from '../../../queries/quality.queries.js';
import { byName, type IByNameResult } from '../../../queries/sources.queries.js';
import type { Database } from '../../client/open.js';
import { UsageError } from './failure.js';
import { age, colours, count, cut, heading, interval, moment, print, printTable } from './terminal.js';

/** A row of data_freshness with what quality_overview adds. */
export type SourceStatus = IFreshnessResult & IOverviewResult;

/** One source in detail. */
export interface SourceDetail {
  readonly source: SourceStatus & IByNameResult;
  /** Open gaps that are recorded, the newest first. */
  readonly gaps: readonly IOpenGapsResult[];
  /** Other anomalies that nobody has looked at, the newest first. */
  readonly anomalies: readonly IToReviewResult[];
  /** What the aggregates hold of it. */
  readonly aggregates: readonly IReachResult[];
}

/** Anomalies and gaps that are told of one source. */
const MOST = 100;
/** Those of them that are shown on a terminal. */
const SHOWN = 10;

/** All sources, the ones that need attention first. */
export async function readSources(db: Database): Promise<SourceStatus[]> {
  const [fresh, quality] = [await freshness.run({}, db), await overview.run({}, db)];
  const qualityOf = new Map(quality.map((row) => [row.source_id, row]));
  // A source that was registered between the two queries is in the next answer.
  return fresh.flatMap((row) => {
    const judged = qualityOf.get(row.source_id);
    return judged ? [{ ...judged, ...row }] : [];
  });
}

/** Sources with freshness, counts and quality, the ones that need attention first. */
export async function printSources(db: Database): Promise<void> {
  const rows = await readSources(db);
  heading(`Sources${rows.length > 0 ? ` (${count(rows.length)})` : ''}`);
  if (rows.length === 0) {
    print('  none yet: btcdb import <folder>, or try btcdb demo');
    return;
  }
  printTable(
    [
      { title: 'source' }, { title: 'freshness' }, { title: 'age', align: 'right' }, { title: 'rows', align: 'right' },
      { title: 'score', align: 'right' }, { title: 'invalid', align: 'right' }, { title: 'anomalies', align: 'right' },
      { title: 'gaps', align: 'right' },
    ],
    rows.map((row) => [
      cut(row.name, 22),
      colourOf(row.freshness)(row.freshness),
      row.last_timestamp ? age((Date.now() - row.last_timestamp.getTime()) / 1000) : '',
      count(row.row_count),
      row.avg_quality_score ?? '',
      count(row.invalid_count),
      count(row.anomaly_count),
      count(row.open_gaps),
    ]),
  );
}

export async function readDetail(db: Database, name: string): Promise<SourceDetail> {
  const [registered] = await byName.run({ name }, db);
  const status = (await readSources(db)).find((row) => row.name === name);
  if (!registered || !status) throw new UsageError(`There is no source ${name}`, '`btcdb status` lists them.');
  const { source_id } = registered;
  return {
    source: { ...registered, ...status },
    gaps: await openGaps.run({ source_id, limit: MOST }, db),
    anomalies: (await toReview.run({ source_id, limit: MOST }, db)).filter((row) => row.anomaly_type !== 'missing_data'),
    aggregates: await reach.run({ source_id }, db),
  };
}

export function printDetail({ source, gaps, anomalies, aggregates }: SourceDetail): void {
  heading(`${source.name}: ${source.display_name}`);
  const last = source.last_timestamp;
  const lines: [string, string][] = [
    ['freshness', colourOf(source.freshness)(source.freshness)],
    ['newest row', last ? `${moment(last)}, ${age((Date.now() - last.getTime()) / 1000)} ago` : 'none'],
    ['a row every', interval(source.update_frequency)],
    ['type', `${source.data_type}, ${source.category}, ${source.market_type}, ${source.status}`],
    ['rows', count(source.row_count)],
    ['score', source.avg_quality_score === null ? '-' : `${source.avg_quality_score} on average, ${source.min_quality_score} at worst`],
    ['invalid', count(source.invalid_count)],
    ['anomalies', `${count(source.anomaly_count)}, ${count(source.open_anomalies)} open, ${count(source.black_swans)} black swans`],
    ['gaps', count(source.open_gaps)],
  ];
  for (const [title, text] of lines) print(`  ${colours.dim(title.padEnd(12))}${text}`);

  if (gaps.length > 0) {
    heading('Newest open gaps');
    printTable([{ title: 'from' }, { title: 'to' }, { title: 'missing', align: 'right' }, { title: 'severity' }],
      gaps.slice(0, SHOWN).map((row) => [moment(row.gap_start), moment(row.gap_end), count(row.missing_points), row.severity]));
  }
  if (anomalies.length > 0) {
    heading('Newest anomalies to review');
    printTable(
      [{ title: 'at' }, { title: 'type' }, { title: 'severity' }, { title: 'value', align: 'right' }, { title: 'z', align: 'right' }],
      anomalies.slice(0, SHOWN).map((row) => [
        moment(row.timestamp), row.anomaly_type, row.severity, short(row.value), row.z_score === null ? '-' : Number(row.z_score).toFixed(1)]));
  }
  heading('Continuous aggregates');
  printTable([{ title: 'aggregate' }, { title: 'buckets', align: 'right' }, { title: 'first' }, { title: 'last' }],
    aggregates.map((row) => [row.aggregate, count(row.buckets), bucket(row.first_bucket), bucket(row.last_bucket)]));
}

function bucket(at: Date | null): string {
  return at ? moment(at) : '-';
}

/** At most 18 characters of a number. */
function short(value: string | null): string {
  return value === null ? '-' : value.length > 18 ? Number(value).toPrecision(10) : value;
}

function colourOf(state: string): (text: string) => string {
  if (state === 'FRESH') return colours.green;
  if (state === 'CRITICAL') return colours.red;
  return state === 'WARNING' || state === 'STALE' ? colours.yellow : colours.dim;
}
