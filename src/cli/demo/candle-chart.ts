/** Candles in a terminal: one column each, two steps a row. */

export interface ChartCandle {
  readonly at: Date;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume?: number;
}

export interface ChartOptions {
  /** Rows of the chart, without its axis. */
  readonly height: number;
  /** Colours; without them rising and falling candles have other shapes. */
  readonly colours?: Readonly<Record<'rise' | 'fall' | 'dim', (text: string) => string>>;
}

/** What the lower or upper half of a cell shows: nothing, the wick, the body. */
type Part = 0 | 1 | 2;

// By what the upper half shows, then the lower.
const lines = [
  [' ', '╷', '╻'],
  ['╵', '│', '╽'],
  ['╹', '╿', '┃'],
] as const;
const blocks = [
  [' ', '╷', '▄'],
  ['╵', '│', '▄'],
  ['▀', '▀', '█'],
] as const;

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const datesEvery = 12;

/** Lines of the chart: prices at the right, volume and dates below. Nothing when there are no candles. */
export function candleChart(candles: readonly ChartCandle[], { height, colours }: ChartOptions): string[] {
  if (candles.length === 0) return [];
  const plain = (text: string): string => text;
  const { rise, fall, dim } = colours ?? { rise: plain, fall: plain, dim: plain };
  const lowest = Math.min(...candles.map(({ low }) => low));
  const highest = Math.max(...candles.map(({ high }) => high));
  const range = highest - lowest || 1;
  const steps = 2 * height - 1;
  const stepOf = (price: number): number => Math.round(((price - lowest) / range) * steps);

  const columns = candles.map(({ open, high, low, close }) => {
    const [bottom, top] = [stepOf(Math.min(open, close)), stepOf(Math.max(open, close))];
    const [from, to] = [stepOf(low), stepOf(high)];
    const partAt = (step: number): Part => (step >= bottom && step <= top ? 2 : step >= from && step <= to ? 1 : 0);
    const isRise = close >= open;
    const glyphs = isRise || colours ? lines : blocks;
    const paint = isRise ? rise : fall;
    return (row: number): string => {
      const glyph = glyphs[partAt(2 * row + 1)][partAt(2 * row)];
      return glyph === ' ' ? glyph : paint(glyph);
    };
  });

  const labels = Array.from({ length: height }, (_, row) => priceLabel(lowest + ((row + 0.5) / height) * range, range));
  const result = Array.from({ length: height }, (_, i) => {
    const row = height - 1 - i;
    const label = i % 3 === 0 || row === 0 ? ` ┤ ${labels[row]}` : ' │';
    return `${columns.map((glyphAt) => glyphAt(row)).join('')}${dim(label)}`;
  });

  const largest = Math.max(...candles.map(({ volume }) => volume ?? 0));
  if (largest > 0) {
    const volumes = candles.map(({ volume }) => bars[Math.round(((volume ?? 0) / largest) * (bars.length - 1))]).join('');
    result.push(dim(`${volumes} │ volume`));
  }
  result.push(dim(dates(candles)));
  return result;
}

/** As many digits as the range of the chart deserves. */
function priceLabel(price: number, range: number): string {
  const digits = Math.max(0, Math.min(8, 2 - Math.floor(Math.log10(range))));
  return price.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function dates(candles: readonly ChartCandle[]): string {
  let line = '';
  for (let i = 0; i < candles.length; i += datesEvery) {
    const { at } = candles[i] as ChartCandle;
    line = `${line.padEnd(i)}${at.getUTCDate()} ${months[at.getUTCMonth()]}`;
  }
  return line;
}
