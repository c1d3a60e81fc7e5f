import { existsSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

/** The browser that the system has; without it, the one that playwright has downloaded. */
const SYSTEM_CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

const COMPONENT_TESTS = 'src/**/*.svelte.test.ts';

// Two pages, two scripts and one style sheet. The library finds them in the manifest (keys `watch.html`,
// `src/home/main.svelte.ts`, `src/plain/main.ts` and `src/page.css`); the desktop window opens `desktop.html`.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    manifest: true,
    // Nothing inlined: the pages' Content-Security-Policy names no inline source.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [
        'desktop.html',
        'bar.html',
        'countdown.html',
        'watch.html',
        'src/home/main.svelte.ts',
        'src/plain/main.ts',
        'src/page.css',
      ],
      output: {
        // A few files for what the pages share: a dozen of small ones are asked for one by one, and
        // compress worse. Modules go to the group of the highest priority, with what they import.
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              priority: 2,
              test: /src\/(?:api|parts|(?:time|titles|memory|now\.svelte|drafts\.svelte|announcer\.svelte)\.ts)|node_modules\/(?:svelte|openapi-fetch|eventsource-parser)\//,
            },
            { name: 'hls', priority: 1, test: /src\/player\/hls\.ts/ },
            {
              name: 'clip',
              test: /src\/(?:clip\/[Cc]lip|replies\/|player\/(?!KeysHelp)|transcript\/(?:follow|keys|cues|paragraphs|track|transcript\.svelte|captions\.svelte)\.)/,
            },
          ],
        },
      },
    },
  },
  server: { port: 5173, strictPort: true },
  // Bundled before a page opens: what Vite finds later would make it load the page again.
  optimizeDeps: { include: ['eventsource-parser', 'hls.js/light', 'openapi-fetch'] },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/*.test.js'],
          exclude: [COMPONENT_TESTS],
        },
      },
      {
        extends: true,
        test: {
          name: 'components',
          include: [COMPONENT_TESTS],
          setupFiles: ['src/testing/setup.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            viewport: { width: 1000, height: 700 },
            provider: playwright({
              launchOptions: existsSync(SYSTEM_CHROMIUM) ? { executablePath: SYSTEM_CHROMIUM } : {},
              contextOptions: { reducedMotion: 'reduce' },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
