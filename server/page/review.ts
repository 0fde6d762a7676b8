/** Anomalies that wait for somebody to look at them, and what people say about them. */
import { Failure, get, post, type Anomaly, type AnomalyToReview } from './api.js';
import { button, isolated, make, part } from './dom.js';
import { anomalyKind, count, moment } from './text.js';
import { askForToken, token } from './token.js';

export interface ReviewEvents {
  /** Somebody wants to see it in the chart. */
  onShow(source: string, at: number): void;
  /** Somebody has said something about one. */
  onSettled(source: string, at: number): void;
}

const list = part('review-list', HTMLOListElement);
const summary = part('review-summary', HTMLParagraphElement);
const more = part('review-more', HTMLButtonElement);
const said = part('said', HTMLParagraphElement);

const page = 30;

/** What people can say. */
const verdicts = [
  { path: 'resolve', label: 'Resolve', title: 'The row is wrong and has been dealt with', done: 'resolved' },
  { path: 'false-positive', label: 'False alarm', title: 'The row is right', done: 'marked as a false alarm' },
  { path: 'review', label: 'Seen', title: 'Somebody has looked at it; it stays open', done: 'marked as seen' },
] as const;

export class Review {
  readonly #events: ReviewEvents;
  #shown: readonly AnomalyToReview[] = [];
  #items: ReadonlyMap<string, HTMLLIElement> = new Map();

  constructor(events: ReviewEvents) {
    this.#events = events;
    more.addEventListener('click', () => void this.#loadMore());
  }

  /** As much of the list as is shown, at least its first page. */
  async load(): Promise<void> {
    const limit = Math.max(page, this.#shown.length);
    this.#shown = await get<AnomalyToReview[]>('/api/anomalies', { limit }, true);
    this.#show(this.#shown.length === limit);
  }

  async #loadMore(): Promise<void> {
    const last = this.#shown.at(-1);
    if (!last) return;
    const older = await get<AnomalyToReview[]>('/api/anomalies', { limit: page, before: last.timestamp, before_id: last.anomaly_id }, true);
    this.#shown = [...this.#shown, ...older];
    this.#show(older.length === page);
  }

  #show(hasMore: boolean): void {
    more.hidden = !hasMore;
    summary.textContent = this.#shown.length === 0
      ? 'Nothing waits for a review.' : `${hasMore ? 'The newest ' : ''}${count(this.#shown.length, 'anomaly').replace('anomalys', 'anomalies')}, newest first.`;
    // What is listed already stays as it is: somebody may be writing notes on it.
    const items = this.#items;
    this.#items = new Map(this.#shown.map((anomaly) => [anomaly.anomaly_id, items.get(anomaly.anomaly_id) ?? this.#item(anomaly)]));
    for (const [id, item] of items) if (!this.#items.has(id)) item.remove();
    [...this.#items.values()].forEach((item, i) => {
      if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null);
    });
  }

  #item(anomaly: AnomalyToReview): HTMLLIElement {
    const { source_name, timestamp } = anomaly;
    const show = button('Show', () => this.#events.onShow(source_name, Date.parse(timestamp)), {
      'aria-label': `Show ${source_name} at ${moment(timestamp)}`,
    });
    return make('li', {},
      make('div', { class: 'line' }, isolated(source_name, { class: 'title' }), show),
      anomalyText(anomaly),
      this.verdicts(anomaly, source_name));
  }

  /** The buttons for what can be said about an anomaly. */
  verdicts(anomaly: Anomaly, source: string): HTMLElement {
    const notes = make('input', { type: 'text', maxlength: '500', placeholder: 'Notes (optional)', 'aria-label': 'Notes' });
    return make('form', { class: 'verdicts', submit: (event) => event.preventDefault() }, notes,
      ...verdicts.map((verdict) => (
        button(verdict.label, () => void this.#say(anomaly, source, verdict, notes.value), { title: verdict.title }))));
  }

  async #say(anomaly: Anomaly, source: string, verdict: (typeof verdicts)[number], notes: string): Promise<void> {
    const { path, done } = verdict;
    if (token() === null && !await askForToken('This takes the token of a curator: btcdb token create NAME --role curator')) return;
    try {
      await post(`/api/anomalies/${anomaly.anomaly_id}/${path}`, notes.trim() === '' ? {} : { notes: notes.trim() });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const isRefused = error.status === 401 || error.status === 403;
      if (isRefused && await askForToken(error.message)) return this.#say(anomaly, source, verdict, notes);
      said.textContent = `Not ${done}: ${error.message}`;
      return;
    }
    said.textContent = `${anomalyKind(anomaly.anomaly_type)} of ${source} at ${moment(anomaly.timestamp)}: ${done}.`;
    this.#events.onSettled(source, Date.parse(anomaly.timestamp));
  }
}

/** An anomaly in words. */
export function anomalyText({ anomaly_type, severity, timestamp, value, z_score, expected_value, context }: Anomaly): HTMLElement {
  const parts = [
    value === null ? null : `level ${value}`,
    expected_value === null ? null : `mean of its history ${shortened(expected_value)}`,
    z_score === null ? null : `${Math.abs(Number(z_score)).toFixed(1)} standard deviations ${Number(z_score) < 0 ? 'below' : 'above'}`,
    context.flat_history === true ? 'after a flat history' : null,
    context.missing_points === undefined ? null : `${count(context.missing_points, 'row')} missing`,
    context.gap_end === undefined ? null : `until ${moment(context.gap_end)}`,
  ];
  return make('div', { class: 'anomaly' },
    make('strong', {}, `${severity} ${anomalyKind(anomaly_type)}`), ` at ${moment(timestamp)}`,
    make('div', {}, parts.filter((text) => text !== null).join(' · ')));
}

/** A mean has more digits than anybody reads. */
const shortened = (decimal: string): string => (decimal.length > 14 ? Number(decimal).toPrecision(8) : decimal);
