/** Candles, cell by cell. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { candleChart, type ChartCandle } from '../../../src/cli/demo/candle-chart.js';

const test = suite('demo: candle chart');

function candle(open: number, high: number, low: number, close: number, volume?: number): ChartCandle {
  return { at: new Date('2026-03-04T00:00:00Z'), open, high, low, close, ...(volume === undefined ? {} : { volume }) };
}

const paint = { rise: (text: string) => `+${text}`, fall: (text: string) => `-${text}`, dim: () => '' };

/** The columns of the chart, without labels, dates and colours, top to bottom. */
function columns(candles: ChartCandle[], height: number, colours = true): string[] {
  const lines = candleChart(candles, { height, ...(colours ? { colours: paint } : {}) }).slice(0, height).map((line) => [...line.replace(/[+-]/g, '')]);
  return candles.map((_, i) => lines.map((line) => line[i]).join(''));
}

test('body and wick, in halves of a cell', () => {
  // Eight halves: prices 0 to 7.
  assert.equal(columns([candle(2, 7, 0, 5)], 4), ['│┃┃│']);
  assert.equal(columns([candle(1, 7, 0, 6)], 4), ['╽┃┃╿']);
  assert.equal(columns([candle(0, 7, 0, 7)], 4), ['┃┃┃┃']);
  assert.equal(columns([candle(0, 7, 0, 7), candle(3, 5, 2, 4)], 4)[1], ' ╽╿ ');
  assert.equal(columns([candle(0, 7, 0, 7), candle(3, 4, 3, 4)], 4)[1], ' ╻╹ ');
  assert.equal(columns([candle(0, 7, 0, 7), candle(6, 6, 1, 6)], 4)[1], '╻││╵');
});

test('falling candles are red, or of another shape where there are no colours', () => {
  const [first] = candleChart([candle(7, 7, 0, 0), candle(0, 7, 0, 7)], { height: 4, colours: paint });
  assert.match(first ?? '', /^-┃\+┃/);
  assert.equal(columns([candle(7, 7, 0, 0)], 4, false), ['████']);
  assert.equal(columns([candle(6, 7, 0, 1)], 4, false), ['▄██▀']);
  assert.equal(columns([candle(1, 7, 0, 6)], 4, false), ['╽┃┃╿']);
});

test('prices, volume and dates', () => {
  const chart = candleChart([candle(60_000, 61_000, 59_000, 60_500, 0), ...Array.from({ length: 13 }, () => candle(60_000, 61_000, 59_000, 60_500, 8))], { height: 6 });
  assert.is(chart.length, 8);
  assert.match(chart[0] ?? '', / ┤ 60,833$/);
  assert.match(chart[5] ?? '', / ┤ 59,167$/);
  assert.is(chart[6], '▁█████████████ │ volume');
  assert.is(chart[7], '4 Mar       4 Mar');
});

test('digits follow the range', () => {
  assert.match(candleChart([candle(1.1, 1.2, 1, 1.1)], { height: 2 })[0] ?? '', / ┤ 1\.150$/);
  assert.match(candleChart([candle(1e-7, 2e-7, 1e-7, 2e-7)], { height: 2 })[0] ?? '', / ┤ 0\.00000018$/);
});

test('a flat candle, and no candles at all', () => {
  assert.equal(columns([candle(5, 5, 5, 5)], 2), [' ╻']);
  assert.equal(candleChart([], { height: 5 }), []);
});

test.run();
