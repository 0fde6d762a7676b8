/** The chart: candles or a line over volume, anomalies as marks, gaps as stripes. */
import {
  CandlestickSeries, createChart, createSeriesMarkers, CrosshairMode, HistogramSeries, LineSeries, MismatchDirection,
  type IChartApi, type ISeriesApi, type ISeriesMarkersPluginApi, type SeriesMarker, type Time, type UTCTimestamp,
} from './lightweight-charts.mjs';
import type { Style } from './address.js';
import type { Anomaly } from './api.js';
import { after, floor, type Bucket } from './buckets.js';
import type { Point, Points } from './points.js';
import { Shading, type Stripe } from './shading.js';
import { count, price } from './text.js';

export interface ChartEvents {
  /** A point is looked at, by mouse or keyboard; undefined: none any more. */
  onPoint(point: Point | undefined): void;
  /** A point is chosen. */
  onChoose(point: Point): void;
  /** What is seen has changed. How many buckets are loaded before and after it. */
  onScroll(before: number, after: number): void;
}

const seconds = (at: number): UTCTimestamp => at / 1000 as UTCTimestamp;

/** Of a gap not more empty buckets are shown than this at each of its ends. */
const mostEmpty = 15;

/** Room behind the newest point, in buckets. */
const rightOffset = 4;

/** What is seen: how many buckets, and how many of them before a point. */
interface Seen {
  readonly first: Time;
  readonly before: number;
  readonly length: number;
}

export class Chart {
  readonly #chart: IChartApi;
  readonly #events: ChartEvents;
  readonly #container: HTMLElement;
  #levels!: ISeriesApi<'Candlestick'> | ISeriesApi<'Line'>;
  readonly #volume: ISeriesApi<'Histogram'>;
  #marks!: ISeriesMarkersPluginApi<Time>;
  #shading = new Shading();
  #style: Style = 'candles';
  #points: readonly Point[] = [];
  #shown: Points | undefined;
  #at: number | undefined;

  constructor(container: HTMLElement, events: ChartEvents) {
    this.#container = container;
    this.#events = events;
    this.#chart = createChart(container, {
      autoSize: true,
      layout: { attributionLogo: true },
      crosshair: { mode: CrosshairMode.Magnet },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset, minBarSpacing: 0.2 },
      localization: { priceFormatter: price, locale: 'en' },
    });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false, priceLineVisible: false,
    });
    this.#chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#addLevels();
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range === null || this.#points.length === 0) return;
      const last = this.#chart.timeScale().timeToIndex(seconds(this.#points.at(-1)!.at), true) ?? 0;
      events.onScroll(range.from, last - range.to);
    });
    this.#chart.subscribeCrosshairMove(({ time }) => {
      if (time === undefined) return events.onPoint(undefined);
      this.#at = (time as number) * 1000;
      events.onPoint(this.#find(this.#at));
    });
    this.#chart.subscribeClick(({ time }) => {
      const point = time === undefined ? undefined : this.#find((time as number) * 1000);
      if (point) events.onChoose(point);
    });
  }

  /** The last moment that is seen, or null at the newest point. */
  get lastSeen(): number | null {
    const scale = this.#chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (range === null || this.#points.length === 0 || (this.#shown!.isNewest && scale.scrollPosition() > -1)) return null;
    const time = this.#levels.dataByIndex(Math.floor(range.to), MismatchDirection.NearestLeft)?.time;
    return time === undefined ? null : (time as number) * 1000;
  }

  /** Shows what is loaded. The part that is seen stays, unless these are other points: then `to` is at its right edge. */
  show(shown: Points, style: Style, to: number | null): void {
    const isOther = shown !== this.#shown;
    const seen = isOther || this.#points.length === 0 || this.lastSeen === null ? undefined : this.#seen();
    const hadPoints = this.#points.length > 0;
    this.#shown = shown;
    this.#points = shown.points;
    if (style !== this.#style || isOther) {
      this.#style = style;
      this.#chart.removeSeries(this.#levels);
      this.#addLevels();
    }
    const [empty, stripes] = layGaps(shown);
    const levels = [
      ...shown.points.map(({ at, open, high, low, close }) => (
        style === 'candles' ? { time: seconds(at), open, high, low, close } : { time: seconds(at), value: close })),
      ...empty.map((at) => ({ time: seconds(at) })),
    ].sort((a, b) => a.time - b.time);
    this.#levels.setData(levels);
    this.#volume.setData(shown.points.flatMap(({ at, volume }) => (volume === null ? [] : [{ time: seconds(at), value: volume }])));
    this.#shading.show(stripes);
    this.#marks.setMarkers(marksOf(shown.anomalies, shown.points, shown.bucket, this.#colours()));
    if (seen) this.#see(seen);
    if (isOther || !hadPoints) this.#moveTo(to);
    else if (this.#at !== undefined) this.#events.onPoint(this.#find(this.#at));
    if (isOther) this.clear();
  }

  /** Looks at the point so many further on, and scrolls there. */
  step(by: number): void {
    if (this.#points.length === 0) return;
    const last = this.#points.length - 1;
    // Without one it begins with the last that is seen.
    const now = this.#points.findLastIndex(({ at }) => at <= (this.#at ?? this.lastSeen ?? Infinity));
    this.lookAt(this.#points[this.#at === undefined ? Math.max(0, now) : Math.min(last, Math.max(0, now + by))]!.at);
  }

  /** Looks at the point of a moment, if it is loaded. */
  lookAt(at: number): Point | undefined {
    const point = this.#find(at);
    if (!point) return undefined;
    const scale = this.#chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    const index = scale.timeToIndex(seconds(point.at), true);
    if (range !== null && index !== null && (index < range.from || index > range.to)) {
      const half = (range.to - range.from) / 2;
      scale.setVisibleLogicalRange({ from: index - half, to: index + half });
    }
    this.#at = point.at;
    this.#chart.setCrosshairPosition(point.close, seconds(point.at), this.#levels);
    this.#events.onPoint(point);
    return point;
  }

  /** The point that is looked at. */
  get point(): Point | undefined {
    return this.#at === undefined ? undefined : this.#find(this.#at);
  }

  clear(): void {
    this.#at = undefined;
    this.#chart.clearCrosshairPosition();
    this.#events.onPoint(undefined);
  }

  zoom(factor: number): void {
    const scale = this.#chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (range === null) return;
    const cut = ((range.to - range.from) * (1 - factor)) / 2;
    scale.setVisibleLogicalRange({ from: range.from + 2 * cut, to: range.to });
  }

  scrollToNewest(): void {
    this.clear();
    this.#chart.timeScale().scrollToPosition(rightOffset, false);
  }

  scrollToOldest(): void {
    this.clear();
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range !== null) this.#chart.timeScale().setVisibleLogicalRange({ from: 0, to: range.to - range.from });
  }

  /** In the colours of the page, which may have changed. */
  paint(): void {
    const { text, grid, up, down, volume, gap, settled } = this.#colours();
    this.#chart.applyOptions({
      layout: { background: { color: 'transparent' }, textColor: text, fontFamily: 'system-ui, sans-serif' },
      grid: { vertLines: { color: grid }, horzLines: { color: grid } },
      timeScale: { borderColor: grid },
      rightPriceScale: { borderColor: grid },
    });
    this.#volume.applyOptions({ color: volume });
    this.#levels.applyOptions({ priceLineColor: settled });
    this.#shading.colour = gap;
    // A rise is hollow and a fall is full, so that they differ without colour.
    if (this.#style === 'candles') {
      (this.#levels as ISeriesApi<'Candlestick'>).applyOptions({
        upColor: 'transparent', borderUpColor: up, wickUpColor: up, downColor: down, borderDownColor: down, wickDownColor: down,
      });
    } else (this.#levels as ISeriesApi<'Line'>).applyOptions({ color: up, lineWidth: 2 });
    if (this.#shown) this.#marks.setMarkers(marksOf(this.#shown.anomalies, this.#points, this.#shown.bucket, this.#colours()));
  }

  #addLevels(): void {
    this.#levels = this.#style === 'candles' ? this.#chart.addSeries(CandlestickSeries) : this.#chart.addSeries(LineSeries);
    this.#levels.applyOptions({ priceFormat: { type: 'custom', formatter: price, minMove: 1e-9 } });
    this.#shading = new Shading();
    this.#levels.attachPrimitive(this.#shading);
    this.#marks = createSeriesMarkers(this.#levels as ISeriesApi<'Line'>);
    this.paint();
  }

  #find(at: number): Point | undefined {
    return this.#points.find((point) => point.at === at);
  }

  #seen(): Seen | undefined {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    const first = range && this.#levels.dataByIndex(Math.floor(range.from), MismatchDirection.NearestRight)?.time;
    if (!range || first === undefined) return undefined;
    return { first: first!, before: this.#chart.timeScale().timeToIndex(first!, true)! - range.from, length: range.to - range.from };
  }

  #see({ first, before, length }: Seen): void {
    const index = this.#chart.timeScale().timeToIndex(first, true);
    if (index !== null) this.#chart.timeScale().setVisibleLogicalRange({ from: index - before, to: index - before + length });
  }

  #moveTo(to: number | null): void {
    const scale = this.#chart.timeScale();
    if (to === null) return scale.scrollToPosition(rightOffset, false);
    const index = scale.timeToIndex(seconds(to), true);
    const bars = this.#container.clientWidth / scale.options().barSpacing;
    if (index !== null) scale.setVisibleLogicalRange({ from: index - bars + 1, to: index + 1 });
  }

  #colours(): Record<'text' | 'grid' | 'up' | 'down' | 'volume' | 'gap' | 'mark' | 'settled', string> {
    const style = getComputedStyle(this.#container);
    const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    return {
      text: of('text'), grid: of('line'), up: of('up'), down: of('down'), volume: of('volume'), gap: of('gap'), mark: of('mark'), settled: of('muted'),
    };
  }
}

/** Empty buckets to be put into the chart, which has none of itself, and the stripes over them. */
function layGaps({ gaps, points, bucket }: Points): [number[], Stripe[]] {
  const taken = new Set(points.map(({ at }) => at));
  const empty = new Set<number>();
  const stripes: Stripe[] = [];
  for (const { gap_start, gap_end, missing_points } of gaps) {
    const [from, to] = [floor(Date.parse(gap_start), bucket), floor(Date.parse(gap_end), bucket)];
    for (let at = from, i = 0; at <= to && i < mostEmpty; at = after(at, bucket), i++) if (!taken.has(at)) empty.add(at);
    for (let at = to, i = 0; at >= from && i < mostEmpty; at = floor(at - 1, bucket), i++) if (!taken.has(at)) empty.add(at);
    stripes.push({ first: seconds(from), last: seconds(to), text: `${count(missing_points, 'row')} missing` });
  }
  return [[...empty], stripes];
}

/** The worst anomaly of each bucket as a mark: arrows for black swans, squares for others, and a tick when all are settled. */
function marksOf(
  anomalies: readonly Anomaly[], points: readonly Point[], bucket: Bucket, { mark, settled }: { mark: string; settled: string },
): SeriesMarker<Time>[] {
  const taken = new Set(points.map(({ at }) => at));
  const byBucket = new Map<number, Anomaly[]>();
  for (const anomaly of anomalies) {
    const at = floor(Date.parse(anomaly.timestamp), bucket);
    // Gaps are stripes.
    if (!taken.has(at) || anomaly.anomaly_type === 'missing_data') continue;
    byBucket.set(at, [...byBucket.get(at) ?? [], anomaly]);
  }
  return [...byBucket].sort(([a], [b]) => a - b).map(([at, all]) => {
    const isSettled = all.every(({ resolved_at }) => resolved_at !== null);
    const isSwan = all.some(({ anomaly_type }) => anomaly_type === 'outlier_6sigma');
    const name = isSwan ? '6σ' : all.some(({ anomaly_type }) => anomaly_type === 'outlier_4sigma') ? '4σ' : '!';
    return {
      time: seconds(at),
      position: 'aboveBar' as const,
      shape: isSwan ? 'arrowDown' as const : 'square' as const,
      color: isSettled ? settled : mark,
      text: isSettled ? '✓' : all.length > 1 ? `${name} ×${all.length}` : name,
      size: 0.8,
    };
  });
}
