/** The page, in a real browser. */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { bulkUpsert, open, sources, transaction, type Database } from 'btc-dashboard-db';
import { browserPath, openBrowser, type Browser } from './browser.js';
import { ask, assert, proxyTo, serverSuite, startServer, tokenFor } from './support.js';

const hour = 3_600_000;
const hours = 1400;
/** The newest candle is that of the hour before this one. */
const end = Math.floor(Date.now() / hour) * hour;
const at = (i: number): number => end - (hours - i) * hour;

/** Hours that are missing, and the one of a spike. */
const gap = [1370, 1379] as const;
const spike = 1390;

const hostileTitle = '<img src=x onerror="document.title=1"> \u202eevil\u202c שלום';
const hostileReason = '<script>document.title = 1</script>';

const suite = serverSuite('page', async (db) => {
  const register = (name: string, display_name: string, data_type: 'ohlcv' | 'calculated', update_frequency = '1 hour') =>
    sources.register.run({ name, display_name, data_type, update_frequency }, db);
  await register('btc_usd', 'Bitcoin', 'ohlcv');
  await register('rsi', 'RSI of Bitcoin', 'calculated');
  await register('hostile', hostileTitle, 'calculated', '1 day');
  const ids = new Map((await sources.list.run({}, db)).map(({ name, source_id }) => [name, source_id]));
  const candles = Array.from({ length: hours }, (_, i) => i).filter((i) => i < gap[0] || i > gap[1]).map((i) => {
    const close = (i === spike ? 300 : 100) + Math.sin(i) + Math.sin(i / 50);
    return { source_id: ids.get('btc_usd')!, timestamp: new Date(at(i)), open: close, high: close + 1, low: close - 1, close, volume: 5 + i % 7 };
  });
  const rsi = Array.from({ length: 300 }, (_, i) => ({ source_id: ids.get('rsi')!, timestamp: new Date(at(hours - 300 + i)), value: 50 + i % 9 }));
  const hostile = Array.from({ length: 40 }, (_, i) => ({ source_id: ids.get('hostile')!, timestamp: new Date(Date.UTC(2026, 0, 1 + i)), value: 1 + (i === 39 ? 9 : 0) }));
  await bulkUpsert(db, [...candles, ...rsi, ...hostile], { ingestMode: 'backfill', user: 'loader' });
  await transaction(db, { user: hostileReason, reason: hostileReason }, (tx) => tx.query(
    `update public.timeseries_data set value = 12 where source_id = $1 and timestamp = '2026-02-09Z'`, [ids.get('hostile')]));
  await db.query(`update public.anomalies set resolution_notes = $1 where source_id = $2`, [hostileReason, ids.get('hostile')]);
});
const test = browserPath === undefined ? suite.skip : suite;

let browser: Promise<Browser> | undefined;
suite.after(async () => (await browser)?.close());

interface Visit {
  readonly page: Page;
  readonly chart: Locator;
}

/** Looks at the page. What it must never do is checked at the end. */
async function visit(url: string, look: (visit: Visit) => Promise<void>, { failing = false, width = 1280, height = 800 } = {}): Promise<void> {
  const { context } = await (browser ??= openBrowser());
  const page = await context.newPage();
  await page.setViewportSize({ width, height });
  page.setDefaultTimeout(30_000);
  const wrong: string[] = [];
  const { host } = new URL(url);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !failing) wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`uncaught: ${error.stack}`));
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.host !== host) wrong.push(`asks ${request.url()}`);
  });
  page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`));
  try {
    await page.goto(url);
    const chart = page.locator('#chart');
    await page.locator('#chart[data-points]').waitFor();
    await look({ page, chart });
    assert.equal(wrong, []);
  } finally {
    await page.close();
  }
}

const pointsOf = async (chart: Locator): Promise<number> => Number(await chart.getAttribute('data-points'));

/** Waits until something holds. */
async function until(what: string, holds: () => Promise<boolean>, ms = 60_000): Promise<number> {
  const start = performance.now();
  while (!await holds()) {
    if (performance.now() - start > ms) throw new Error(`after ${ms} ms still not: ${what}`);
    await delay(20);
  }
  return performance.now() - start;
}

async function drag(page: Page, chart: Locator, by: number): Promise<void> {
  const box = (await chart.boundingBox())!;
  const [x, y] = [box.x + (by > 0 ? 50 : 450), box.y + 100];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by, y, { steps: 4 });
  await page.mouse.up();
}

const shows = (place: Locator, text: string | RegExp): Promise<void> => place.filter({ hasText: text }).first().waitFor();
const addressOf = (page: Page): URLSearchParams => new URL(page.url()).searchParams;

test('it shows the sources, and the newest candles of one', async ({ url }) => {
  await visit(`${url}/?source=btc_usd`, async ({ page, chart }) => {
    assert.is(await page.locator('#source-list li').count(), 3);
    const item = page.locator('#source-list li[data-source=btc_usd]');
    assert.match(await item.innerText(), /Bitcoin\s+. (?:fresh|warning)\s+btc_usd\s+\d+ (?:minute|hour)s? old · quality [\d.]+/);
    assert.is(await item.locator('button').getAttribute('aria-current'), 'true');
    assert.ok(await pointsOf(chart) > 450);
    await shows(page.locator('#chart-summary'), /the newest; \d+ anomal(?:y|ies), 1 gap\./);
    assert.ok(await chart.locator('canvas').count() > 0);
    assert.is(await page.locator('#notice').isVisible(), false);
    await shows(page.locator('#live'), '● live');
    await shows(page.locator('footer'), 'TradingView Lightweight Charts');
  });
});

test('what is loaded again, or piece by piece, has no more gaps', async ({ db, url }) => {
  const { context } = await (browser ??= openBrowser());
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const stream = '**/api/live';
  await context.route(stream, async (route) => {
    await begun;
    await route.continue();
  });
  try {
    await visit(`${url}/?source=btc_usd&bucket=4+hours`, async ({ page }) => {
      const summary = page.locator('#chart-summary');
      await summary.evaluate((element) => {
        element.dataset['drawn'] = '0';
        new MutationObserver(() => (element.dataset['drawn'] = String(Number(element.dataset['drawn']) + 1))).observe(element, { childList: true });
      });
      const drawn = async (): Promise<number> => Number(await summary.getAttribute('data-drawn'));
      const oneGapAfter = async (what: string, work: () => unknown): Promise<void> => {
        const before = await drawn();
        await work();
        await until(what, async () => await drawn() > before);
        assert.match(await summary.innerText(), /, 1 gap\.$/, what);
      };
      // A stream that begins when all is loaded has all loaded again.
      await oneGapAfter('all is loaded again', begin);
      await oneGapAfter('a row in the bucket in which the gap begins', () => writeOutside(db, `update public.timeseries_data
        set volume = volume + 1 where timestamp = '${new Date(at(gap[0] - 1)).toISOString()}'`));
    });
  } finally {
    await context.unroute(stream);
  }
  // Loaded up to a moment in the gap, 125 hours behind what is seen.
  const to = new Date(at(gap[0] + 4 - 125)).toISOString();
  await visit(`${url}/?${new URLSearchParams({ source: 'btc_usd', bucket: '1 hour', to })}`, async ({ page, chart }) => {
    const summary = page.locator('#chart-summary');
    await until('the newest', async () => {
      await drag(page, chart, -400);
      return (await summary.innerText()).includes('the newest');
    });
    assert.match(await summary.innerText(), /, 1 gap\.$/);
  });
});

test('its files come with a policy that lets nothing else in, and nothing but them is given', async ({ url }) => {
  const { headers, text } = await ask(`${url}/`);
  assert.match(headers['content-type']!, /^text\/html/);
  assert.match(headers['content-security-policy'] as string, /default-src 'none'; script-src 'self';/);
  assert.not.match(text, /https?:\/\/(?!www\.tradingview\.com)/);
  assert.is((await ask(`${url}/page/main.js`)).status, 200);
  assert.match((await ask(`${url}/page/lightweight-charts.mjs`)).text, /Copyright \(c\) \d+ TradingView, Inc\.\s+\* Licensed under Apache License 2\.0/);
  for (const path of ['main.ts', 'tsconfig.json', 'tsconfig.tsbuildinfo', '../package.json', '..%2fpackage.json', '%2e%2e/src/app.js', '']) {
    assert.is((await ask(`${url}/page/${path}`)).status, 404, path);
  }
});

test('another source is shown, and the address leads back', async ({ url }) => {
  await visit(`${url}/?source=btc_usd`, async ({ page, chart }) => {
    await page.locator('li[data-source=rsi] button').click();
    await shows(page.locator('#source-title'), 'RSI of Bitcoin');
    await until('300 points', async () => await pointsOf(chart) === 300);
    assert.is(addressOf(page).get('source'), 'rsi');
    assert.is(await page.locator('#style input[value=candles]').isDisabled(), true);
    await page.goBack();
    await shows(page.locator('#source-title'), /^Bitcoin$/);
    await until('candles', async () => await pointsOf(chart) > 450);
  });
});

test('scrolling back loads older candles, up to the first', async ({ url }) => {
  await visit(`${url}/?source=btc_usd`, async ({ page, chart }) => {
    const first = await pointsOf(chart);
    await until('older ones', async () => {
      await drag(page, chart, 400);
      return await pointsOf(chart) > first;
    });
    await chart.focus();
    await until('all', async () => {
      await page.keyboard.press('Home');
      return await pointsOf(chart) === hours - (gap[1] - gap[0] + 1);
    });
    assert.match(await page.locator('#chart-summary').innerText(), new RegExp(`of 1 hour, ${new Date(at(0)).toISOString().slice(0, 10)}`));
    await page.keyboard.press('End');
    await until('no moment in the address', async () => !addressOf(page).has('to'));
  });
});

test('a link leads to a moment in history, and newer candles follow', async ({ url }) => {
  const to = new Date(at(300)).toISOString();
  await visit(`${url}/?${new URLSearchParams({ source: 'btc_usd', bucket: '1 hour', to, style: 'line' })}`, async ({ page, chart }) => {
    assert.is(await page.locator('#style input[value=line]').isChecked(), true);
    await until('an address', async () => Math.abs(Date.parse(addressOf(page).get('to') ?? '') - at(300)) <= 3 * hour);
    const summary = page.locator('#chart-summary');
    assert.not.match(await summary.innerText(), /the newest/);
    await until('the newest', async () => {
      await drag(page, chart, -400);
      return (await summary.innerText()).includes('the newest');
    });
  });
  await visit(`${url}/?source=btc_usd&bucket=1+week&to=nonsense`, async ({ page, chart }) => {
    assert.is(await page.locator('#bucket').inputValue(), '1 week');
    assert.ok(await pointsOf(chart) <= 10);
  });
});

test('a row that somebody else writes appears without anything being done', async ({ db, url }) => {
  await visit(`${url}/?source=btc_usd`, async ({ page, chart }) => {
    await shows(page.locator('#live'), '● live');
    const before = await pointsOf(chart);
    await writeOutside(db, `insert into public.timeseries_data (source_id, timestamp, open, high, low, close, volume)
      select source_id, '${new Date(end).toISOString()}', 100, 102, 99, 101.5, 3 from public.sources where name = 'btc_usd'`);
    const took = await until('a new point', async () => await pointsOf(chart) === before + 1);
    if (process.env['SHOW_TIMES']) console.log(`from commit to page: ${took.toFixed(0)} ms`);
    assert.ok(took < 5000, `${took} ms`);
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    assert.match(await page.locator('#point').innerText(), /close 101\.50/);
    // And what is corrected is another one.
    await writeOutside(db, `update public.timeseries_data set close = 101.25
      where timestamp = '${new Date(end).toISOString()}' and source_id = (select source_id from public.sources where name = 'btc_usd')`);
    await shows(page.locator('#point'), 'close 101.25');
  });
});

const run = promisify(execFile);

/** By psql, where there is one. */
async function writeOutside({ url }: Database, sql: string): Promise<void> {
  const client = `
    import pg from 'pg';
    const client = new pg.Client(process.argv[1]);
    await client.connect();
    await client.query(process.argv[2]);
    await client.end();`;
  await run('psql', ['-v', 'ON_ERROR_STOP=1', '-qc', sql, url]).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return run(process.execPath, ['--input-type=module', '-e', client, url, sql]);
  });
}

test('a click on a point shows its row, why it has its score, and who changed it', async ({ url }) => {
  await visit(`${url}/?source=btc_usd`, async ({ page, chart }) => {
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 3);
    await shows(page.locator('#point'), /open [\d.]+ {2}high/);
    const [moment] = (await page.locator('#point').innerText()).split('  ');
    await page.mouse.click(box.x + box.width / 3, box.y + box.height / 3);
    await shows(page.locator('#row h3'), moment!);
    await shows(page.locator('#history'), /INSERT, with [\d,]+ rows by loader/);

    // That of the spike, by the keyboard.
    await page.mouse.move(0, 0);
    await page.keyboard.press('End');
    await chart.focus();
    await until('the spike', async () => {
      await page.keyboard.press('ArrowLeft');
      return (await page.locator('#point').innerText()).startsWith(new Date(at(spike)).toISOString().slice(0, 16).replace('T', ' '));
    });
    await page.keyboard.press('Enter');
    await shows(page.locator('#row'), 'Score 75 of 100');
    await shows(page.locator('#checks tr', { hasText: 'consistency' }), /✗ −25\s*\d{3}\.\d+ after \d+/);
    await shows(page.locator('#checks tr', { hasText: 'completeness' }), '✓ 0');
    await shows(page.locator('#row .anomaly'), 'CRITICAL black swan beyond 6σ');
  });
});

test('all of it goes by the keyboard alone', async ({ url }) => {
  await visit(`${url}/?source=btc_usd`, async ({ page, chart }) => {
    await page.keyboard.press('/');
    await page.keyboard.type('rsi');
    await until('one is found', async () => await page.locator('#source-list li').count() === 1);
    await page.keyboard.press('Enter');
    await shows(page.locator('#source-title'), 'RSI');
    await page.keyboard.press('Escape');
    await until('all are listed', async () => await page.locator('#source-list li').count() === 3);
    assert.is(await page.evaluate(() => document.activeElement?.id), 'chart');
    await until('its points', async () => await pointsOf(chart) === 300);

    await page.keyboard.press('ArrowLeft');
    const newest = await page.locator('#point').innerText();
    await page.keyboard.press('ArrowLeft');
    assert.ok(newest !== '' && newest !== await page.locator('#point').innerText());
    await page.keyboard.press('Enter');
    await page.locator('#checks').waitFor();

    await page.keyboard.press(']');
    await until('wider buckets', async () => addressOf(page).get('bucket') === '4 hours');
    await page.keyboard.press('[');
    await until('narrower buckets', async () => addressOf(page).get('bucket') === '1 hour');

    await page.keyboard.press('?');
    assert.is(await page.locator('#help').isVisible(), true);
    await page.keyboard.press('Escape');
    assert.is(await page.locator('#help').isVisible(), false);

    await page.keyboard.press('r');
    assert.is(await page.evaluate(() => document.activeElement?.id), 'review-title');
    await page.keyboard.press('Tab');
    assert.is(await page.evaluate(() => document.activeElement?.textContent), 'Show');
    await page.keyboard.press('Enter');
    await page.locator('#checks').waitFor();

    const names = await page.locator('#source-list li').evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset['source']!));
    const index = names.indexOf(addressOf(page).get('source')!);
    const [there, back] = index === 0 ? ['ArrowDown', 'ArrowUp'] : ['ArrowUp', 'ArrowDown'];
    await chart.focus();
    await page.keyboard.press(there);
    await until('the source beside it', async () => addressOf(page).get('source') === names[index === 0 ? 1 : index - 1]);
    await page.keyboard.press(back);
    await until('the source again', async () => addressOf(page).get('source') === names[index]);
  });
});

test('an anomaly is settled with a token, in its name', async ({ db, url }) => {
  const token = await tokenFor(db, 'reviewer', 'curator');
  const reader = await tokenFor(db, 'onlooker', 'reader');
  await visit(`${url}/?source=btc_usd`, async ({ page }) => {
    const listed = page.locator('#review-list li');
    await listed.first().waitFor();
    const before = await listed.count();
    const item = listed.filter({ hasText: 'btc_usd' }).filter({ hasText: 'black swan' }).first();
    await item.locator('input').fill('a typo of the exchange');
    await item.getByRole('button', { name: 'Resolve' }).click();
    const dialog = page.locator('#token-dialog');
    await dialog.waitFor();
    // A reader's is refused with a reason, and asked for again.
    await dialog.locator('input').fill(reader);
    await page.keyboard.press('Enter');
    await shows(dialog, 'This takes the token of a writer or curator.');
    await dialog.locator('input').fill(token);
    await page.keyboard.press('Enter');
    await shows(page.locator('#said'), /black swan beyond 6σ of btc_usd .* resolved\./);
    await until('one less', async () => await listed.count() === before - 1);
    assert.is(await page.evaluate(() => JSON.stringify(localStorage).includes('btcdb_')), false, 'the token is kept for this window only');

    const [settled] = (await db.query(`select resolved_by, resolution_notes from public.anomalies where resolution_notes = 'a typo of the exchange'`)).rows;
    assert.equal(settled, { resolved_by: 'reviewer', resolution_notes: 'a typo of the exchange' });
    // The token stays: the next one asks for none.
    await listed.first().getByRole('button', { name: 'False alarm' }).click();
    await shows(page.locator('#said'), 'marked as a false alarm');
    // A reload, too, but not another window.
    await page.reload();
    await shows(page.locator('#token-button'), 'Token ✓');
  }, { failing: true });
});

test('on another host it asks for a token, and goes on with it', async ({ db }) => {
  const server = await startServer(db, { host: '0.0.0.0' });
  const token = await tokenFor(db, 'far', 'reader');
  const { context } = await (browser ??= openBrowser());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  try {
    await page.goto(`${server.url.replace('0.0.0.0', '127.0.0.1')}/?source=rsi`);
    const [dialog, notice, chart] = [page.locator('#token-dialog'), page.locator('#notice'), page.locator('#chart')];
    await shows(dialog, 'This takes a token');
    // Whoever declines is told so, and not asked again, until he wants it.
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await shows(notice, 'This takes a token');
    await notice.getByRole('button', { name: 'Try again' }).click();
    await shows(page.locator('#live'), 'not connected');
    assert.is(await dialog.isVisible(), false);
    await page.locator('#token-button').click();
    await dialog.locator('input').fill('btcdb_nobodys');
    await page.keyboard.press('Enter');
    await shows(dialog, 'The token is unknown, expired or revoked.');
    await dialog.locator('input').fill(token);
    await page.keyboard.press('Enter');
    await shows(page.locator('#live'), '● live');
    await until('its points', async () => await pointsOf(chart) >= 300 && !await notice.isVisible());
    const before = await pointsOf(chart);
    await writeOutside(db, `insert into public.timeseries_data (source_id, timestamp, value)
      select source_id, '${new Date(end + hour).toISOString()}', 50 from public.sources where name = 'rsi'`);
    await until('a new point', async () => await pointsOf(chart) === before + 1);
    await writeOutside(db, `delete from public.timeseries_data where timestamp = '${new Date(end + hour).toISOString()}'`);
  } finally {
    await page.close();
    await server.stop();
  }
});

test('it fits a phone, in the light and in the dark', async ({ url }) => {
  await visit(`${url}/?source=hostile`, async ({ page, chart }) => {
    const fits = async (what: string): Promise<void> => {
      const [content, window] = await page.evaluate(() => [document.scrollingElement!.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${what}: ${content} of ${window}`);
    };
    await chart.press('ArrowLeft');
    await chart.press('Enter');
    await page.locator('#checks').waitFor();
    await fits('with a row');
    await page.setViewportSize({ width: 320, height: 568 });
    await fits('small');
    await page.locator('#help-button').click();
    await fits('with the help');
    await page.keyboard.press('Escape');

    const colour = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await colour();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await colour();
    assert.is.not(light, dark);
    await page.locator('#theme').selectOption('light');
    assert.is(await colour(), light, 'the switch is stronger than the system');
    await page.reload();
    await page.locator('#chart[data-points]').waitFor();
    assert.is(await colour(), light, 'and it is kept');
    await page.locator('#theme').selectOption('system');
  }, { width: 390, height: 844 });
});

test('names and reasons are texts, whatever is in them', async ({ url }) => {
  await visit(`${url}/?source=hostile`, async ({ page, chart }) => {
    assert.is(await page.locator('#source-title bdi').textContent(), hostileTitle);
    await chart.press('ArrowLeft');
    await chart.press('Enter');
    await shows(page.locator('#history'), hostileReason);
    await shows(page.locator('#row'), hostileReason);
    assert.is(await page.locator('main img, main script').count(), 0);
    assert.match(await page.title(), /^<img/);
    // What is in a link is one, too.
    await page.goto(`${url}/?source=${encodeURIComponent(hostileReason)}&bucket=<b>&to=<i>`);
    await shows(page.locator('#chart-summary'), hostileReason);
  });
});

test('when the database goes away it says so, and goes on when it is back', async ({ url }) => {
  await visit(`${url}/?source=btc_usd`, async ({ page, chart }) => {
    const notice = page.locator('#notice');
    let isAway = true;
    const detail = 'The database is away at the moment.';
    await page.route('**/api/**', (route) => (isAway
      ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ status: 503, code: 'DATABASE_UNAVAILABLE', detail }) })
      : route.continue()));
    await page.locator('li[data-source=rsi] button').click();
    await shows(notice, detail);
    assert.is(await notice.locator('span').innerText(), detail, 'one sentence, however many requests fail');
    isAway = false;
    await notice.getByRole('button', { name: 'Try again' }).click();
    await until('it is back', async () => await pointsOf(chart) === 300 && !await notice.isVisible());

    // Without a click, too.
    isAway = true;
    await page.locator('li[data-source=btc_usd] button').click();
    await shows(notice, detail);
    isAway = false;
    await until('it is back', async () => await pointsOf(chart) > 450 && !await notice.isVisible());
  }, { failing: true });
});

test('when the connections to the database break it goes on without being loaded again', async ({ db }) => {
  const proxy = await proxyTo(db.url);
  const wired = await open(proxy.url, db.engine);
  const server = await startServer(wired);
  try {
    await visit(`${server.url}/?source=rsi`, async ({ page, chart }) => {
      await shows(page.locator('#live'), '● live');
      const before = await pointsOf(chart);
      proxy.cut();
      await writeOutside(db, `insert into public.timeseries_data (source_id, timestamp, value)
        select source_id, '${new Date(end).toISOString()}', 50 from public.sources where name = 'rsi'`);
      await until('a new point', async () => await pointsOf(chart) === before + 1);
      await until('nothing is wrong', async () => !await page.locator('#notice').isVisible());
    }, { failing: true });
  } finally {
    await server.stop();
    await wired.close();
    await proxy.stop();
  }
});

suite.run();
