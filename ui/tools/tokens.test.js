import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCES = new URL('../src/', import.meta.url).pathname;
const COLOUR = /#[0-9a-f]{3,8}\b(?!['"])|\b(?:rgb|hsl|oklch|oklab|lab|lch|color-mix)a?\(/i;

// The part of a file that is style.
/** @type {(name: string, text: string) => string} */
const styleOf = (name, text) =>
  name.endsWith('.css') ? text : (/<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '');

test('colours are named in one file', async () => {
  const names = (await readdir(SOURCES, { recursive: true })).filter((name) =>
    /\.(css|svelte)$/.test(name),
  );
  expect(names).toContain('tokens.css');
  for (const name of names.filter((name) => name !== 'tokens.css')) {
    const style = styleOf(name, await readFile(join(SOURCES, name), 'utf8'));
    expect(COLOUR.exec(style)?.[0], `${name}: name it in tokens.css`).toBeUndefined();
  }
});

test('every token that is used is there, and every one that is there is used', async () => {
  const tokens = await readFile(join(SOURCES, 'tokens.css'), 'utf8');
  const names = (await readdir(SOURCES, { recursive: true })).filter((name) =>
    /\.(css|svelte)$/.test(name),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(SOURCES, name), 'utf8')));
  const used = new Set(
    texts.flatMap((text) => [...text.matchAll(/var\(--([\w-]+)/g)].map((m) => m[1])),
  );
  const set = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/(?:^|[\s;{])--([\w-]+):|style:--([\w-]+)/g)].map((m) => m[1] ?? m[2]),
    ),
  );
  const defined = new Set([...tokens.matchAll(/^\s*--([\w-]+):/gm)].map((m) => m[1]));
  expect([...used].filter((name) => !set.has(name))).toEqual([]);
  expect([...defined].filter((name) => !used.has(name))).toEqual([]);
});
