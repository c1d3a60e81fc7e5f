// Imports go one way: a folder of `src` uses those before it in this list, never one after it, and
// no files form a circle.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const SRC = new URL('../src/', import.meta.url).pathname;
/** From what knows least to what knows most; `.` are the files of `src` itself. */
const FOLDERS = [
  '.',
  'api',
  'host',
  'parts',
  'transcript',
  'insights',
  'player',
  'replies',
  'clip',
  'library',
  'watch',
  'home',
  'desktop',
  'plain',
  // What tests share: nothing else imports from it.
  'testing',
];
/** These are pages, of which none knows another. */
const PAGES = ['watch', 'home', 'desktop', 'plain'];

const SOURCE = /\.(?:ts|svelte)$/;
const NO_SOURCE = /\.(?:test|gen|d)\.ts$/;
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

const all = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  SOURCE.test(file),
);
const known = new Set(all);
const sources = all.filter((file) => !NO_SOURCE.test(file));

/** The file of `src` that an import names; nothing for a style sheet or a page. */
function resolve(/** @type {string} */ from, /** @type {string} */ specifier) {
  const path = normalize(join(dirname(from), specifier));
  return [path, `${path}.ts`].find((file) => known.has(file));
}

/** @type {Map<string, string[]>} */
const imports = new Map(
  sources.map((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    return [
      file,
      [...text.matchAll(IMPORT)].flatMap(([, specifier]) => resolve(file, specifier ?? '') ?? []),
    ];
  }),
);

const folderOf = (/** @type {string} */ file) => file.split('/').slice(0, -1)[0] ?? '.';

test('every folder has its place in the order', () => {
  expect(new Set(sources.map(folderOf))).toEqual(new Set(FOLDERS));
});

test('a folder imports only from those before it', () => {
  const upward = sources.flatMap((file) =>
    (imports.get(file) ?? [])
      .filter((imported) => {
        const [from, to] = [folderOf(file), folderOf(imported)];
        if (from === to) return false;
        return (
          FOLDERS.indexOf(to) > FOLDERS.indexOf(from) ||
          (PAGES.includes(from) && PAGES.includes(to))
        );
      })
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(upward).toEqual([]);
});

test('no files import each other in a circle', () => {
  /** @type {Map<string, 'open' | 'done'>} */
  const visited = new Map();
  /** @type {string[]} */
  const circles = [];
  const visit = (/** @type {string} */ file, /** @type {string[]} */ path) => {
    if (visited.get(file) === 'done') return;
    if (visited.get(file) === 'open') {
      circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    visited.set(file, 'open');
    imports.get(file)?.forEach((imported) => visit(imported, [...path, file]));
    visited.set(file, 'done');
  };
  sources.forEach((file) => visit(file, []));
  expect(circles).toEqual([]);
});

test('the order is checked on real imports', () => {
  expect(imports.get('clip/ClipScreen.svelte')).toContain('player/Player.svelte');
  expect([...imports.values()].flat().length).toBeGreaterThan(200);
});
