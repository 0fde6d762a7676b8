import { appendFileSync, chmodSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discover, openSeries, readBatches, type Reject } from '../../src/import/index.js';
import { RejectFile } from '../../src/import/rejects.js';
import { folder, importText, refuses, write } from './files.js';

const test = suite('import: bad input');

const good = '[1502942400000, 1, 3, 0.5, 2, 9]';

/** Rejects of a bad row between two good ones, which both have to be read. */
async function rejectsOf(bad: string, before = good, after = good): Promise<Reject[]> {
  const { rows, rejects } = await importText(`[${before},\n${bad},\n ${after}]`);
  assert.is(rows.length, 2, `good rows beside ${bad}`);
  return rejects;
}

test('a bad row is rejected alone, with column and reason', async () => {
  for (const [bad, reason] of [
    ['[1502946000000, 1, 3, 0.5, NaN, 9]', 'close: "NaN" is not a number'],
    ['[1502946000000, 1, 3, 0.5, "abc", 9]', 'close: "abc" is not a number'],
    ['[1502946000000, Infinity, 3, 0.5, 2, 9]', 'open: "Infinity" is not a number'],
    ['[1502946000000, "-Infinity", 3, 0.5, 2, 9]', 'open: "-Infinity" is not a number'],
    ['[1502946000000, true, 3, 0.5, 2, 9]', 'open: "true" is not a number'],
    ['[1502946000000, [1], 3, 0.5, 2, 9]', 'open: "[…]" is not a number'],
    ['[1502946000000, 1, {"a":1}, 0.5, 2, 9]', 'high: "{…}" is not a number'],
    ['[1502946000000, 1, 3, 0.5, 2, 1e1001]', 'volume: "1e1001" is larger or finer than any number of a market'],
    ['["yesterday", 1, 3, 0.5, 2, 9]', 'timestamp: "yesterday" is neither an epoch number nor a date'],
    ['[null, 1, 3, 0.5, 2, 9]', 'timestamp: it is missing'],
    ['[9999999999999, 1, 3, 0.5, 2, 9]', 'timestamp: "9999999999999" (2286-11-20T17:46:39.999Z) is not within the years 1 to 2099'],
    ['[1502946000000, 1, 3, 0.5, 2]', 'the row has 5 cells, the others 6'],
    ['[1502946000000, 1 3, 0.5, 2, 9, 8]', 'the row is not JSON'],
    ['[1502946000000, 1, 3, 0.5, 2, 9,]', 'the row is not JSON'],
    ['[1502946000000, 1, 3, 0.5, 2, 9}', 'the row is not JSON'],
    [`${good} ${good}`, 'the row is not JSON'],
    ['{"timestamp": 1502946000000}', 'the row is an object, the others are lists'],
    ['5', 'the row is neither a list nor an object'],
    ['"[1, 2]"', 'the row is neither a list nor an object'],
    ['', 'the row is empty: there is a comma too many'],
  ] as const) {
    const rejects = await rejectsOf(bad);
    assert.is(rejects.length, 1, bad);
    assert.ok(rejects[0]?.reason.startsWith(reason), `${bad}: ${rejects[0]?.reason}`);
  }
});

test('a comma after the last row is one reject', async () => {
  const { rows, rejects } = await importText(`[${good},]`);
  assert.is(rows.length, 1);
  assert.equal(rejects.map(({ reason }) => reason), ['the row is empty: there is a comma too many']);
});

test('objects and CSV records are rejected alone too', async () => {
  const object = '{"t": 1502942400, "close": 1}';
  for (const [bad, reason] of [
    ['{"t": 1502946000, "close": NaN}', 'close: "NaN" is not a number'],
    ['{"close": 1}', 'timestamp: it is missing'],
    ['{"t": 1502946000, "close" 1}', 'the row is not JSON'],
    ['{}', 'timestamp: it is missing'],
    ['[1502946000, 1]', 'the row is a list, the others are objects'],
  ] as const) {
    const [reject] = await rejectsOf(bad, object, object);
    assert.ok(reject?.reason.startsWith(reason), `${bad}: ${reject?.reason}`);
  }
  const { rows, rejects } = await importText('ts,close,note\n1502942400,1,\n1502946000,1\n1502946000,abc,\n1502946000,"1"2,"x"\n1502946000,1,5" disk\n1502949600,2,\n', 'csv');
  assert.is(rows.length, 2);
  assert.equal(rejects.map((reject) => reject.line), [3, 4, 5, 6]);
  assert.match(rejects[0]?.reason ?? '', /2 fields, the first one 3/);
  assert.match(rejects[1]?.reason ?? '', /close: "abc"/);
  assert.match(rejects[2]?.reason ?? '', /quotes are wrong/);
});

test('a reject knows where it was: line, element, byte, and what it said', async () => {
  const text = `[${good},\n\n  [1502946000000, "é", 3, 0.5, 2, ${' '.repeat(300)}9]]`;
  const { rejects } = await importText(text);
  const byte = Buffer.from(text).indexOf('[1502946000000');
  assert.equal(rejects.map(({ line, element, byte: at }) => ({ line, element, at })), [{ line: 3, element: 2, at: byte }]);
  assert.is(rejects[0]?.reason, 'open: "é" is not a number');
  assert.match(rejects[0]?.raw ?? '', /^\[1502946000000, "é", 3.*…$/);
  assert.is(rejects[0]?.raw.length, 201);
  const csv = 'ts,value\r\n1502942400,1\r\n\r\n"1502946000","a\nb"\r\n1502949600,x\r\n';
  const inCsv = (await importText(csv, 'csv')).rejects;
  assert.equal(inCsv.map(({ line, element, byte: at }) => [line, element, csv.slice(at, at + 6)]), [[4, 3, '"15029'], [6, 4, '150294']]);
  assert.is(inCsv[1]?.raw, '1502949600,x');
});

test('a file that is cut off is refused as a whole', async () => {
  await refuses(importText(`[${good},\n ${good},\n [15029`), /line 3: it ends inside row 3, which begins in line 3/, /cut off/);
  await refuses(importText(`[${good},\n ${good}`), /ends inside row 2|ends after row 2/, /cut off/);
  await refuses(importText('[[1502942400000, "1'), /it ends inside row 1/, /cut off/);
  await refuses(importText('{"prices":[[1502942400000,1]],"market'), /before the closing }/, /cut off/);
  await refuses(importText('{"prices":[[1502942400000,1]]'), /before the closing }/, /cut off/);
  await refuses(importText('ts,value\n1502942400,"1\n', 'csv'), /line 2: it ends inside a quoted field/, /cut off/);
  const packed = gzipSync(`[${Array.from({ length: 999 }, (_, i) => `[${1502942400 + i * 60},${i}]`).join()}]`);
  await refuses(importText(packed.subarray(0, packed.length - 50), 'json.gz'), /is cut off: its compressed data ends too early/, /again/);
  await refuses(importText('[[1502942400,1]]', 'json.gz'), /is not a sound gzip file/, /again/);
});

test('an empty file and a file without rows', async () => {
  await refuses(importText(''), /it is empty/, /again, or remove it/);
  await refuses(importText(' \n\n'), /it is empty/, /again, or remove it/);
  await refuses(importText('', 'csv'), /it is empty/, /again, or remove it/);
  await refuses(importText('[]'), /it has no rows/, /remove the file/);
  await refuses(importText('{"prices":[]}'), /it has no rows/, /remove the file/);
  await refuses(importText('ts,value\n', 'csv'), /a header and no rows/, /remove the file/);
  await refuses(importText('{"error":[],"result":{"XXBTZUSD":[[1502942400,"1","1","1","1","1","1",1]],"last":0}}'), /it has no rows/, /remove the file/);
});

test('what is no array of rows', async () => {
  await refuses(importText('{"code":-1121,"msg":"Invalid symbol."}'), /no array of rows/, /error message of a service/);
  await refuses(importText('{"error":["EQuery:Unknown asset pair"]}'), /an error instead of rows: "EQuery:Unknown asset pair"/, /again/);
  await refuses(importText('<html>'), /no array of rows|not JSON|stands where/, /./);
  await refuses(importText('"text"'), /no array of rows/, /./);
  await refuses(importText('{"a":[[1502942400,1]],"b":[[1502942400,1]]}'), /several arrays: a, b/, /"import":{"rows":"a"}/);
  await refuses(importText('[1502942400,1]\n[1502946000,1]\n'), /more after the end of the JSON value/, /into one array/);
  await refuses(importText('{a:1}'), /line 1: "a" stands where a key in quotes is expected/, /not JSON/);
  await refuses(importText(`[${good}}`), /ends with } where the array needs \]/, /brackets/);
  await refuses(importText('[[1502942400, "1,\n2"]]'), /line 1: row 1 has a text without a closing quote/, /quote/);
  await refuses(importText('{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{'), /yet another object/, /not JSON/);
});

/** Expects a refusal whose hint holds the mapping to write. */
function wants(text: string, ending: string, message: RegExp, mapping: object): Promise<void> {
  const written = JSON.stringify(mapping).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return refuses(importText(text, ending), message, new RegExp(`sources\\.json.*\\[\\{"name":"series_\\d+","import":${written}\\}\\]$`));
}

test('an unknown shape comes with the mapping to write', async () => {
  await wants('[[1502942400,1,2]]', 'json', /rows have 3 cells/, { columns: { timestamp: 1, value: 2 } });
  await wants('[[1502942400,0.5,3,1,2,9],[1502946000,1,3,0.5,2,9]]', 'json', /order of its 6 columns cannot be told/,
    { columns: { timestamp: 1, open: 2, high: 3, low: 4, close: 5, volume: 6 } });
  // Kraken's candles without what is around them: cell 6 is no volume, and Gate's order makes no sense of them.
  await wants('[[1502942400,"1.0","3.0","0.5","2.0","1.7","9.0",12]]', 'json', /order of its 8 columns cannot be told/,
    { columns: { timestamp: 1, open: 2, high: 3, low: 4, close: 5, volume: 6 } });
  await wants('1502942400,1,2,3\n', 'csv', /rows have 4 cells/, { columns: { timestamp: 1, value: 2 } });
  await wants('[["a","b"],["c","d"]]', 'json', /none of the first rows can be read; the first one: timestamp: "a"/, { date_format: 'YYYY-MM-DD HH:mm:ss' });
  await refuses(importText('[1,2,3]'), /none of the first rows is a list or an object; the first is 1/, /lists or objects/);
});

test('a missing column is named, with those that are there', async () => {
  await wants('open,close,volume\n1,2,3\n', 'csv', /column timestamp is missing. The header has: open, close, volume/,
    { columns: { timestamp: '…', open: 'open', close: 'close', volume: 'volume' } });
  await wants('timestamp,open,volume\n1502942400,2,3\n', 'csv', /column close \(or value\) is missing. The header has: timestamp, open, volume/,
    { columns: { timestamp: 'timestamp', open: 'open', volume: 'volume', close: '…' } });
  await wants('timestamp,volume\n2020-01-01,5\n', 'csv', /column close \(or value\) is missing/, { columns: { timestamp: 'timestamp', volume: 'volume', value: 'volume' } });
  await wants('[{"when":1,"close":1}]', 'json', /column timestamp is missing. Its objects have: when, close/, { columns: { timestamp: '…', close: 'close' } });
  await wants('[{"t":1502942400,"open":1}]', 'json', /column close \(or value\) is missing/, { columns: { timestamp: 't', open: 'open', close: '…' } });
});

test('what two columns could be is not guessed', async () => {
  await wants('[{"symbol":"BTCUSDT","sumOpenInterest":"20403.6","sumOpenInterestValue":"150570784.0","timestamp":1583127900000}]', 'json',
    /more than one column could be the value: sumOpenInterest, sumOpenInterestValue/, { columns: { timestamp: 'timestamp', value: 'sumOpenInterest' } });
  await wants('Date,USD,JPY,GBP,\n2024-11-22,1.0412,161.03,0.83185,\n2024-11-21,1.0468,162.27,N/A,\n', 'csv',
    /more than one column could be the value: USD, JPY, GBP/, { columns: { timestamp: 'Date', value: 'USD' } });
  await wants('date,price,value\n2024-11-22,1,2\n', 'csv', /could be the value: price, value/, { columns: { timestamp: 'date', value: 'price' } });
  await wants('time,close,volume_a,volume_b\n1502942400,1,2,3\n', 'csv', /could be the volume: volume_a, volume_b/,
    { columns: { timestamp: 'time', close: 'close', volume: 'volume_a' } });
  await wants('Date,Value\n01/02/2024,1\n02/02/2024,2\n', 'csv', /dates can be read as M\/D\/YYYY and as D\/M\/YYYY: 01\/02\/2024/, { date_format: 'M/D/YYYY' });
  await wants('Date,Value\n2024-01-02,"97,500"\n', 'csv', /comma in its numbers can be a decimal sign or stand between thousands: 97,500/, { decimal: '.' });
});

test('other formats under a wrong name', async () => {
  await refuses(importText(gzipSync('[]')), /is a gzip file/, /Rename it to .*\.json\.gz/);
  await refuses(importText(Buffer.from('PK\x03\x04zip'), 'csv'), /is a zip archive/, /Unpack/);
  await refuses(importText(Buffer.from('\ufeff[[1,2]]', 'utf16le')), /is UTF-16/, /UTF-8/);
  await refuses(importText('x', 'txt'), /neither JSON nor CSV/, /\.json or \.csv/);
  await refuses(discover(join(folder, 'nowhere')), /nowhere cannot be read/, /folder/, 'IMPORT_DIRECTORY');
});

test('a file that changes between the two passes', async () => {
  const path = write('[[1502942400,1]]');
  const file = await openSeries({ name: 'x', path, format: 'json' });
  appendFileSync(path, ' ');
  await refuses(readBatches(file, 10, () => undefined).next(), /changed while it was imported/, /again/);
});

test('a file without permission', async () => {
  if (process.getuid?.() === 0) return;
  const path = write('[[1502942400,1]]');
  chmodSync(path, 0);
  await refuses(openSeries({ name: 'x', path, format: 'json' }), /cannot be read/, /permissions/);
});

test('the rejects file: only when needed, replaced by the next import', async () => {
  const rejects = join(folder, 'rejects');
  const reject = { file: 'a.json', line: 1, element: 2, byte: 3, reason: 'r', raw: 'é' };
  const first = new RejectFile(rejects, 'a');
  for (let i = 0; i < 5000; i++) first.write({ ...reject, element: i });
  first.close();
  assert.is(first.count, 5000);
  const lines = readFileSync(first.path, 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 5000);
  assert.equal(JSON.parse(lines[4999] ?? ''), { ...reject, element: 4999 });
  new RejectFile(rejects, 'a').close();
  assert.throws(() => readFileSync(first.path), /ENOENT/);
  assert.throws(() => new RejectFile(write('no folder'), 'a'), /rejected rows cannot be written/);
});

test('rejected rows that do not fit on the disk: an error that says so, and no half line', () => {
  const rejects = join(folder, 'full');
  const module = new URL('../../src/import/rejects.js', import.meta.url).href;
  const child = `
    const { RejectFile } = await import(${JSON.stringify(module)});
    const rejects = new RejectFile(${JSON.stringify(rejects)}, 'a');
    try {
      for (let i = 0; i < 5000; i++) rejects.write({ file: 'a.json', line: 1, element: i, byte: 3, reason: 'r', raw: 'x'.repeat(50) });
      rejects.close();
    } catch (error) {
      console.log(JSON.stringify([error.code, error.message, rejects.written]));
    }`;
  // A limit on the size of files, in blocks of 512 or 1024 bytes, is met as a full disk is: by a short write, then an error.
  const { stdout, stderr } = spawnSync('sh', ['-c', `ulimit -f 300; exec "$0" --input-type=module -e "$1"`, process.execPath, child], { encoding: 'utf8' });
  assert.match(stdout, /IMPORT_DIRECTORY.*rejected rows cannot be written/, stderr);
  const written = (JSON.parse(stdout) as [string, string, number])[2];
  const lines = readFileSync(join(rejects, 'a.ndjson'), 'utf8').trimEnd().split('\n');
  assert.ok(written > 0 && written < 5000);
  assert.is(lines.length, written);
  assert.is((JSON.parse(lines.at(-1) ?? '') as { element: number }).element, written - 1);
});

test.run();
