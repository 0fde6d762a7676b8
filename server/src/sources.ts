/** Sources by name and by number. A name may be given to another source, so what is known is not kept for long. */
import { sources, type Database } from 'btc-dashboard-db';
import { Problem } from './problems.js';

/** How old an answer may be. Whether there is no such source is asked each time: it may just have been registered. */
const rememberedMs = 1000;

interface Known {
  readonly at: number;
  readonly ids: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
}

export class SourceNames {
  readonly #db: Database;
  #known: Promise<Known> | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws {Problem} UNKNOWN_SOURCE */
  async idOf(source: string): Promise<number> {
    return this.#find(source, ({ ids, names }) => ids.get(source) ?? (names.has(Number(source)) ? Number(source) : undefined));
  }

  /** @throws {Problem} UNKNOWN_SOURCE */
  async nameOf(source: string): Promise<string> {
    return this.#find(source, ({ ids, names }) => (ids.has(source) ? source : names.get(Number(source))));
  }

  async #find<T>(source: string, look: (known: Known) => T | undefined): Promise<T> {
    const found = look(await this.#load(rememberedMs)) ?? look(await this.#load(0));
    if (found !== undefined) return found;
    throw new Problem(404, 'UNKNOWN_SOURCE', `There is no source ${JSON.stringify(source.slice(0, 100))}. GET /api/sources lists them.`);
  }

  async #load(maxAgeMs: number): Promise<Known> {
    const known = await this.#known;
    if (known && Date.now() - known.at < maxAgeMs) return known;
    const asked = this.#ask();
    this.#known = asked;
    // Whoever waits for it hears of the error; the next one asks again.
    asked.catch(() => (this.#known = undefined));
    return asked;
  }

  async #ask(): Promise<Known> {
    const at = Date.now();
    const rows = await sources.list.run({}, this.#db);
    return {
      at,
      ids: new Map(rows.map(({ name, source_id }) => [name, source_id])),
      names: new Map(rows.map(({ name, source_id }) => [source_id, name])),
    };
  }
}
