/** An invented market: series that look like real ones, and are the same for the same end and seed. */
import { Random } from './random.js';

export interface Candle {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface Point {
  readonly at: number;
  readonly value: number;
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export interface CandleOptions {
  readonly seed: number;
  /** Opening time of the last candle. */
  readonly last: number;
  readonly count: number;
  readonly step: number;
  /** Price before the first candle. */
  readonly start: number;
  /** Standard deviation of the logarithm over one candle, in calm times. */
  readonly sigma: number;
  readonly volume: number;
  /** Factor of sigma while the candle of this opening time is made. */
  readonly calm?: (at: number) => number;
  /** Adds to the logarithm of the price while the candle of this opening time is made. */
  readonly shock?: (at: number) => { readonly dip: number; readonly shift: number } | undefined;
}

/** A random walk whose volatility comes in waves and remembers large moves. */
export function candles({ seed, last, count, step, start, sigma, volume, calm = () => 1, shock }: CandleOptions): Candle[] {
  const random = new Random(seed);
  const result: Candle[] = [];
  let price = start;
  let heat = 1;
  for (let i = 0; i < count; i++) {
    // Counted from the end, so that the series is the same whenever it ends.
    const since = (i - (count - 1)) * step;
    const at = last + since;
    const wave = (1 + 0.35 * Math.sin((2 * Math.PI * since) / (41 * day)) + 0.2 * Math.sin((2 * Math.PI * since) / day)) * calm(at);
    // A pull towards the start keeps two years of it within sight.
    const drift = -0.02 * sigma * Math.log(price / start);
    const open = price;
    let [high, low] = [open, open];
    let move = 0;
    for (let part = 0; part < 4; part++) {
      const change = drift / 4 + (sigma / 2) * wave * heat * random.normal();
      move += change;
      price *= Math.exp(change);
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    const event = shock?.(at);
    if (event) {
      price *= Math.exp(event.shift);
      low = Math.min(low, price, open * Math.exp(event.dip));
      high = Math.max(high, price);
      move += event.dip;
    }
    heat = 0.97 * heat + 0.03 * Math.min(3, 0.4 + Math.abs(move) / (sigma * 0.9));
    const size = Math.exp(0.4 * random.normal()) * (1 + Math.min(12, Math.abs(move) / sigma));
    result.push({ at, open, high, low, close: price, volume: (volume * size * step) / hour });
  }
  return result;
}

/** The relative strength index of Wilder over `periods` candles; nothing for the first of them. */
export function rsi(closes: readonly Candle[], periods: number): Point[] {
  const points: Point[] = [];
  let [gain, loss] = [0, 0];
  for (let i = 1; i < closes.length; i++) {
    const [before, now] = [closes[i - 1] as Candle, closes[i] as Candle];
    const change = now.close - before.close;
    const weight = Math.min(i, periods);
    gain = (gain * (weight - 1) + Math.max(change, 0)) / weight;
    loss = (loss * (weight - 1) + Math.max(-change, 0)) / weight;
    if (i >= periods) points.push({ at: now.at, value: 100 - 100 / (1 + gain / (loss || Number.MIN_VALUE)) });
  }
  return points;
}

/** A series that swings around a mean and comes back to it. */
export function swinging(options: {
  readonly seed: number;
  readonly moments: readonly number[];
  readonly mean: number;
  readonly sigma: number;
  /** How much of the distance from the mean is left after a step. */
  readonly memory: number;
}): Point[] {
  const random = new Random(options.seed);
  let distance = 0;
  return options.moments.map((at) => {
    distance = options.memory * distance + options.sigma * random.normal();
    return { at, value: options.mean + distance };
  });
}

/** Moments every `step`, the last one included. */
export function every(step: number, last: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => last - (count - 1 - i) * step);
}

export function floorTo(step: number, at: number): number {
  return Math.floor(at / step) * step;
}

/** Monday to Friday. */
export function isWeekday(at: number): boolean {
  return new Date(at).getUTCDay() % 6 !== 0;
}
