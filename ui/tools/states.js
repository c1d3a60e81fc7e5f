// Every page and state there is, in one list: for `look.js` (pictures), axe, and whoever adds a state.
//
//   desktop/…  the app's window by its demo host (`src/host/demo/states.ts`)
//   watch/…    a clip's page with made-up data (`watch-pages.js`)
//   web/…      the library's own pages, by the real server (`web-pages.js`)
import { serveWatchPages, WATCH_STATES } from './watch-pages.js';
import { startLibraries } from './web-pages.js';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('playwright-core').BrowserContextOptions} ContextOptions
 * @typedef {object} State
 * @property {string} name The folder, and what it shows.
 * @property {string} url
 * @property {ContextOptions} [options] What its browser is like, beside the variant.
 * @property {Record<string, unknown>} [kept] What the page finds in its local storage.
 * @property {boolean} [real] Served by the real library, by the clock of this computer.
 * @property {(page: Page) => Promise<void>} [act] What is done on the page before it is looked at.
 */

/**
 * Opens what serves the states and lists them. `wanted` says which ones somebody wants to see.
 *
 * @param {import('vite').ViteDevServer} vite
 * @param {(name: string) => boolean} wanted
 * @returns {Promise<{ states: State[], close: () => Promise<void> }>}
 */
export async function openStates(vite, wanted) {
  const { DEMO_STATES } = await vite.ssrLoadModule('/src/host/demo.ts');
  const address = vite.resolvedUrls?.local[0] ?? '';
  const watched = await serveWatchPages();
  /** @type {State[]} */
  const demos = [
    ...DEMO_STATES.map((/** @type {string} */ state) => ({
      name: `desktop/${state}`,
      url: `${address}desktop.html?state=${state}`,
    })),
    ...WATCH_STATES.map((state) => ({
      name: `watch/${state}`,
      url: `${watched.url}/c/${state}${/^read(-|$)/.test(state) ? '?view=read' : ''}`,
      // These states show the transcript's tab of the sidebar.
      ...(state.startsWith('transcript') && { kept: { 'vignette:beside': 'transcript' } }),
    })),
  ];
  const libraries = await startLibraries((name) => wanted(`web/${name}`));
  return {
    states: [...demos, ...libraries.states].filter(({ name }) => wanted(name)),
    async close() {
      await watched.close();
      await libraries.close();
    },
  };
}
