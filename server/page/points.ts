/** The points of one source in one width of buckets, with its gaps and anomalies: loaded piece by piece, in order of time. */
import { get, sourcePath, type Anomaly, type Gap, type Row } from './api.js';
import { after, floor, width, type Bucket } from './buckets.js';

/** A point of a line has four equal levels. */
export interface Point {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number | null;
}

/** As many buckets are asked for at once. */
const page = 500;
/** In a live range that is as long as what is loaded. */
const most = 100_000;

/** No row is older. */
const firstMoment = Date.parse('0001-01-01T00:00:00Z');

/** A range of time, its end excluded. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
  readonly anomalies: readonly Anomaly[];
  readonly gaps: readonly Gap[];
  /** The range of which the gaps are known now, both ends included. */
  readonly searched: readonly [from: number, to: number];
}

export class Points {
  /** In order of time, each moment once. */
  points: readonly Point[] = [];
  anomalies: readonly Anomaly[] = [];
  #gaps: readonly Gap[] = [];
  /** What is loaded: from here (included) … */
  #from = 0;
  /** … to here (excluded). Infinity: to the newest point, and all that are to come. */
  #to = Infinity;
  #isOldest = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(readonly source: string, readonly hasCandles: boolean, readonly bucket: Bucket) {}

  /** Whether all newer points come by news. */
  get isNewest(): boolean {
    return this.#to === Infinity;
  }

  /** Between points that are loaded: what is missing before the first may be the beginning of all, and after the last not yet be there. */
  get gaps(): readonly Gap[] {
    const [first, last] = [this.points[0]?.at ?? Infinity, this.points.at(-1)?.at ?? -Infinity];
    return this.#gaps.filter((gap) => floor(bounds(gap)[0], this.bucket) >= first && floor(bounds(gap)[1], this.bucket) <= last);
  }

  /** The points up to a moment, or the newest. `last`: of the newest row, as far as it is known. */
  load(to: number | null, last: number | null): Promise<void> {
    return this.#inTurn(async () => {
      const { bucket } = this;
      const length = page * width(bucket);
      const end = to === null || (last !== null && to > last) ? Infinity : after(to, bucket) + length / 4;
      const from = floor((end === Infinity ? last ?? Date.now() : end) - length, bucket);
      let piece = await this.#ask(from, end, true);
      if (piece.points.length === 0) piece = await this.#newestBefore(end, true) ?? piece;
      this.points = piece.points;
      this.#isOldest = piece.points.length === 0 && end === Infinity;
      this.#from = piece.from;
      this.#to = end;
      this.#keep(piece);
    });
  }

  /** Whether there were older points. */
  loadOlder(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#isOldest) return false;
      const from = floor(this.#from - page * width(this.bucket), this.bucket);
      let piece = await this.#ask(from, this.#from);
      // Farther away than a page: the newest before it, wherever that is.
      if (piece.points.length === 0) {
        const found = await this.#newestBefore(this.#from);
        this.#isOldest = found === undefined;
        piece = found ?? piece;
      }
      this.points = [...piece.points, ...this.points];
      this.#from = piece.from;
      this.#keep(piece);
      return piece.points.length > 0;
    });
  }

  /** Whether anything came of it: newer points, or the end of them. */
  loadNewer(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.isNewest) return false;
      const rows = await get<Row[]>(`${sourcePath(this.source)}/rows`, { from: this.#to, limit: 1 }, true);
      if (rows[0] === undefined) {
        this.#to = Infinity;
        return true;
      }
      const next = floor(Date.parse(rows[0].timestamp), this.bucket);
      const piece = await this.#ask(this.#to, floor(next + page * width(this.bucket), this.bucket));
      this.points = [...this.points, ...piece.points];
      this.#to = piece.to;
      this.#keep(piece);
      return true;
    });
  }

  /** Loads again what is shown of a range, both ends included. */
  refresh(first: number, last: number): Promise<void> {
    return this.#inTurn(async () => {
      if (this.points.length === 0) this.#from = Math.min(this.#from, floor(first, this.bucket));
      if (first < this.#from) this.#isOldest = false;
      await this.#replace(Math.max(floor(first, this.bucket), this.#from), Math.min(after(last, this.bucket), this.#to));
    });
  }

  /** Loads again all that is shown, up to the same end: at an open one nothing is missing yet. */
  refreshAll(): Promise<void> {
    return this.#inTurn(() => this.#replace(this.#from, this.#to));
  }

  async #replace(from: number, to: number): Promise<void> {
    if (from >= to) return;
    const piece = await this.#ask(from, to, true);
    this.points = [
      ...this.points.filter(({ at }) => at < from), ...piece.points, ...this.points.filter(({ at }) => at >= to)];
    this.#keep(piece);
  }

  /** One after the other: each begins where the one before it has ended. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#running.then(work, work);
    this.#running = result.catch(() => undefined);
    return result;
  }

  async #newestBefore(to: number, fresh = false): Promise<Piece | undefined> {
    const [last] = (await this.#points(undefined, to, 1, fresh)).slice(-1);
    if (last === undefined) return undefined;
    return this.#ask(floor(last.at - (page - 1) * width(this.bucket), this.bucket), to, fresh);
  }

  async #ask(start: number, to: number, fresh = false): Promise<Piece> {
    const from = Math.max(start, firstMoment);
    const range = { from, to: open(to) };
    const path = sourcePath(this.source);
    // A gap that reaches over a bound, or begins there, is searched as a whole.
    const reach = width(this.bucket);
    const near = this.#gaps.map(bounds).filter(([first, last]) => last >= from - reach && first < to + reach);
    const searched = [Math.min(from, ...near.map(([first]) => first)), Math.max(to - 1, ...near.map(([, last]) => last))] as const;
    const [points, gaps, anomalies] = await Promise.all([
      this.#points(from, to, most, fresh),
      get<Gap[]>(`${path}/gaps`, { from: searched[0], to: open(searched[1]), limit: 1000 }, fresh),
      get<Anomaly[]>(`${path}/anomalies`, { ...range, sort: 'severity', limit: 1000 }, fresh),
    ]);
    return { from, to, points, anomalies, gaps, searched };
  }

  async #points(from: number | undefined, to: number, limit: number, fresh: boolean): Promise<Point[]> {
    const params = { bucket: this.bucket, from, to: open(to), limit };
    const path = sourcePath(this.source);
    if (!this.hasCandles) {
      const line = await get<[number, number][]>(`${path}/line`, params, fresh);
      return line.map(([at, level]) => ({ at, open: level, high: level, low: level, close: level, volume: null }));
    }
    const candles = await get<[number, number, number, number, number, number | null][]>(`${path}/chart`, params, fresh);
    return candles.map(([at, open, high, low, close, volume]) => ({ at, open, high, low, close, volume }));
  }

  /** What is known of a range is replaced. */
  #keep({ from, to, gaps, searched, anomalies }: Piece): void {
    const [first, last] = searched;
    this.#gaps = [...this.#gaps.filter((gap) => bounds(gap)[1] < first || bounds(gap)[0] > last), ...gaps]
      .sort((a, b) => Date.parse(a.gap_start) - Date.parse(b.gap_start));
    const isOutside = (at: number): boolean => at < from || at >= to;
    this.anomalies = [...this.anomalies.filter(({ timestamp }) => isOutside(Date.parse(timestamp))), ...anomalies]
      .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
  }
}

const bounds = ({ gap_start, gap_end }: Gap): [first: number, last: number] => [Date.parse(gap_start), Date.parse(gap_end)];

/** An end for a request: none where it is open. */
const open = (to: number): number | undefined => (to === Infinity ? undefined : to);
