/**
 * Takes the picture of the page in docs/page.png, with the demo's data (`npm run demo`):
 *
 *     npm run screenshot
 */
import { connect } from 'btc-dashboard-db';
import { openBrowser } from './browser.js';
import { startServer } from './support.js';

const db = await connect({ dataDir: '.btcdb/demo' });
const server = await startServer(db);
const browser = await openBrowser({ viewport: { width: 1280, height: 760 }, colorScheme: 'light' });
try {
  const page = await browser.context.newPage();
  const [spike] = (await db.query(`
    select s.name, to_char(a.timestamp at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at, a.timestamp + 30 * s.update_frequency as "to"
    from public.anomalies as a
    join public.sources as s on s.source_id = a.source_id
    where s.name = 'btc_usdt_1h' and a.anomaly_type = 'outlier_6sigma'
    order by a.timestamp desc
    limit 1`)).rows as { name: string; at: string; to: Date }[];
  await page.goto(`${server.url}/?${new URLSearchParams({ source: spike!.name, to: spike!.to.toISOString() })}`);
  await page.locator('#chart[data-points]').waitFor();
  await page.locator('#review-list button', { hasText: 'Show' }).first().waitFor();
  await page.locator('#live', { hasText: '● live' }).waitFor();
  const looksAt = async (): Promise<boolean> => (await page.locator('#point').innerText()).startsWith(spike!.at);
  for (let i = 0; i < 60 && !await looksAt(); i++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.locator('#checks').waitFor();
  await page.screenshot({ path: 'docs/page.png' });
} finally {
  await browser.close();
  await server.stop();
  await db.close();
}
