import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generate, TYPES } from './types.js';

test("the API's types are those of the library's own description", async () => {
  expect(await readFile(TYPES, 'utf8'), 'run `./dev generate`').toBe(await generate());
});
