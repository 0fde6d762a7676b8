import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discover } from '../../src/import/index.js';
import { jsonOf, readRegistry } from '../../src/import/registry.js';
import { folder, refuses, write } from './files.js';

const test = suite('import: folder and registry');

function make(name: string, ...files: string[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), '[]');
  return path;
}

test('series, registry, and files that are none of our business', async () => {
  const path = make('all', 'sources.json', 'b.csv.gz', 'a.json', 'README.md', '.hidden.json', 'c_1.csv', 'd.json.gz');
  const found = await discover(path);
  assert.is(basename(found.registry ?? ''), 'sources.json');
  assert.equal(found.files.map(({ name, format }) => [name, format]), [['a', 'json'], ['b', 'csv'], ['c_1', 'csv'], ['d', 'json']]);
  assert.equal(found.refused, []);
  const single = await discover(join(path, 'a.json'));
  assert.equal(single.files.map(({ name }) => name), ['a']);
});

test('illegal names come with a legal one', async () => {
  const { files, refused } = await discover(make('names', 'BTC-USD 1h.json', 'é.csv', 'ok.json', 'sources.csv', 'x.JSON'));
  assert.equal(files.map(({ name }) => name), ['ok']);
  assert.equal(refused.map(({ error }) => [error.code, error.hint]).sort(), [
    ['IMPORT_FILE', 'Rename it to btc_usd_1h.json.'],
    ['IMPORT_FILE', 'Rename it to series.csv.'],
    ['IMPORT_FILE', 'Rename it to x.json.'],
    ['IMPORT_FILE', 'The registry is sources.json, not packed; a series needs another name.'],
  ]);
});

test('two files of one series', async () => {
  const { files, refused } = await discover(make('twice', 'btc.json', 'btc.csv', 'eth.csv'));
  assert.equal(files.map(({ name }) => name), ['eth']);
  assert.is(refused.length, 2);
  assert.match(refused[0]?.error.message ?? '', /btc.csv and btc.json are the same series/);
});

test('a folder with nothing in it', async () => {
  await refuses(discover(make('nothing', 'README.md')), /holds nothing to import/, /for each series/, 'IMPORT_DIRECTORY');
});

test('the registry keeps the digits of its metadata', async () => {
  const [entry] = await readRegistry(write('[{"name":"btc","metadata":{"big":12345678901234567890.10},"requires_auth":false,"category":null}]'));
  assert.is(entry?.name, 'btc');
  assert.is(entry && jsonOf(entry), '{"name":"btc","metadata":{"big":12345678901234567890.10},"requires_auth":false,"category":null}');
});

test('a bad registry names entry and field', async () => {
  for (const [text, message, hint] of [
    ['{', /sources.json cannot be read/, /JSON array of objects/],
    ['{}', /is no array/, /one JSON array/],
    ['[5]', /entry 1: it is no object/, /object/],
    ['[{}]', /entry 1: name is missing/, /name/],
    ['[{"name":"ok"},{"name":5}]', /entry 2: name is 5/, /a text/],
    ['[{"name":"a"},{"name":"a"}]', /entry 2: name "a" is there twice/, /one of the entries/],
    ['[{"name":"a","frequency":"1 day"}]', /entry 1 \(a\): there is no field frequency/, /update_frequency/],
    ['[{"name":"a","constructor":1}]', /there is no field constructor/, /fields are/],
    ['[{"name":"a","data_type":1}]', /data_type is 1/, /a text/],
    ['[{"name":"a","requires_auth":"no"}]', /requires_auth is "no"/, /true or false/],
    ['[{"name":"a","metadata":[]}]', /metadata is \[\]/, /an object/],
    ['[{"name":"a","display_name":""}]', /display_name is ""/, /a text/],
    ['[{"name":"a","status":null}]', /status is null/, /a text/],
  ] as const) await refuses(readRegistry(write(text)), message, hint, 'IMPORT_REGISTRY');
});

test.run();
