/** The sample is a function of its end. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { candles, day, hour, rsi } from '../../../src/cli/demo/market.js';
import { Random } from '../../../src/cli/demo/random.js';
import { flashCrash, liveRows, prepareSample, sampleFiles } from '../../../src/cli/demo/sample.js';

const test = suite('demo: sample');
const end = new Date('2026-06-17T10:35:00Z');

test('random numbers are the same for the same seed, and look random', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 10_000 }, () => random.normal());
  };
  assert.equal(draw(7), draw(7));
  assert.not.equal(draw(7), draw(8));
  const numbers = draw(7);
  const mean = numbers.reduce((a, b) => a + b) / numbers.length;
  const deviation = Math.sqrt(numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length);
  assert.ok(Math.abs(mean) < 0.05 && Math.abs(deviation - 1) < 0.05, `mean ${mean}, deviation ${deviation}`);
});

test('the same end makes the same bytes, another end others', () => {
  const files = sampleFiles(end);
  assert.equal(sampleFiles(end), files);
  const later = sampleFiles(new Date(end.getTime() + day));
  for (const [name, content] of Object.entries(files)) {
    if (name !== 'sources.json') assert.not.equal(later[name], content, name);
  }
});

test('every series ends where its freshness wants it', () => {
  const files = sampleFiles(end);
  const text = (name: string): string => (name.endsWith('.gz') ? gunzipSync(files[name] as Buffer).toString() : String(files[name]));
  assert.match(text('eth_usdt_5m.csv.gz').trim().split('\n').at(-1) ?? '', new RegExp(`^${end.getTime()}000,`));
  assert.match(text('btc_rsi_14.csv').trim().split('\n').at(-1) ?? '', /^2026-06-17T10:00:00\.000Z,/);
  assert.is((JSON.parse(text('btc_funding_8h.json')) as { timestamp: number }[]).at(-1)?.timestamp, Date.parse('2026-06-16T16:00:00Z'));
  assert.match(text('us_treasury_10y.csv').trim().split('\n').at(-1) ?? '', /^2026-06-16,/);
  assert.is((JSON.parse(text('fear_greed.json.gz')) as number[][]).at(-1)?.[0], Date.parse('2026-06-08') / 1000);
  // The file of Bitcoin stops where the feed goes on.
  const live = liveRows(end, 5);
  assert.is(live[0]?.timestamp, Date.parse('2026-06-17T05:00:00Z'));
  assert.is(live.at(-1)?.timestamp, Date.parse('2026-06-17T10:00:00Z'));
  assert.match(text('btc_usdt_1h.json').trim().split('\n').at(-2) ?? '', `[${Date.parse('2026-06-17T04:00:00Z')},`);
});

test('the crash is one, and candles are sane', () => {
  const files = sampleFiles(end);
  const rows = String(files['btc_usdt_1h.json']).split('\n').filter((line) => line.startsWith(`[${flashCrash(end)},`));
  const [, open, , low, close] = (rows[0] ?? '').replace(/[[\]]/g, '').split(',').map(Number) as [number, number, number, number, number];
  assert.ok(low < 0.7 * open && close < 0.85 * open, rows[0]);
  const made = candles({ seed: 3, last: end.getTime(), count: 5000, step: hour, start: 100, sigma: 0.01, volume: 5 });
  for (const candle of made) {
    assert.ok(candle.low > 0 && candle.low <= Math.min(candle.open, candle.close) && candle.high >= Math.max(candle.open, candle.close) && candle.volume > 0);
  }
  for (const { value } of rsi(made, 14)) assert.ok(value >= 0 && value <= 100);
});

test('a sample is kept; one of another version or half of one is not', () => {
  const parent = mkdtempSync(join(tmpdir(), 'btcdb-sample-'));
  try {
    const folder = join(parent, 'sample');
    const first = prepareSample(folder, new Date('2026-06-17T10:37:12Z'));
    assert.equal([first.isKept, first.end], [false, end]);
    assert.is(readdirSync(folder).filter((name) => !name.startsWith('.')).length, 7);
    const content = readFileSync(join(folder, 'btc_usdt_1h.json'), 'utf8');

    const second = prepareSample(folder, new Date('2026-06-19T00:00:00Z'));
    assert.equal([second.isKept, second.end], [true, end]);
    assert.is(readFileSync(join(folder, 'btc_usdt_1h.json'), 'utf8'), content);

    writeFileSync(join(folder, '.sample.json'), JSON.stringify({ version: 0, end: end.toISOString() }));
    assert.is(prepareSample(folder, end).isKept, false);
    rmSync(join(folder, '.sample.json'));
    assert.is(prepareSample(folder, end).isKept, false);
    assert.equal(readdirSync(parent), ['sample']);
  } finally {
    rmSync(parent, { recursive: true });
  }
});

test.run();
