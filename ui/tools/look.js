// Pictures of every state of every page (`states.js`), and what axe finds wrong with them.
//
//     npm run look [-- STATE…] [--only VARIANT…]   every variant (`variants.js`) and a page to leaf through
//     npm run axe [-- STATE…]                      light, dark and on a phone; ends with an error if anything is found
//
// A state is its name or the beginning of it: `web/people`, `desktop`, `people`. `LOOK_FOLDER` is
// where the pictures go.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { indexPage } from './look-index.js';
import { openStates } from './states.js';
import { VARIANTS } from './variants.js';
import { NOW_MS } from './watch-pages.js';

const ROOT = new URL('..', import.meta.url).pathname;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const AXE_VARIANTS = ['light', 'dark', 'phone'];

const args = process.argv.slice(2);
const axe = args.includes('--axe');
const only = args.includes('--only') ? args.slice(args.indexOf('--only') + 1) : [];
const before = args.includes('--only') ? args.slice(0, args.indexOf('--only')) : args;
const wanted = before.filter((arg) => !arg.startsWith('--'));
const isWanted = (/** @type {string} */ name) =>
  wanted.length === 0 ||
  wanted.some((state) => name.startsWith(state) || name.endsWith(`/${state}`));
const variants = VARIANTS.filter(({ name }) =>
  axe ? AXE_VARIANTS.includes(name) : only.length === 0 || only.includes(name),
);

const vite = await createServer({
  root: ROOT,
  logLevel: 'error',
  server: { port: 0, strictPort: false, hmr: false },
});
await vite.listen();
const opened = await openStates(vite, isWanted);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
const folder = process.env['LOOK_FOLDER'] ?? join(tmpdir(), 'vignette-look');
let found = 0;
try {
  for (const state of opened.states) {
    for (const variant of variants) await look(state, variant);
  }
} finally {
  await browser.close();
  await opened.close();
  await vite.close();
}
const count = `${opened.states.length} states`;
if (axe) {
  console.log(`${count}, ${found} findings`);
} else {
  const index = join(folder, 'index.html');
  await writeFile(index, indexPage(opened.states, variants));
  console.log(`${count} in ${variants.length} variants: leaf through them at file://${index}`);
}
process.exit(found > 0 ? 1 : 0);

async function look(
  /** @type {import('./states.js').State} */ state,
  /** @type {import('./variants.js').Variant} */ variant,
) {
  const { name, url, options, kept, real, act } = state;
  const context = await browser.newContext({ ...variant.options, ...options, bypassCSP: axe });
  if (kept) {
    await context.addInitScript((kept) => {
      for (const [key, value] of Object.entries(kept)) {
        globalThis.localStorage.setItem(key, JSON.stringify(value));
      }
    }, kept);
  }
  const page = await context.newPage();
  // Dates on made-up pages are relative to a fixed instant; timers run on.
  if (!real) await page.clock.setFixedTime(NOW_MS);
  const complain = (/** @type {string} */ what) => {
    found += 1;
    console.log(`${name} (${variant.name}): ${what}`);
  };
  page.on('pageerror', (error) => complain(`an error in the page: ${error.message}`));
  page.on('console', (message) => {
    // What does not play or is not there is one of the states.
    if (message.type() === 'error' && !/40[0-9]|503/.test(message.text())) complain(message.text());
  });
  await page.goto(url, { waitUntil: 'load' });
  await page.locator('#app > *').first().waitFor();
  await act?.(page);
  if (variant.rtl) await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  await page.waitForTimeout(real ? 100 : 400); // Demos tell what they have to tell within 50 ms; a first picture is decoded by then.
  if (axe) {
    // Without scripts there is nothing to run axe with.
    if (options?.javaScriptEnabled !== false) await check(page, complain);
  } else {
    await mkdir(join(folder, name.split('/')[0] ?? ''), { recursive: true });
    await page.screenshot({
      path: join(folder, `${name}-${variant.name}.png`),
      fullPage: variant.whole ?? false,
    });
  }
  await context.close();
}

async function check(
  /** @type {import('playwright-core').Page} */ page,
  /** @type {(what: string) => void} */ complain,
) {
  await page.addScriptTag({ content: await readFile(AXE, 'utf8') });
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
  for (const { id, nodes } of violations) {
    for (const { target, failureSummary } of nodes)
      complain(`${id}: ${target} ${failureSummary?.split('\n')[1] ?? ''}`);
  }
}
