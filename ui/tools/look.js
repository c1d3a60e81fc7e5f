// Pictures of every state of the window and of a clip's page, and what axe finds wrong with them.
//
//     npm run look [-- STATE…]     light and dark, at 100 % and 200 %, into a folder that it names
//     npm run axe [-- STATE…]      light and dark; ends with an error if anything is found
//
// A state is the name of one of `host/demo.ts` or `watch-pages.js`, or the beginning of `desktop/…`
// or `watch/…`.
import { readFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { NOW_MS, serveWatchPages, WATCH_STATES } from './watch-pages.js';

const ROOT = new URL('..', import.meta.url).pathname;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const ZOOMS = [
  { zoom: 100, viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1 },
  // At 200 % half as much fits into the same window.
  { zoom: 200, viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 },
];
const SCHEMES = /** @type {const} */ (['light', 'dark']);

const args = process.argv.slice(2);
const axe = args.includes('--axe');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const isWanted = (/** @type {string} */ name) =>
  wanted.length === 0 ||
  wanted.some((state) => name.startsWith(state) || name.endsWith(`/${state}`));

const vite = await createServer({
  root: ROOT,
  logLevel: 'error',
  server: { port: 0, strictPort: false, hmr: false },
});
await vite.listen();
const { DEMO_STATES } = await vite.ssrLoadModule('/src/host/demo.ts');
const watched = await serveWatchPages();
const address = vite.resolvedUrls?.local[0] ?? '';
const states = [
  ...DEMO_STATES.map((/** @type {string} */ s) => ({
    name: `desktop/${s}`,
    url: `${address}desktop.html?state=${s}`,
  })),
  ...WATCH_STATES.map((s) => ({
    name: `watch/${s}`,
    url: `${watched.url}/c/${s}${s.startsWith('read') ? '?view=read' : ''}`,
  })),
].filter(({ name }) => isWanted(name));

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
const folder = join(tmpdir(), 'vignette-look');
let found = 0;
try {
  for (const { name, url } of states) {
    for (const scheme of SCHEMES) {
      for (const { zoom, ...screen } of axe ? ZOOMS.slice(0, 1) : ZOOMS) {
        await look(name, url, scheme, zoom, screen);
      }
    }
  }
} finally {
  await browser.close();
  await watched.close();
  await vite.close();
}
console.log(
  axe
    ? `${states.length} states, ${found} findings`
    : `${states.length} states, pictures in ${folder}`,
);
process.exit(found > 0 ? 1 : 0);

async function look(
  /** @type {string} */ name,
  /** @type {string} */ url,
  /** @type {'light' | 'dark'} */ scheme,
  /** @type {number} */ zoom,
  /** @type {{ viewport: { width: number, height: number }, deviceScaleFactor: number }} */ screen,
) {
  const context = await browser.newContext({
    ...screen,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    bypassCSP: axe,
  });
  // These states show the transcript's tab of the sidebar.
  if (name.startsWith('watch/transcript')) {
    await context.addInitScript(() =>
      globalThis.localStorage.setItem('vignette:beside', '"transcript"'),
    );
  }
  const page = await context.newPage();
  // Dates on the pages are relative to now; timers run on.
  await page.clock.setFixedTime(NOW_MS);
  const complain = (/** @type {string} */ what) => {
    found += 1;
    console.log(`${name} (${scheme}): ${what}`);
  };
  page.on('pageerror', (error) => complain(`an error in the page: ${error.message}`));
  page.on('console', (message) => {
    // A clip that does not play is one of the states.
    if (message.type() === 'error' && !/40[0-9]|503/.test(message.text())) complain(message.text());
  });
  await page.goto(url, { waitUntil: 'load' });
  await page.locator('#app > *').first().waitFor();
  await page.waitForTimeout(400); // Demos tell what they have to tell within 50 ms; a first picture is decoded by then.
  if (axe) {
    await page.addScriptTag({ content: await readFile(AXE, 'utf8') });
    const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
    for (const { id, nodes } of violations) {
      for (const { target, failureSummary } of nodes)
        complain(`${id}: ${target} ${failureSummary?.split('\n')[1] ?? ''}`);
    }
  } else {
    await mkdir(join(folder, name.split('/')[0] ?? ''), { recursive: true });
    await page.screenshot({
      path: join(folder, `${name}-${scheme}-${zoom}.png`),
      fullPage: zoom === 200,
    });
  }
  await context.close();
}
