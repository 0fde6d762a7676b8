/** The page: what is shown comes from the address, and goes there. */
import { readAddress, writeAddress, type Shown, type Style } from './address.js';
import { bucketsOf, floor, isBucket, type Bucket } from './buckets.js';
import { Chart } from './chart.js';
import { Details } from './details.js';
import { make, part } from './dom.js';
import { startKeyboard } from './keyboard.js';
import { listen } from './live.js';
import { attempt, tryAgain } from './notice.js';
import { Points, type Point } from './points.js';
import { Review } from './review.js';
import { SourceList, type Source } from './sources.js';
import { count, moment, price } from './text.js';
import { startTheme } from './theme.js';
import { askForToken, opener } from './token.js';

const title = part('source-title', HTMLHeadingElement).querySelector('bdi')!;
const bucketChoice = part('bucket', HTMLSelectElement);
const styleChoice = part('style', HTMLFieldSetElement);
const pointText = part('point', HTMLParagraphElement);
const summary = part('chart-summary', HTMLParagraphElement);
const live = part('live', HTMLParagraphElement);
const chartElement = part('chart', HTMLDivElement);

/** So many buckets before the end of what is loaded more are asked for. */
const ahead = 100;
/** What is written in bursts is asked for not more often than this. */
const burstMs = 300;
const listMs = 5000;

let shown: Shown = readAddress();
let source: Source | undefined;
let points: Points | undefined;
let isLoading = false;

const list = new SourceList((name) => go({ source: name, bucket: null, to: null }, true));
const review = new Review({
  onShow(name, at) {
    void openAt(name, at);
  },
  onSettled(name, at) {
    if (name === source?.name) refresh(at, at);
    soon('settled', 0, refreshLists);
  },
});
const details = new Details(review);
const chart = new Chart(chartElement, {
  onPoint: (point) => tell(point),
  onChoose: (point) => choose(point),
  onScroll(before, after) {
    if (before < ahead) loadMore('older');
    if (after < ahead) loadMore('newer');
    soon('address', burstMs, async () => keepAddress());
  },
});

// What is shown --------------------------------------------------------------------------------------------------------

/** Shows something else. `isVisit`: the browser's button leads back. */
function go(change: Partial<Shown>, isVisit: boolean): void {
  const next = { ...shown, ...change };
  writeAddress(next, isVisit);
  void open(next);
}

function open(next: Shown): Promise<void> {
  return attempt('chart', async () => {
    shown = next;
    if (list.sources.length === 0) await list.load(false);
    const found = list.find(next.source) ?? (next.source === null ? list.sources[0] : undefined);
    // The address may be of one that was renamed.
    if (next.source !== null && !found && list.sources.length > 0) summary.textContent = `There is no source ${next.source}.`;
    source = found;
    list.choose(found?.name ?? null);
    title.textContent = found?.display_name ?? (list.sources.length === 0 ? 'No sources' : 'Choose a source');
    document.title = found ? `${found.display_name} – btc-dashboard-db` : 'btc-dashboard-db';
    details.clear();
    if (!found) return;
    const bucket = showBuckets(found, next.bucket);
    const asked = new Points(found.name, found.data_type === 'ohlcv', bucket);
    points = asked;
    showStyle(asked, next.style);
    await asked.load(next.to, found.last_timestamp === null ? null : Date.parse(found.last_timestamp));
    // Somebody may have chosen another one meanwhile.
    if (points !== asked) return;
    draw(next.to);
    if (asked.points.length === 0 && !asked.isNewest) loadMore('newer');
  });
}

function draw(to: number | null): void {
  if (!points) return;
  chart.show(points, styleOf(points), to);
  const { points: all, gaps, anomalies, bucket, isNewest } = points;
  const outliers = anomalies.filter(({ anomaly_type }) => anomaly_type !== 'missing_data').length;
  summary.textContent = all.length === 0
    ? 'No rows are here yet.'
    : `${count(all.length, 'point')} of ${bucket}, ${moment(all[0]!.at)} to ${moment(all.at(-1)!.at)}${isNewest ? ', the newest' : ''}; `
      + `${outliers === 1 ? '1 anomaly' : `${outliers} anomalies`}, ${count(gaps.length, 'gap')}.`;
  chartElement.dataset['points'] = String(all.length);
}

const styleOf = ({ hasCandles }: Points): Style => (hasCandles ? shown.style : 'line');

function showBuckets({ update_frequency }: Source, wanted: Bucket | null): Bucket {
  const fitting = bucketsOf(update_frequency);
  const bucket = wanted ?? fitting[0]!;
  const offered = fitting.includes(bucket) ? fitting : [bucket, ...fitting];
  bucketChoice.replaceChildren(...offered.map((text) => make('option', { value: text, selected: text === bucket }, text)));
  return bucket;
}

function showStyle(asked: Points, wanted: Style): void {
  const style = asked.hasCandles ? wanted : 'line';
  for (const input of styleChoice.querySelectorAll('input')) {
    input.checked = input.value === style;
    input.disabled = input.value === 'candles' && !asked.hasCandles;
  }
}

function loadMore(which: 'older' | 'newer'): void {
  const asked = points;
  if (!asked || isLoading) return;
  isLoading = true;
  void attempt('more', async () => {
    try {
      const came = which === 'older' ? await asked.loadOlder() : await asked.loadNewer();
      if (came && points === asked) draw(null);
    } finally {
      isLoading = false;
    }
  });
}

function tell(point: Point | undefined): void {
  if (!point) return pointText.replaceChildren();
  const { at, open: opened, high, low, close, volume } = point;
  pointText.textContent = points?.hasCandles
    ? `${moment(at)}  open ${price(opened)}  high ${price(high)}  low ${price(low)}  close ${price(close)}${volume === null ? '' : `  volume ${price(volume)}`}`
    : `${moment(at)}  ${price(close)}`;
}

function choose(point: Point): void {
  const { source: name, bucket } = points!;
  void attempt('row', () => details.open(name, point.at, bucket));
}

/** Goes to a row, of whichever source. */
async function openAt(name: string, at: number): Promise<void> {
  const isOther = name !== source?.name;
  if (isOther || !points?.points.some((point) => point.at === floor(at, points!.bucket))) {
    const next = { ...shown, source: name, bucket: isOther ? null : shown.bucket, to: at };
    writeAddress(next, true);
    await open(next);
  }
  if (!points || points.source !== name) return;
  const { bucket } = points;
  chart.lookAt(floor(at, bucket));
  await attempt('row', () => details.open(name, floor(at, bucket), bucket, at));
  part('row', HTMLElement).scrollIntoView({ block: 'nearest' });
}

function keepAddress(): void {
  if (!source || !points) return;
  shown = { source: source.name, bucket: points.bucket, to: chart.lastSeen, style: shown.style };
  writeAddress(shown, false);
}

// News -----------------------------------------------------------------------------------------------------------------

const waiting = new Map<string, number>();

/** Does it a little later, once for all who have asked for it until then. */
function soon(name: string, delayMs: number, work: () => Promise<void>): void {
  if (waiting.has(name)) return;
  waiting.set(name, window.setTimeout(() => {
    waiting.delete(name);
    void attempt(name, work);
  }, delayMs));
}

let written: { first: number; last: number } | undefined;

/** Loads again what is shown of a range of the source, both ends included. */
function refresh(first: number, last: number): void {
  written = { first: Math.min(first, written?.first ?? first), last: Math.max(last, written?.last ?? last) };
  soon('news', written === undefined ? 0 : burstMs / 2, async () => {
    const [asked, range] = [points, written];
    written = undefined;
    if (!asked || !range) return;
    try {
      await asked.refresh(range.first, range.last);
    } catch (error) {
      refresh(range.first, range.last);
      throw error;
    }
    if (points !== asked) return;
    draw(null);
    if (details.shows(asked.source, range.first, range.last)) await details.reload();
  });
}

async function refreshLists(): Promise<void> {
  await Promise.all([list.load(true), review.load()]);
}

// Starting -------------------------------------------------------------------------------------------------------------

startTheme(() => chart.paint());

void listen({
  onNews({ source: name, from, to }) {
    if (name === points?.source) refresh(Date.parse(from), Date.parse(to));
    soon('lists', listMs, refreshLists);
  },
  onMissed() {
    soon('missed', 0, async () => {
      const asked = points;
      await asked?.refreshAll();
      if (asked && points === asked) draw(null);
      await details.reload();
      await refreshLists();
    });
  },
  onState(isConnected) {
    live.textContent = isConnected ? '● live' : '○ not connected, trying again';
  },
});

bucketChoice.addEventListener('change', () => {
  if (isBucket(bucketChoice.value)) go({ bucket: bucketChoice.value, to: chart.lastSeen }, true);
});

styleChoice.addEventListener('change', () => setStyle(styleChoice.querySelector<HTMLInputElement>(':checked')!.value as Style));

function setStyle(style: Style): void {
  shown = { ...shown, style };
  if (!points) return;
  showStyle(points, style);
  draw(null);
  keepAddress();
}

function toNewest(): void {
  if (points?.isNewest) chart.scrollToNewest();
  else go({ to: null }, false);
}

part('newest', HTMLButtonElement).addEventListener('click', toNewest);
opener.addEventListener('click', () => void askForToken('Whoever reviews anomalies needs the token of a curator: btcdb token create NAME --role curator')
  .then((isGiven) => isGiven && tryAgain()));
window.addEventListener('popstate', () => void open(readAddress()));

startKeyboard({
  step: (by) => chart.step(by),
  choose() {
    if (chart.point) choose(chart.point);
  },
  source(by) {
    const name = list.beside(by);
    if (name !== undefined && name !== source?.name) go({ source: name, bucket: null, to: null }, true);
  },
  bucket(by) {
    const option = bucketChoice.options[bucketChoice.selectedIndex + by];
    if (option && isBucket(option.value)) go({ bucket: option.value, to: chart.lastSeen }, true);
  },
  zoom: (factor) => chart.zoom(factor),
  oldest: () => chart.scrollToOldest(),
  newest: toNewest,
  style: setStyle,
});

void open(shown);
void attempt('lists', () => review.load());
// Sources grow old by themselves.
window.setInterval(() => soon('lists', 0, refreshLists), 60_000);
