import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { candle, importText, row } from './files.js';

const test = suite('import: shapes');

const FIRST = '2017-08-17T04:00:00.000Z';
const SECOND = '2017-08-17T05:00:00.000Z';

test('[ts, value]', async () => {
  const { file, rows, rejects } = await importText('[[1502942400000, 0.10], [1502946000000, 1e-10]]');
  assert.is(file.shape, 'pairs');
  assert.is(file.dataType, 'simple');
  assert.equal(file.columns, ['value']);
  assert.is(file.medianSpacingMs, 3_600_000);
  assert.is(file.rowCount, 2);
  assert.ok(file.ascending);
  assert.equal(rows, [row(FIRST, { value: '0.10' }), row(SECOND, { value: '1e-10' })]);
  assert.equal(rejects, []);
});

test('[ts, open, high, low, close, volume] in each unit of time, in one file', async () => {
  const { file, rows } = await importText(`[[1502942400000, 4261.48000000, 4313.62, 4261.32, 4308.83, 47.18100900],
 [1502946000, 1, 3, 0.5, 2, 9], [1502949600000000, 1, 3, 0.5, 2, null], [1502953200000000000, 1, 3, 0.5, 2, "9"]]`);
  assert.is(file.shape, 'candles');
  assert.is(file.dataType, 'ohlcv');
  assert.equal(file.columns, ['open', 'high', 'low', 'close', 'volume']);
  assert.equal(rows[0], candle(FIRST, '4261.48000000', '4313.62', '4261.32', '4308.83', '47.18100900'));
  assert.equal(rows.map((each) => each.timestamp.slice(11, 13)), ['04', '05', '06', '07']);
  assert.equal(rows.map((each) => each.volume), ['47.18100900', '9', null, '9']);
});

test('digits stay', async () => {
  const long = '1234567890123456789012345678901234567890';
  const { rows } = await importText(`[[1502942400000, ${long}], [1502946000000, -0.${long}], [1502949600000, "3.000"], [1502953200000, 1.50E+3]]`);
  assert.equal(rows.map((each) => each.value), [long, `-0.${long}`, '3.000', '1.50E+3']);
});

test('objects, under any of the usual names', async () => {
  const expected = [candle(FIRST, '1', '3', '0.50', '2', '9')];
  for (const text of [
    '{"timestamp":1502942400000,"open":1,"high":3,"low":0.50,"close":2,"volume":9}',
    '{"t":1502942400,"o":"1","h":"3","l":"0.50","c":"2","v":"9"}',
    '{ "Volume" : 9 , "Close":2,"Low":0.50,"High":3,"Open":1,"Date":"2017-08-17T04:00:00Z","symbol":"a\\"b","nested":{"x":[1]}}',
    '{"open_time":1502942400000,"open":1,"high":3,"low":0.50,"close":2,"volume":9}',
  ]) assert.equal((await importText(`[${text}]`)).rows, expected, text);
  const { file, rows } = await importText('{"data": [{"time": "2017-08-17", "value": 1.0}, {"value": 2, "time": "2017-08-18"}]}');
  assert.is(file.shape, 'objects');
  assert.is(file.dataType, 'simple');
  assert.equal(rows.map((each) => each.value), ['1.0', '2']);
});

test('a price alone is a value; beside other prices it is the close', async () => {
  assert.equal((await importText('[{"ts":1502942400,"price":5}]')).rows, [row(FIRST, { value: '5' })]);
  assert.equal((await importText('[{"ts":1502942400,"price":5,"open":4}]')).rows, [row(FIRST, { open: '4', close: '5' })]);
  assert.is((await importText('[{"ts":1502942400,"close":5}]')).file.dataType, 'ohlcv');
});

test('Binance klines', async () => {
  const { file, rows } = await importText(`[
  [1502942400000,"4261.48000000","4313.62000000","4261.32000000","4308.83000000","47.18100900",1502945999999,"202366.13839304",171,"35.16050300","150952.47794304","0"],
  [1502946000000,"4308.83000000","4328.69000000","4291.37000000","4315.32000000","23.23491600",1502949599999,"100304.82356749",102,"21.44807100","92608.27972836","0"]]`);
  assert.is(file.shape, 'binance');
  assert.equal(rows[0], candle(FIRST, '4261.48000000', '4313.62000000', '4261.32000000', '4308.83000000', '47.18100900'));
});

test('the CSV archive of Binance: no header, microseconds since 2025', async () => {
  const { file, rows } = await importText(
    '1735689600000000,93576.00000000,93610.93000000,93537.50000000,93610.93000000,8.21827000,1735689659999999,768978.02,2631,3.9,371757.7,0\n'
    + '1735689660000000,93610.93000000,93652.00000000,93606.20000000,93652.00000000,10.29800000,1735689719999999,964261.4,1713,7.7,725999.1,0\n', 'csv');
  assert.is(file.shape, 'binance');
  assert.is(file.medianSpacingMs, 60_000);
  assert.equal(rows[0], candle('2025-01-01T00:00:00.000Z', '93576.00000000', '93610.93000000', '93537.50000000', '93610.93000000', '8.21827000'));
});

test('Coinbase candles: seconds, low first, newest first', async () => {
  const { file, rows } = await importText('[[1502946000,0.5,3,1,2,9],[1502942400,1.5,4,2.5,3,8]]');
  assert.is(file.shape, 'coinbase');
  assert.not.ok(file.ascending);
  assert.equal(rows, [candle(SECOND, '1', '3', '0.5', '2', '9'), candle(FIRST, '2.5', '4', '1.5', '3', '8')]);
});

test('candles in seconds are not Coinbase\'s when the low is fourth, nor are those in milliseconds', async () => {
  assert.is((await importText('[[1502942400,1,3,0.5,2,9],[1502946000,1,3,1,2,9]]')).file.shape, 'candles');
  assert.is((await importText('[[1502942400000,0.5,3,1,2,9]]')).file.shape, 'candles');
  // Open and low are the same in each row: both readings are.
  assert.is((await importText('[[1502942400,1,3,1,2,9]]')).file.shape, 'candles');
});

test('Kraken: the last candle is still open', async () => {
  const { file, rows, rejects } = await importText(`{"error":[],"result":{"XXBTZUSD":[
    [1502942400,"1.0","3.0","0.5","2.0","1.7","9.00000000",12],[1502946000,"2.0","3.0","1.5","2.5","2.2","7.00000000",8],
    [1502949600,"2.5","2.5","2.5","2.5","2.5","0.1",1]],"last":1502946000}}`);
  assert.is(file.shape, 'kraken');
  assert.is(file.rowCount, 2);
  assert.equal(rows, [candle(FIRST, '1.0', '3.0', '0.5', '2.0', '9.00000000'), candle(SECOND, '2.0', '3.0', '1.5', '2.5', '7.00000000')]);
  assert.equal(rejects, []);
});

test('CoinGecko market_chart: the price is the value', async () => {
  const { file, rows } = await importText('{"market_caps":[[1502942400000,3e12]],"prices":[[1502942400000,69702.3087473573]],"total_volumes":[[1502942400000,5]]}');
  assert.is(file.shape, 'coingecko');
  assert.is(file.rowCount, 1);
  assert.equal(rows, [row(FIRST, { value: '69702.3087473573' })]);
});

test('CSV with a header, columns in any order, and a text timestamp', async () => {
  const { file, rows } = await importText(
    'timestamp,open,close,volume,unix_timestamp,high,low\n2011-08-18 00:00:00,10.9,10.9,0.48990826,1313625600,10.9,10.9\n'
    + '2011-08-19 00:00:00,10.9,11.69,1.9265781400000002,1313712000,11.85,10.9\n', 'csv');
  assert.is(file.shape, 'csv');
  assert.is(file.medianSpacingMs, 86_400_000);
  assert.equal(rows[1], candle('2011-08-19T00:00:00.000Z', '10.9', '11.85', '10.9', '11.69', '1.9265781400000002'));
});

test('CSV with a byte order mark, CRLF, quotes, blanks, other delimiters, empty fields and no last line end', async () => {
  const expected = [row(FIRST, { value: '0.10' }), row(SECOND, { close: '7' })];
  for (const text of [
    '\ufeffTime,Value,Close\r\n1502942400,0.10,\r\n\r\n1502946000,,7',
    'Note;"Time";"Value";Close\n"a;""b""\nc";"1502942400";"0.10";\n;1502946000;;7\n',
    ' time \t value \t close \n 1502942400 \t 0.10 \t \n1502946000\tnull\t7\n',
    'close|value|open time\n|0.10|2017-08-17T04:00:00Z\n7||2017-08-17T05:00:00Z\n',
  ]) assert.equal((await importText(text, 'csv')).rows, expected, text);
});

test('a byte order mark before JSON and before CSV without a header', async () => {
  assert.equal((await importText('\ufeff[[1502942400,5]]')).rows, [row(FIRST, { value: '5' })]);
  assert.equal((await importText('\ufeff1502942400,5\n', 'csv')).rows, [row(FIRST, { value: '5' })]);
});

test('CSV without a header: pairs, candles, Kraken\'s archive', async () => {
  assert.equal((await importText('1502942400,5\n', 'csv')).rows, [row(FIRST, { value: '5' })]);
  assert.equal((await importText('2017-08-17 04:00:00,1,3,0.5,2,9\n', 'csv')).rows, [candle(FIRST, '1', '3', '0.5', '2', '9')]);
  const { file, rows } = await importText('1502942400,1,3,0.5,2,9,77\n', 'csv');
  assert.is(file.shape, 'kraken');
  assert.equal(rows, [candle(FIRST, '1', '3', '0.5', '2', '9')]);
});

test('packed files', async () => {
  assert.equal((await importText(gzipSync('[[1502942400000,5]]'), 'json.gz')).rows, [row(FIRST, { value: '5' })]);
  assert.equal((await importText(gzipSync('ts,value\n1502942400,5\n'), 'csv.gz')).rows, [row(FIRST, { value: '5' })]);
});

test('order: strictly rising or not', async () => {
  assert.not.ok((await importText('[[1502942400,1],[1502942400,2]]')).file.ascending);
  assert.not.ok((await importText('[[1502946000,1],[1502942400,2]]')).file.ascending);
  assert.not.ok((await importText('[["1502946000","1"],["1502942400","2"]]')).file.ascending);
  assert.not.ok((await importText('[[ \t"1502946000", 1], [ "1502942400 ",2]]')).file.ascending);
  assert.not.ok((await importText('ts,value\n1502946000,1\n1502942400,2\n', 'csv')).file.ascending);
  assert.not.ok((await importText('[{"t":1502946000,"value":1},{"t":1502942400,"value":1}]')).file.ascending);
  // Far beyond the sample.
  const many = Array.from({ length: 500 }, (_, i) => `[${1502942400 + (i === 400 ? 399 : i) * 60},1]`);
  assert.not.ok((await importText(`[${many.join()}]`)).file.ascending);
});

test('the median spacing forgives gaps, and needs two rows', async () => {
  const hours = [0, 1, 2, 3, 10, 11, 12, 99, 100];
  assert.is((await importText(`[${hours.map((hour) => `[${1502942400 + hour * 3600},1]`).join()}]`)).file.medianSpacingMs, 3_600_000);
  assert.is((await importText('[[1502942400,1]]')).file.medianSpacingMs, undefined);
});

test('rows and elements that lie across chunks', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `[${1502942400 + i * 60}, "${i}.50",\n {"x": "é]}"}]`.replace(/,\n.*$/, ']'));
  const { file, rows: read, rejects } = await importText(`[${rows.join(',\n ')}]`);
  assert.is(file.rowCount, 20_000);
  assert.equal(rejects, []);
  assert.ok(read.every((each, i) => each.value === `${i}.50`));
});

test.run();
