// How much script the page of a clip loads before anybody does anything: what it links and imports,
// in gzip. The player of streams comes later, and only for clips that need it.
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test, vi } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
/** What is not needed to watch (the reading view, forms of members) can come later. */
const MOST_BYTES = 60 * 1024;

/** @typedef {{ fileName: string, type: string, code?: string, isEntry?: boolean, facadeModuleId?: string | null, imports?: string[] }} Built */

/** The scripts of an entry: its own, and those that it imports before it runs. */
function scripts(/** @type {Built[]} */ output, /** @type {string} */ entry) {
  const byName = new Map(output.map((file) => [file.fileName, file]));
  const wanted = new Set();
  const collect = (/** @type {Built | undefined} */ file) => {
    if (!file || wanted.has(file)) return;
    wanted.add(file);
    file.imports?.forEach((name) => collect(byName.get(name)));
  };
  collect(output.find((file) => file.isEntry && file.facadeModuleId?.endsWith(entry)));
  return /** @type {Built[]} */ ([...wanted]);
}

test('the script of a clip’s page stays light', { timeout: 120_000 }, async () => {
  // Else Svelte is built with its checks for developers.
  vi.stubEnv('NODE_ENV', 'production');
  const made = await build({ root: ROOT, logLevel: 'silent', build: { write: false } });
  const { output } = /** @type {{ output: Built[] }} */ (Array.isArray(made) ? made[0] : made);
  const sizes = scripts(output, '/watch.html').map(({ fileName, code = '' }) => ({
    fileName,
    bytes: gzipSync(code, { level: 9 }).length,
  }));
  expect(sizes.length).toBeGreaterThan(0);
  const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(all, JSON.stringify(sizes)).toBeLessThanOrEqual(MOST_BYTES);
});
