/** Memory stays flat: each file is read in a process of its own, which reports the most that it ever held. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folder } from './files.js';

const test = suite('import: memory');

/** Far below a file read whole (its text alone), far above what Node itself needs. */
const MOST_MB = 160;

/**
 * Garbage that is not collected yet counts as resident, too. Its space grows to 32 MB in Node 20 and 22 and to 128 MB in 24,
 * however little is kept; one size for all of them leaves what the importer holds.
 */
const youngSpace = '--max-semi-space-size=16';

interface Reading {
  rows?: number;
  rejects?: number;
  error?: string;
  /** Largest resident set of the process in MB. Not maxRSS, which begins with that of the process that starts it. */
  mb: number;
}

const child = `
const { readFileSync } = await import('node:fs');
const { openSeries, readBatches } = await import(process.argv[1]);
const [, , path, format] = process.argv;
const result = { rows: 0, rejects: 0 };
try {
  const file = await openSeries({ name: 'x', path, format });
  for await (const batch of readBatches(file, 2000, () => { result.rejects++; })) result.rows += batch.length;
} catch (error) {
  result.error = error.message;
}
console.log(JSON.stringify({ ...result, mb: Math.round(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] / 1024) }));
`;

function read(path: string, format: 'json' | 'csv'): Reading {
  const module = new URL('../../src/import/index.js', import.meta.url).href;
  const { stdout, stderr } = spawnSync(process.execPath, [youngSpace, '--input-type=module', '-e', child, '--', module, path, format], { encoding: 'utf8' });
  assert.ok(stdout, stderr);
  return JSON.parse(stdout) as Reading;
}

/** Writes `begin`, then `block` until there are `mb` million bytes, then `end`. */
function fill(name: string, mb: number, begin: string, block: string | Buffer, end: string): string {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  writeSync(file, begin);
  for (let bytes = 0; bytes < mb * 1e6; bytes += block.length) writeSync(file, block as Buffer);
  writeSync(file, end);
  closeSync(file);
  return path;
}

const row = '[1502942400000, 4261.48000000, 4313.62000000, 4261.32000000, 4308.83000000, 47.18100900]';
const block = Buffer.from(`${row},`.repeat(10_000));
const perBlock = (mb: number): number => Math.ceil((mb * 1e6) / block.length) * 10_000 + 1;

test('100 MB in one single line', () => {
  const reading = read(fill('line.json', 100, '[', block, `${row}]`), 'json');
  assert.is(reading.rows, perBlock(100));
  assert.ok(reading.mb < MOST_MB, `${reading.mb} MB`);
});

test('30 MB of rejected rows', () => {
  const bad = Buffer.from('[1502942400000, NaN, 1, 1, 1, 1],\n'.repeat(10_000));
  const reading = read(fill('rejects.json', 30, `[${row},`, bad, `${row}]`), 'json');
  assert.is(reading.rows, 2);
  assert.ok((reading.rejects ?? 0) > 800_000);
  assert.ok(reading.mb < MOST_MB, `${reading.mb} MB`);
});

test('a packed file that grows a thousandfold', () => {
  const packed = gzipSync(Buffer.from(' '.repeat(1e6)));
  const path = fill('bomb.json.gz', 0, '', '', '');
  const file = openSync(path, 'w');
  for (let i = 0; i < 120; i++) writeSync(file, packed);
  writeSync(file, gzipSync('[[1502942400000, 1]]'));
  closeSync(file);
  const reading = read(path, 'json');
  assert.is(reading.rows, 1, reading.error);
  assert.ok(reading.mb < MOST_MB, `${reading.mb} MB`);
});

for (const [what, name, begin, hostile, message] of [
  ['brackets without end', 'brackets.json', '', '['.repeat(1e6), /line 1: row 1 has more than 1024 KB/],
  ['a text without end', 'text.json', '["', 'a'.repeat(1e6), /line 1: row 1 has more than 1024 KB/],
  ['a key without end', 'key.json', '{"', 'a'.repeat(1e6), /a text has more than 1024 KB/],
  ['objects without end', 'objects.json', '', '{"a":'.repeat(2e5), /yet another object/],
  ['keys without end', 'keys.json', '{', Array.from({ length: 1e5 }, (_, i) => `"${i}":[],`).join(''), /more than 32 arrays/],
  ['a CSV line without end', 'line.csv', 'ts,value\n', '1'.repeat(1e6), /line 2: the record has more than 1024 KB/],
  ['a CSV field without end', 'field.csv', 'ts,value\n1502942400,"', 'a\n'.repeat(5e5), /line 2: the record has more than 1024 KB/],
] as const) {
  test(`many MB of ${what}`, () => {
    const reading = read(fill(name, name.endsWith('csv') ? 120 : 40, begin, hostile, ''), name.endsWith('csv') ? 'csv' : 'json');
    assert.match(reading.error ?? 'no error', message);
    assert.ok(reading.mb < MOST_MB, `${reading.mb} MB`);
  });
}

test.run();
