/** The list of sources: how fresh each is, and how good. */
import { get, type Freshness, type Quality, type SourceEntry } from './api.js';
import { isolated, make, part } from './dom.js';
import { age, count } from './text.js';

export interface Source extends Freshness, Quality, SourceEntry {}

const list = part('source-list', HTMLUListElement);
const search = part('search', HTMLInputElement);
const summary = part('source-summary', HTMLParagraphElement);

/** In words and signs, so that none is told by its colour alone. */
const signs: Readonly<Record<string, string>> = { FRESH: '✓', WARNING: '△', STALE: '▲', CRITICAL: '‼', EMPTY: '∅', INACTIVE: '–' };

export class SourceList {
  sources: readonly Source[] = [];
  #chosen: string | null = null;
  readonly #onChoose: (name: string) => void;

  constructor(onChoose: (name: string) => void) {
    this.#onChoose = onChoose;
    search.addEventListener('input', () => this.#show());
    search.addEventListener('keydown', (event) => {
      const first = this.#found()[0];
      if (event.key === 'Enter' && first) this.#onChoose(first.name);
      else if (event.key === 'ArrowDown') list.querySelector('button')?.focus();
      else return;
      event.preventDefault();
    });
  }

  async load(fresh: boolean): Promise<void> {
    const limit = 10_000;
    const [sources, freshness, quality] = await Promise.all([
      get<SourceEntry[]>('/api/sources', { limit }, fresh),
      get<Freshness[]>('/api/freshness', { limit }, fresh),
      get<Quality[]>('/api/quality', { limit }, fresh),
    ]);
    const entries = new Map(sources.map((source) => [source.source_id, source]));
    const qualities = new Map(quality.map((source) => [source.source_id, source]));
    // One that was registered between two of the answers comes with the next ones.
    this.sources = freshness.flatMap((source) => {
      const [entry, its] = [entries.get(source.source_id), qualities.get(source.source_id)];
      return entry && its ? [{ ...entry, ...its, ...source }] : [];
    });
    this.#show();
  }

  find(name: string | null): Source | undefined {
    return this.sources.find((source) => source.name === name);
  }

  choose(name: string | null): void {
    this.#chosen = name;
    this.#show();
    list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }

  /** The name of the source so many further down the list. */
  beside(by: number): string | undefined {
    const found = this.#found();
    const index = found.findIndex(({ name }) => name === this.#chosen);
    return found[index === -1 ? 0 : Math.min(found.length - 1, Math.max(0, index + by))]?.name;
  }

  #found(): readonly Source[] {
    const words = search.value.toLowerCase().split(/\s+/);
    return this.sources.filter(({ name, display_name, category }) => {
      const text = `${name} ${display_name} ${category}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  #show(): void {
    const found = this.#found();
    const focused = (document.activeElement as HTMLElement | null)?.closest('li')?.dataset['source'];
    list.replaceChildren(...found.map((source) => this.#item(source)));
    summary.textContent = this.sources.length === 0
      ? 'There are no sources yet. btcdb import registers some.'
      : `${found.length === this.sources.length ? '' : `${found.length} of `}${count(this.sources.length, 'source')}`;
    // The list was made anew, and whoever was in it is still there.
    if (focused !== undefined) [...list.children].find((item) => (item as HTMLElement).dataset['source'] === focused)?.querySelector('button')?.focus();
  }

  #item(source: Source): HTMLLIElement {
    const { name, display_name, freshness, last_timestamp, avg_quality_score, open_anomalies, open_gaps } = source;
    const facts = [
      last_timestamp === null ? 'no rows' : `${age(last_timestamp)} old`,
      avg_quality_score === null ? null : `quality ${Number(avg_quality_score).toFixed(1)}`,
      open_anomalies === '0' ? null : count(open_anomalies, 'open anomaly').replace('anomalys', 'anomalies'),
      open_gaps === '0' ? null : count(open_gaps, 'gap'),
    ];
    const item = make('li', {},
      make('button', { type: 'button', 'aria-current': name === this.#chosen ? 'true' : false, click: () => this.#onChoose(name) },
        isolated(display_name, { class: 'title' }),
        make('span', { class: `freshness ${freshness.toLowerCase()}` }, `${signs[freshness] ?? '?'} ${freshness.toLowerCase()}`),
        isolated(name, { class: 'name' }),
        make('span', { class: 'facts' }, facts.filter((fact) => fact !== null).join(' · '))));
    item.dataset['source'] = name;
    return item;
  }
}
