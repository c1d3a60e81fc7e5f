import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Two pages and one style sheet. The library finds its scripts and styles in the manifest (keys `watch.html` and
// `src/page.css`); the desktop window opens `desktop.html`.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    manifest: true,
    // Nothing inlined: the pages' Content-Security-Policy names no inline source.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['desktop.html', 'watch.html', 'src/page.css'] },
  },
  server: { port: 5173, strictPort: true },
  test: { include: ['src/**/*.test.ts', 'tools/*.test.js'] },
});
