/** Files exactly as vendors send them, and what sources.json can say about all others. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BtcdbError } from '../../src/errors/catalogue.js';
import { readRegistry } from '../../src/import/registry.js';
import type { Mapping } from '../../src/import/index.js';
import { candle, importFile, importText, refuses, row, type SeriesRow, write } from './files.js';

const test = suite('import: vendors');

const day = (date: string): string => `${date}T00:00:00.000Z`;

/** `shape`, rows and rows left out of a file in which nothing is malformed. */
async function sent(text: string, ending: string, shape: string, expected: SeriesRow[], left = 0): Promise<void> {
  const { file, rows, rejects, skipped } = await importText(text, ending);
  assert.equal(rejects, []);
  assert.is(file.shape, shape);
  assert.equal(rows, expected);
  assert.is(skipped, left);
}

test('FRED: a dot, or nothing, is a value that is missing', async () => {
  await sent('DATE,DGS10\n2024-01-01,.\n2024-01-02,3.95\n2024-01-03,3.91\n', 'csv', 'csv',
    [row(day('2024-01-02'), { value: '3.95' }), row(day('2024-01-03'), { value: '3.91' })], 1);
  await sent('DATE,DGS10\n1962-01-02,4.06\n', 'csv', 'csv', [row(day('1962-01-02'), { value: '4.06' })]);
  await sent('observation_date,DGS10\n2024-01-01,\n2024-01-02,3.95\n', 'csv', 'csv', [row(day('2024-01-02'), { value: '3.95' })], 1);
  await sent(`{"realtime_start":"2024-01-05","realtime_end":"2024-01-05","units":"lin","count":2,"observations":[
    {"realtime_start":"2024-01-05","realtime_end":"2024-01-05","date":"2024-01-01","value":"."},
    {"realtime_start":"2024-01-05","realtime_end":"2024-01-05","date":"2024-01-02","value":"3.95"}]}`, 'json', 'objects',
  [row(day('2024-01-02'), { value: '3.95' })], 1);
});

test('CryptoDataDownload: an address above the header, newest first, the volume that was traded', async () => {
  const expected = [
    candle('2022-03-23T01:00:00.000Z', '42306.78', '42314.38', '42189.37', '42275.66', '3.62'),
    candle('2022-03-23T00:00:00.000Z', '42355.93', '42400.00', '42208.85', '42306.78', '54.2'),
  ];
  await sent(`https://www.CryptoDataDownload.com
Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount
1647997200000,2022-03-23 01:00:00,BTC/USDT,42306.78,42314.38,42189.37,42275.66,3.62,153058.1,5
1647993600000,2022-03-23 00:00:00,BTC/USDT,42355.93,42400.00,42208.85,42306.78,54.2,2294512.4,81
`, 'csv', 'csv', expected);
  await sent(`https://www.CryptoDataDownload.com\r
unix,date,symbol,open,high,low,close,Volume USD,Volume BTC\r
1647997200,2022-03-23 01:00:00,BTC/USD,42306.78,42314.38,42189.37,42275.66,153058.1,3.62\r
1647993600,2022-03-23 00:00:00,BTC/USD,42355.93,42400.00,42208.85,42306.78,2294512.4,54.2\r
`, 'csv', 'csv', expected);
});

test('Bybit: candles and funding rates', async () => {
  await sent(`{"retCode":0,"retMsg":"OK","result":{"category":"spot","symbol":"BTCUSDT","list":[
    ["1670608800000","17071","17073","17027","17055.5","268611","15.74462667"],["1670605200000","17071.5","17071.5","17061","17071","4177","0.24469757"]]},
    "retExtInfo":{},"time":1672025956592}`, 'json', 'bybit', [
    candle('2022-12-09T18:00:00.000Z', '17071', '17073', '17027', '17055.5', '268611'),
    candle('2022-12-09T17:00:00.000Z', '17071.5', '17071.5', '17061', '17071', '4177'),
  ]);
  await sent(`{"retCode":0,"result":{"category":"linear","list":[{"symbol":"ETHPERP","fundingRate":"0.0001","fundingRateTimestamp":"1672041600000"}]}}`,
    'json', 'objects', [row('2022-12-26T08:00:00.000Z', { value: '0.0001' })]);
});

test('OKX: the candle that is not confirmed is left out', async () => {
  await sent(`{"code":"0","msg":"","data":[
    ["1597030800000","3.708","3.799","3.494","3.72","24912403","67632347.24399722","67632347.24399722","0"],
    ["1597027200000","3.721","3.743","3.677","3.708","8422410","22698348.04828491","12698348.04828491","1"]]}`, 'json', 'okx',
  [candle('2020-08-10T02:40:00.000Z', '3.721', '3.743', '3.677', '3.708', '8422410')], 1);
  await sent(`{"code":"0","data":[{"fundingRate":"0.0000792386885340","fundingTime":"1703088000000","instId":"BTC-USDT-SWAP","instType":"SWAP","realizedRate":"0.0000792386885340"}]}`,
    'json', 'objects', [row('2023-12-20T16:00:00.000Z', { value: '0.0000792386885340' })]);
});

test('Binance: funding rates of API and archive, and the archive with a header', async () => {
  await sent('[{"symbol":"BTCUSDT","fundingTime":1698768000003,"fundingRate":"0.00010000","markPrice":"34287.54619963"}]', 'json', 'objects',
    [row('2023-10-31T16:00:00.003Z', { value: '0.00010000' })]);
  await sent('calc_time,funding_interval_hours,last_funding_rate\n1698796800000,8,0.00010000\n1698825600009,8,0.00007123\n', 'csv', 'csv',
    [row('2023-11-01T00:00:00.000Z', { value: '0.00010000' }), row('2023-11-01T08:00:00.009Z', { value: '0.00007123' })]);
  await sent(`open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore
1698796800000,34657.0,34741.9,34638.0,34693.5,9482.8,1698800399999,329007420.3,97301,4711.1,163456210.8,0
`, 'csv', 'csv', [candle('2023-11-01T00:00:00.000Z', '34657.0', '34741.9', '34638.0', '34693.5', '9482.8')]);
});

test('other exchanges: Bitfinex, KuCoin, Bitget, Gate, Gemini, Bitstamp, Coinbase Advanced, Kraken\'s archive', async () => {
  const expected = [candle('2024-01-01T00:00:00.000Z', '42283.58', '42554.57', '42261.02', '42475.23', '1271.68')];
  const [o, h, l, c, v] = ['42283.58', '42554.57', '42261.02', '42475.23', '1271.68'];
  for (const [shape, text, ending = 'json'] of [
    ['bitfinex', `[[1704067200000,${o},${c},${h},${l},${v}]]`],
    ['kucoin', `{"code":"200000","data":[["1704067200","${o}","${c}","${h}","${l}","${v}","53957240.9"]]}`],
    ['bitget', `{"code":"00000","msg":"success","requestTime":1695865615662,"data":[["1704067200000","${o}","${h}","${l}","${c}","${v}","53957240.9","53957240.9"]]}`],
    ['gate', `[["1704067200","53957240.9","${c}","${h}","${l}","${o}","${v}","true"]]`],
    ['candles', `[[1704067200000,${o},${h},${l},${c},${v}]]`],
    ['objects', `{"data":{"ohlc":[{"close":"${c}","high":"${h}","low":"${l}","open":"${o}","timestamp":"1704067200","volume":"${v}"}],"pair":"BTC/USD"}}`],
    ['objects', `{"candles":[{"start":"1704067200","low":"${l}","high":"${h}","open":"${o}","close":"${c}","volume":"${v}"}]}`],
    ['objects', `{"Response":"Success","Data":{"Aggregated":false,"TimeFrom":1704067200,"Data":[{"time":1704067200,"high":${h},"low":${l},"open":${o},"volumefrom":${v},"volumeto":53957240.9,"close":${c},"conversionType":"direct"}]}}`],
    ['objects', `{"ticker":"X:BTCUSD","results":[{"v":${v},"vw":42400.1,"o":${o},"c":${c},"h":${h},"l":${l},"t":1704067200000,"n":51234}],"status":"OK"}`],
    ['kraken', `1704067200,${o},${h},${l},${c},${v},5123\n`, 'csv'],
    ['bybit', `1704067200000,${o},${h},${l},${c},${v},53957240.9\n`, 'csv'],
  ] as const) await sent(text, ending, shape, expected);
});

test('stocks: Yahoo, Stooq, Nasdaq, Nasdaq Data Link, Alpha Vantage, Investing.com', async () => {
  const expected = [candle(day('2024-11-22'), '95', '100.5', '94.25', '99', '1250000')];
  await sent('Date,Open,High,Low,Close,Adj Close,Volume\n2024-11-22,95,100.5,94.25,99,98.1,1250000\n2024-11-23,null,null,null,null,null,null\n', 'csv', 'csv', expected, 1);
  await sent('Date,Open,High,Low,Close,Volume\n2024-11-22,95,100.5,94.25,99,1250000\n', 'csv', 'csv', expected);
  await sent('<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nBTC.V,D,20241122,000000,95,100.5,94.25,99,1250000,0\n', 'csv', 'csv', expected);
  await sent('Date,Time,Open,High,Low,Close,Volume\n2024-11-22,00:00:00,95,100.5,94.25,99,1250000\n', 'csv', 'csv', expected);
  await sent('Date,Close/Last,Volume,Open,High,Low\n11/22/2024,$99,1250000,$95,$100.5,$94.25\n', 'csv', 'csv', expected);
  await sent('timestamp,open,high,low,close,adjusted_close,volume,dividend_amount\n2024-11-22,95,100.5,94.25,99,98.1,1250000,0.0000\n', 'csv', 'csv', expected);
  await sent('{"dataset":{"id":1,"column_names":["Date","Value"],"frequency":"daily","data":[["2024-11-22",98500.5],["2024-11-21",97000.0]]}}', 'json', 'pairs',
    [row(day('2024-11-22'), { value: '98500.5' }), row(day('2024-11-21'), { value: '97000.0' })]);
  const investing = (first: string, second: string): string => `\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n`
    + `"${first}","98,892.0","98,353.0","99,588.1","97,158.6","105.92K","0.55%"\n"${second}","98,352.7","94,286.4","98,944.9","94,090.4","1.2M","4.31%"\n`;
  const candles = [
    candle(day('2024-11-22'), '98353.0', '99588.1', '97158.6', '98892.0', '105.92e3'),
    candle(day('2024-11-21'), '94286.4', '98944.9', '94090.4', '98352.7', '1.2e6'),
  ];
  await sent(investing('Nov 22, 2024', 'Nov 21, 2024'), 'csv', 'csv', candles);
  await sent(investing('11/22/2024', '11/21/2024'), 'csv', 'csv', candles);
});

test('coins and chains: CoinMarketCap, CoinGecko, Coin Metrics, Glassnode, Blockchain.com, DefiLlama, alternative.me', async () => {
  await sent(`timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;circulatingSupply;timestamp
"2024-11-22T00:00:00.000Z";"2024-11-22T23:59:59.999Z";"2024-11-22T09:01:00.000Z";"2024-11-22T01:08:00.000Z";"2781";98496.4390623945;99655.5010857537;97222.6620093178;98997.6633018945;78473580551.23;1958676303217.61;19785078;"2024-11-22T23:59:59.999Z"
`, 'csv', 'csv', [candle(day('2024-11-22'), '98496.4390623945', '99655.5010857537', '97222.6620093178', '98997.6633018945', '78473580551.23')]);
  await sent('snapped_at,price,market_cap,total_volume\n2013-04-28 00:00:00 UTC,135.3,1500517590,0\n', 'csv', 'csv', [row(day('2013-04-28'), { value: '135.3' })]);
  await sent('[[1704067200000,42283.58,42554.57,42261.02,42475.23]]', 'json', 'candles',
    [row(day('2024-01-01'), { open: '42283.58', high: '42554.57', low: '42261.02', close: '42475.23' })]);
  await sent('{"data":[{"asset":"btc","time":"2024-01-01T00:00:00.000000000Z","PriceUSD":"44151.0134893939"}],"next_page_token":"0.MjAy"}', 'json', 'objects',
    [row(day('2024-01-01'), { value: '44151.0134893939' })]);
  await sent('asset,time,AdrActCnt\nbtc,2024-01-01T00:00:00.000000000Z,733837\n', 'csv', 'csv', [row(day('2024-01-01'), { value: '733837' })]);
  await sent('[{"t":1704067200,"v":0.7218},{"t":1704153600,"v":null}]', 'json', 'objects', [row(day('2024-01-01'), { value: '0.7218' })], 1);
  await sent('{"status":"ok","name":"Market Price (USD)","unit":"USD","period":"day","description":"The average price.","values":[{"x":1704067200,"y":42283.5}]}',
    'json', 'objects', [row(day('2024-01-01'), { value: '42283.5' })]);
  await sent('[{"date":1704067200,"tvl":52317824612.5}]', 'json', 'objects', [row(day('2024-01-01'), { value: '52317824612.5' })]);
  await sent(`{"name":"Fear and Greed Index","data":[{"value":"65","value_classification":"Greed","timestamp":"1704067200","time_until_update":"68499"},
    {"value":"70","value_classification":"Greed","timestamp":"1703980800"}],"metadata":{"error":null}}`, 'json', 'objects',
  [row(day('2024-01-01'), { value: '65' }), row(day('2023-12-31'), { value: '70' })]);
});

test('banks: ECB, and dates without dashes', async () => {
  await sent('KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nEXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2024-11-22,1.0412,A\n', 'csv', 'csv',
    [row(day('2024-11-22'), { value: '1.0412' })]);
  await sent('"DATE","TIME PERIOD","US dollar/Euro (EXR.D.USD.EUR.SP00.A)"\n"2024-11-22","22 Nov 2024","1.0412"\n', 'csv', 'csv', [row(day('2024-11-22'), { value: '1.0412' })]);
  await sent('TIME_PERIOD,OBS_VALUE\n2024-10,2.0\n2024-11,2.2\n', 'csv', 'csv', [row(day('2024-10-01'), { value: '2.0' }), row(day('2024-11-01'), { value: '2.2' })]);
  await sent('Date,Value\n20241122,5\n', 'csv', 'csv', [row(day('2024-11-22'), { value: '5' })]);
  await sent('Date,Value\n1990,5\n1991,6\n', 'csv', 'csv', [row(day('1990-01-01'), { value: '5' }), row(day('1991-01-01'), { value: '6' })]);
  await sent('Datum;Wert\n', 'csv', 'csv', []).then(() => assert.unreachable(), (error: Error) => assert.match(error.message, /no rows/));
  await sent('Date;Close\n22.11.2024;1.097.500,12\n', 'csv', 'csv', [row(day('2024-11-22'), { close: '1097500.12' })]);
});

/** Rows of a file with a mapping, and its rejects. */
async function mapped(text: string, ending: string, mapping: Mapping): Promise<{ rows: SeriesRow[]; reasons: string[]; lines: number[] }> {
  const { rows, rejects } = await importFile(write(text, ending), 3, mapping);
  return { rows, reasons: rejects.map(({ reason }) => reason), lines: rejects.map(({ line }) => line) };
}

test('sources.json says where the rows are', async () => {
  const text = '{"chart":{"tvl":[{"date":1704067200,"totalLiquidityUSD":5}],"tokens":[{"date":1704067200,"tokens":{"ETH":7}}]}}';
  await refuses(importText(text), /several arrays: chart.tvl, chart.tokens/, /"rows":"chart.tvl"/);
  assert.equal((await mapped(text, 'json', { rows: 'chart.tvl' })).rows, [row(day('2024-01-01'), { value: '5' })]);
  // An object inside a row: its keys are joined by dots.
  assert.equal((await mapped(text, 'json', { rows: 'chart.tokens', columns: { timestamp: 'date', value: 'tokens.ETH' } })).rows, [row(day('2024-01-01'), { value: '7' })]);
  await refuses(mapped(text, 'json', { rows: 'chart' }), /no array at chart, where sources.json says .* has: chart.tvl, chart.tokens/, /Correct/);
  const many = `{${Array.from({ length: 50 }, (_, i) => `"a${i}":[[1704067200,${i}]]`).join()}}`;
  assert.equal((await mapped(many, 'json', { rows: 'a49' })).rows, [row(day('2024-01-01'), { value: '49' })]);
});

test('sources.json says which column is what, by name or by position', async () => {
  const expected = [row(day('2024-01-01'), { close: '2', volume: '3' })];
  for (const columns of [
    { timestamp: 'when', close: 'last', volume: 'amount' }, { timestamp: 'When', close: 'LAST', volume: 'amount' }, { timestamp: 2, close: 3, volume: 4 },
  ]) assert.equal((await mapped('id,when,last,amount\n1,1704067200,2,3\n', 'csv', { columns })).rows, expected);
  assert.equal((await mapped('[["x",1704067200,2,3]]', 'json', { columns: { timestamp: 2, close: 3, volume: 4 } })).rows, expected);
  assert.equal((await mapped('[{"größe":3,"zeit":1704067200,"kurs":2}]', 'json', { columns: { timestamp: 'zeit', close: 'kurs', volume: 'größe' } })).rows, expected);
  assert.equal((await mapped('Datum;Uhr;Größe;Kurs\n01.01.2024;00:00;3;2\n', 'csv',
    { columns: { timestamp: ['Datum', 'Uhr'], close: 'Kurs', volume: 'Größe' }, date_format: 'DD.MM.YYYY HH:mm' })).rows, expected);
  await refuses(mapped('id,when\n1,2\n', 'csv', { columns: { timestamp: 'then', value: 'id' } }), /column then, which sources.json names, is not there. The header has: id, when/, /Correct/);
  await refuses(mapped('[[1704067200,2]]', 'json', { columns: { timestamp: 1, value: 3 } }), /column 3, which .* is not there. Its rows have 2 cells/, /Correct/);
});

test('sources.json says what a CSV file looks like', async () => {
  const expected = [row(day('2024-01-01'), { value: '-1234567.50' })];
  const text = 'Series "of\nValues, by day, in USD\n\nDay|Value, in USD\n01.01.2024|-1.234.567,50\n02.01.2024|none\n03.01.2024|k.A.\n04.01.2024|1.5\n';
  const { rows, reasons, lines } = await mapped(text, 'csv', {
    skip_lines: 3, delimiter: '|', columns: { timestamp: 'Day', value: 'Value, in USD' }, date_format: 'DD.MM.YYYY', decimal: ',', missing: ['k.A.'],
  });
  assert.equal(rows, expected);
  assert.equal(reasons, ['value: "1.5" is not a number with the decimal sign ,']);
  assert.equal(lines, [8]);
  assert.equal((await mapped('20240101,-1234567.50\n', 'csv', { header: false })).rows, expected);
  assert.equal((await mapped('1,2\n1704067200,-1234567.50\n', 'csv', { header: true, columns: { timestamp: 1, value: 2 } })).rows, expected);
});

test('sources.json says what stands beside a number', async () => {
  const text = 'Date,Value\n2024-01-01,5.25%\n2024-01-02,"USD 1,234.5k"\n2024-01-03,7\n2024-01-04,5 m\n';
  const { rows, reasons } = await mapped(text, 'csv', { units: { '%': 0.01, USD: 1, k: 1000 } });
  assert.equal(rows.map(({ value }) => value), ['5.25e-2', '1234.5e3', '7']);
  assert.equal(reasons, ['value: "5 m" is not a number with the decimal sign .']);
});

test('dates of many forms', async () => {
  for (const [pattern, text, expected] of [
    ['DD.MM.YYYY HH:mm', '22.11.2024 13:05', '2024-11-22T13:05:00.000Z'],
    ['MMM D, YYYY', 'Nov 2, 2024', '2024-11-02T00:00:00.000Z'],
    ['D MMM YY', '2 November 24', '2024-11-02T00:00:00.000Z'],
    ['M/D/YYYY H:mm:ss A', '11/2/2024 1:02:03 PM', '2024-11-02T13:02:03.000Z'],
    ['M/D/YYYY H:mm A', '11/2/2024 12:02 am', '2024-11-02T00:02:00.000Z'],
    ['YYYYMMDDHHmmssSSS', '20241122130559123', '2024-11-22T13:05:59.123Z'],
    ['DD/MM/YYYY HH:mm Z', '22/11/2024 13:05 +0200', '2024-11-22T11:05:00.000Z'],
    ['YY-MM', '70-02', '1970-02-01T00:00:00.000Z'],
    ['[YYYY]', '[2024]', '2024-01-01T00:00:00.000Z'],
  ] as const) {
    const { rows } = await mapped(`when,value\n"${text}",1\n`, 'csv', { date_format: pattern, columns: { timestamp: 'when', value: 'value' } });
    assert.equal(rows.map(({ timestamp }) => timestamp), [expected], `${pattern}: ${text}`);
  }
  const { reasons } = await mapped('date,value\n22.11.2024,1\n31.02.2024,1\n2024-11-23,1\n', 'csv', { date_format: 'DD.MM.YYYY' });
  assert.equal(reasons, ['31.02.2024', '2024-11-23'].map((text) => `timestamp: "${text}" is no date of the form DD.MM.YYYY`));
});

test('the mapping that comes with a refusal can be pasted', async () => {
  for (const [text, expected] of [
    ['time,AdrActCnt,PriceUSD\n2024-01-01,733837,44151.01\n', '733837'],
    ['Date,Value\n2024-01-02,"97,500"\n', '97500'],
    ['Date,Value\n01/02/2024,1\n02/02/2024,2\n', '1'],
  ] as const) {
    const path = write(text, 'csv');
    const refused = await importFile(path).then(() => assert.unreachable(), (error: BtcdbError) => error);
    const registry = write((refused as BtcdbError).hint!.replace(/^.*for example: /, ''));
    const [entry] = await readRegistry(registry);
    assert.match(path, `${entry!.name}.csv`);
    assert.is((await importFile(path, 3, entry!.mapping)).rows[0]?.value, expected);
  }
});

test('the example of docs/import.md', async () => {
  const docs = readFileSync(fileURLToPath(new URL('../../../docs/import.md', import.meta.url)), 'utf8');
  const [entry] = await readRegistry(write(/```json\n([^]*?)```/.exec(docs)![1]!));
  const { rows, skipped } = await importFile(write('a\nb;c\n"\n\nDatum;Rendite;Kurs\n22.11.2024;2,25 %;98,1\n25.11.2024;k.A.;\n', 'csv'), 3, entry!.mapping);
  assert.equal([rows, skipped], [[row(day('2024-11-22'), { value: '2.25' })], 1]);
  // Each field is in its table.
  const refused = await readRegistry(write('[{"name":"a","import":{"x":1}}]')).then(() => undefined, (error: BtcdbError) => error);
  const fields = /one of (.*)\./.exec(refused!.hint!)![1]!.split(', ');
  assert.equal(fields.filter((field) => !docs.includes(`\n| \`${field}\` |`)), []);
});

test('a mapping that is wrong names entry and field', async () => {
  for (const [mapping, message, hint] of [
    [5, /entry 1 \(a\): import is 5/, /an object of rows, skip_lines/],
    [{ x: 1 }, /import\.x is 1/, /one of rows, skip_lines/],
    [{ decimal: ';' }, /import\.decimal/, /"\." or ","/],
    [{ delimiter: '::' }, /import\.delimiter/, /one of ",", ";", "\\t", "\|"/],
    [{ skip_lines: -1 }, /import\.skip_lines/, /a number of lines/],
    [{ columns: { value: 'x' } }, /import\.columns/, /timestamp and some of open/],
    [{ columns: { timestamp: 0, value: 1 } }, /import\.columns/, /position from 1 on/],
    [{ columns: { timestamp: 't', price: 'x' } }, /import\.columns/, /timestamp and some of/],
    [{ columns: { timestamp: ['a', 'b', 'c'], value: 'x' } }, /import\.columns/, /timestamp and some of/],
    [{ date_format: 'DD.MM' }, /import\.date_format/, /a pattern/],
    [{ date_format: 'YYYY MM M' }, /import\.date_format/, /a pattern/],
    [{ units: { K: 1024 } }, /import\.units/, /powers of ten/],
    [{ missing: '.' }, /import\.missing/, /a list of texts/],
  ] as const) await refuses(readRegistry(write(JSON.stringify([{ name: 'a', import: mapping }]))), message, hint, 'IMPORT_REGISTRY');
});

test.run();
