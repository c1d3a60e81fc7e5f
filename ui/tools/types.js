// The API's types from the library's OpenAPI document: `npm run types` writes them, a test compares
// them.
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import openapi, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';

const DOCUMENT = new URL('../../server/openapi.json', import.meta.url);
export const TYPES = new URL('../src/api/types.gen.ts', import.meta.url);

export async function generate() {
  const document = JSON.parse(await readFile(DOCUMENT, 'utf8'));
  const types = astToString(
    await openapi(document, { alphabetize: true, defaultNonNullable: false }),
  );
  const config = await resolveConfig(TYPES);
  return format(`// Made from server/openapi.json by \`npm run types\`.\n${types}`, {
    ...config,
    parser: 'typescript',
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await writeFile(TYPES, await generate());
