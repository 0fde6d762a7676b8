/** What only `btcdb import` does: choices, a dry run, and what it tells of corrected rows and odd names. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { open } from '../../src/client/open.js';
import { startEmbedded } from '../../src/embedded/index.js';
import { transaction } from '../../src/client/transaction.js';
import { btcdb, hourlyCandles, migratedFolder, workFolder, writeFiles } from './run.js';

const test = suite('cli: import');

test('a dry run in an empty folder needs no database and leaves nothing', async () => {
  const cwd = workFolder();
  writeFiles(cwd, { 'in/btc_usd.json': hourlyCandles(50), 'in/yield.csv': 'date,value\n2024-01-02,.\n2024-01-03,oops\n2024-01-04,4.2\n' });
  const { code, stdout, stderr } = await btcdb(['import', 'in', '--dry-run'], { cwd });
  assert.is(code, 0, stderr);
  assert.match(stdout, /\nbtc_usd\.json +50 +0 +0 +0 /);
  assert.match(stdout, '  yield.csv: 1 row without a value, still open, or outside the range left out\n');
  assert.match(stdout, '! yield.csv: 1 row rejected\n    line 3: value: "oops" is not a number\n');
  assert.match(stdout, /✓ 51 new rows, 0 changed rows, 2 new sources, in .*: a dry run, nothing was written\.\n/);
  assert.equal(readdirSync(cwd), ['in']);
});

test('choices, corrected rows, and names that a terminal would obey', async () => {
  const cwd = await migratedFolder();
  const server = await startEmbedded({ dataDir: join(cwd, '.btcdb') });
  const db = await open(server.url, 'embedded');
  const run = (...args: string[]): ReturnType<typeof btcdb> => btcdb(['import', 'in', ...args, '--url', server.url], { cwd });
  try {
    writeFiles(cwd, { 'in/a.csv': 'date,value\n2024-01-02,1\n2024-01-03,2\n2024-01-04,3\n', 'in/b.json': hourlyCandles(5) });
    const some = await run('--only', 'a', '--from', '2024-01-03', '--to', '2024-01-03T00:00Z');
    assert.is(some.code, 0, some.stderr);
    assert.match(some.stdout, '✓ 1 new row, 0 changed rows, 1 new source, in ');

    await transaction(db, { reason: 'a typo' }, (tx) => tx.query('update public.timeseries_data set value = 2.5'));
    const kept = await run('--only', 'a');
    assert.is(kept.code, 0, kept.stderr);
    assert.match(kept.stdout, '! a.csv: 1 corrected row kept; --overwrite takes what the file says\n    2024-01-03 00:00\n');
    const overwritten = await run('--only', 'a,b', '--overwrite');
    assert.match(overwritten.stdout, '✓ 5 new rows, 1 changed row, 1 new source, in ');

    writeFiles(cwd, { 'in/\u001b[31mred.csv': 'x' });
    const odd = await run();
    assert.is(odd.code, 1);
    assert.match(odd.stderr, '\\u001b[31mred.csv is no name of a source');
    assert.not.match(odd.stdout + odd.stderr, /\u001b/);
  } finally {
    await db.close();
    await server.stop();
  }
});

test('a time that is none', async () => {
  const { code, stderr } = await btcdb(['import', 'in', '--from', 'soon'], { cwd: workFolder() });
  assert.is(code, 2);
  assert.match(stderr, `option '--from <time>' argument 'soon' is invalid. It has to be a time such as 2024-01-01`);
});

test.run();
