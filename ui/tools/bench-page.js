// What the page of a clip costs a viewer, by the real library and Chromium's own measures: bytes of each
// kind, first paint, and how soon it plays, on a slow link with a slow processor. Prints tables.
//
//     node tools/bench-page.js        BENCH_RUNS=5 says how often
import process from 'node:process';
import { chromium } from 'playwright-core';
import { RunningLibrary } from './web-pages.js';

const RUNS = Number(process.env['BENCH_RUNS'] ?? 3);
/** 1.6 Mbit/s, 150 ms there and back, a quarter of this processor. */
const SLOW = {
  latency: 150,
  downloadThroughput: 200_000,
  uploadThroughput: 93_750,
  offline: false,
};
const SLOWER = 4;
const REPLIES = [0, 11, 78];

/** @typedef {{ paint: number, plays: number, bytes: Record<string, number> }} Visit */

const median = (/** @type {number[]} */ values) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const library = await RunningLibrary.start();
await library.join(library.link, 'Ann', { library: 'Acme' });
const token = await library.command('token', 'create', 'Bench');
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
try {
  const rows = [];
  for (const replies of REPLIES) {
    const key = await library.addClip(token, `A clip with ${replies} replies`);
    for (let n = 0; n < replies; n++) {
      const text = `Reply ${n}: should the export at this place keep the *order* of the columns?`;
      await library.send(`/c/${key}/replies`, { name: `Guest ${n % 9}`, text, time: '0:01' });
    }
    const visits = [];
    for (let run = 0; run < RUNS; run++) visits.push(await visit(`${library.url}/c/${key}`));
    rows.push({ replies, visits });
  }
  report(rows);
} finally {
  await browser.close();
  await library.close();
}

/** @returns {Promise<Visit>} */
async function visit(/** @type {string} */ url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', SLOW);
  await tools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  /** @type {Record<string, number>} */
  const bytes = {};
  const kinds = new Map();
  tools.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  tools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? 'Other';
    bytes[kind] = (bytes[kind] ?? 0) + encodedDataLength;
  });
  await page.goto(url, { waitUntil: 'commit' });
  // As soon as the page's own button is there it is pressed.
  await page
    .getByTestId('play')
    .or(page.getByRole('button', { name: /^Play/ }))
    .first()
    .click();
  const plays = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = () => {
          const video = document.querySelector('video');
          if (video && video.currentTime > 0) resolve(performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
  );
  await page.waitForLoadState('load');
  await context.close();
  return { paint, plays: Number(plays), bytes };
}

function report(/** @type {{ replies: number, visits: Visit[] }[]} */ rows) {
  const of = (/** @type {Visit[]} */ visits, /** @type {string} */ kind) =>
    (median(visits.map(({ bytes }) => bytes[kind] ?? 0)) / 1000).toFixed(1);
  console.log(
    '| replies | first paint | plays after | page, kB | API, kB | scripts, kB | styles, kB | fonts, kB |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const { replies, visits } of rows) {
    const ms = [visits.map(({ paint }) => paint), visits.map(({ plays }) => plays)].map(
      (values) => `${(median(values) / 1000).toFixed(2)} s`,
    );
    const sizes = ['Document', 'Fetch', 'Script', 'Stylesheet', 'Font'].map((kind) =>
      of(visits, kind),
    );
    console.log(`| ${replies} | ${ms.join(' | ')} | ${sizes.join(' | ')} |`);
  }
}
