/** What is behind a point: its rows, and of one row the score, why it has it, its anomalies and its history. */
import { get, getExact, sourcePath, type Anomaly, type AuditEntry, type Check, type Row } from './api.js';
import { after, type Bucket } from './buckets.js';
import { make, part } from './dom.js';
import { anomalyText, type Review } from './review.js';
import { count, moment } from './text.js';

const panel = part('row', HTMLElement);

/** Of a bucket not more rows are listed at once. */
const mostRows = 50;

const fields = ['open', 'high', 'low', 'close', 'volume', 'value'] as const;

export class Details {
  readonly #review: Review;
  /** Counts what was asked for, so that a late answer is not shown over a newer one. */
  #asked = 0;
  #shown: { readonly source: string; readonly at: number; readonly bucket: Bucket; readonly row: number | null } | undefined;

  constructor(review: Review) {
    this.#review = review;
  }

  clear(): void {
    this.#asked++;
    this.#shown = undefined;
    panel.replaceChildren(make('p', {}, 'Choose a point of the chart: with a click, or with ← → and Enter.'));
  }

  /** Shows the rows of a bucket, and one of them: that of the moment `row`, else the worst anomaly or the last. */
  async open(source: string, at: number, bucket: Bucket, row: number | null = null): Promise<void> {
    const asked = ++this.#asked;
    this.#shown = { source, at, bucket, row };
    const range = { from: at, to: after(at, bucket) };
    const path = sourcePath(source);
    const [rows, anomalies] = await Promise.all([
      get<Row[]>(`${path}/rows`, { ...range, limit: mostRows + 1 }, true),
      get<Anomaly[]>(`${path}/anomalies`, { ...range, sort: 'severity', limit: mostRows }, true),
    ]);
    const worst = anomalies.find(({ anomaly_type }) => anomaly_type !== 'missing_data')?.timestamp;
    const wanted = row === null ? worst : new Date(row).toISOString();
    let chosen = rows.find(({ timestamp }) => timestamp === wanted) ?? rows[Math.min(rows.length, mostRows) - 1];
    if (wanted !== undefined && chosen?.timestamp !== wanted) {
      // It is beyond those that are listed.
      const moment = Date.parse(wanted);
      chosen = (await get<Row[]>(`${path}/rows`, { from: moment, to: moment + 1, limit: 1 }, true))[0] ?? chosen;
    }
    if (!chosen) {
      if (asked === this.#asked) panel.replaceChildren(make('p', {}, 'There are no rows here any more.'));
      return;
    }
    const rowPath = `${path}/rows/${encodeURIComponent(chosen.timestamp)}`;
    const [checks, audit] = await Promise.all([
      get<Check[]>(`${rowPath}/score`, {}, true), getExact<AuditEntry[]>(`${rowPath}/audit`, { limit: 200 }),
    ]);
    if (asked !== this.#asked) return;
    panel.replaceChildren(
      make('h3', {}, make('time', { datetime: chosen.timestamp }, `${moment(chosen.timestamp)} UTC`)),
      ...this.#choice(rows, chosen, bucket),
      values(chosen),
      ...score(chosen, checks),
      ...this.#anomalies(anomalies.filter(({ timestamp }) => timestamp === chosen.timestamp), source),
      ...history(audit),
    );
  }

  /** What is shown again, for instance because it has changed. */
  async reload(): Promise<void> {
    const { source, at, bucket, row } = this.#shown ?? {};
    if (source !== undefined) await this.open(source, at!, bucket!, row);
  }

  /** Whether a range of a source, both ends included, is shown. */
  shows(source: string, from: number, to: number): boolean {
    const shown = this.#shown;
    return shown?.source === source && from < after(shown.at, shown.bucket) && to >= shown.at;
  }

  #choice(rows: readonly Row[], chosen: Row, bucket: Bucket): HTMLElement[] {
    if (rows.length < 2) return [];
    const { source, at } = this.#shown!;
    const listed = rows.slice(0, mostRows);
    const select = make('select', {
      'aria-label': 'Row of this bucket',
      change: () => void this.open(source, at, bucket, Date.parse(select.value)),
    }, ...(listed.includes(chosen) ? listed : [...listed, chosen]).map((row) => make('option',
      { value: row.timestamp, selected: row === chosen },
      `${moment(row.timestamp)}  ${row.close ?? row.value ?? 'no level'}  score ${row.quality_score}${row.is_anomaly ? '  anomaly' : ''}`)));
    return [make('p', {}, rows.length > mostRows ? `More than ${mostRows} rows: ` : `${count(rows.length, 'row')}: `, select)];
  }

  #anomalies(anomalies: readonly Anomaly[], source: string): HTMLElement[] {
    if (anomalies.length === 0) return [];
    return [make('h4', {}, 'Anomalies'), ...anomalies.map((anomaly) => make('div', {}, anomalyText(anomaly), settlement(anomaly),
      anomaly.resolved_at === null ? this.#review.verdicts(anomaly, source) : null))];
  }
}

function values(row: Row): HTMLElement {
  const given = fields.filter((field) => row[field] !== null);
  return make('dl', { class: 'values' }, ...(given.length > 0 ? given : ['value'] as const).flatMap((field) => [
    make('dt', {}, field), make('dd', {}, row[field] ?? 'none')]));
}

function score(row: Row, checks: readonly Check[]): HTMLElement[] {
  const lost = checks.reduce((sum, { points_lost }) => sum + points_lost, 0);
  const isOld = Math.max(0, 100 - lost) !== row.quality_score;
  return [
    make('h4', {}, `Score ${row.quality_score} of 100`),
    make('meter', { min: '0', max: '100', low: '60', high: '90', optimum: '100', value: String(row.quality_score), 'aria-label': 'Score' }),
    make('table', { id: 'checks' }, make('caption', { class: 'unseen' }, 'What each check takes off'),
      make('tbody', {}, ...checks.map(({ check_name, points_lost, detail }) => make('tr', {},
        make('th', { scope: 'row' }, check_name),
        make('td', { class: 'points' }, points_lost === 0 ? '✓ 0' : `✗ −${points_lost}`),
        make('td', {}, detail ?? ''))))),
    make('p', {}, [
      row.is_validated ? 'It violates no rule of severity ERROR.' : 'It violates a rule of severity ERROR: not validated.',
      row.is_anomaly ? 'It is an outlier of its history.' : '',
      isOld ? 'Rows before it have changed since it was scored; rescore would put its score right.' : '',
    ].join(' ')),
  ];
}

function settlement({ resolved_at, resolved_by, is_false_positive, reviewed, resolution_notes }: Anomaly): HTMLElement {
  const verdict = resolved_at === null
    ? (reviewed ? 'Seen, still open' : 'Open')
    : `${is_false_positive ? 'False alarm' : 'Resolved'}, by ${resolved_by} at ${moment(resolved_at!)}`;
  return make('p', {}, `${resolved_at === null ? '○' : '✓'} ${verdict}${resolution_notes ? `: ${resolution_notes}` : ''}`);
}

/** The audit log, newest first. */
function history(audit: readonly AuditEntry[]): HTMLElement[] {
  return [
    make('h4', {}, 'History'),
    make('ol', { id: 'history', class: 'history' }, ...audit.toReversed().map((entry) => {
      const { action, is_range, changed_by, changed_at, reason, changed_fields, old_value, new_value } = entry;
      const changes = action === 'INSERT' || is_range ? [] : changed_fields ?? [];
      return make('li', {},
        make('strong', {}, is_range ? `${action}, with ${count(number(new_value ?? old_value), 'row')}` : action),
        ` by ${changed_by} at ${moment(changed_at)}`,
        reason === null ? null : make('div', {}, `Reason: ${reason}`),
        ...changes.map((field) => make('div', { class: 'change' }, `${field}: ${text(old_value?.[field])} → ${text(new_value?.[field])}`)));
    })),
    ...(audit.length === 0 ? [make('p', {}, 'The audit log says nothing about it.')] : []),
  ];
}

const number = (value: AuditEntry['new_value']): number => Number(value?.['rows'] ?? 1);

const text = (value: unknown): string => (value === null || value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value));
