import { expect, test } from 'vitest';
import { MODELS } from '../../host/demo/states';
import { languageOf, qualities } from './qualities';

const offered = (language: Parameters<typeof qualities>[1]) =>
  qualities(MODELS, language).map(({ name, model }) => [name, model.name]);

test('English has a fast and a best model; more languages need a larger one', () => {
  expect(offered('english')).toEqual([
    ['Fast', 'parakeet-tdt_ctc-110m-Q8_0'],
    ['Best', 'parakeet-tdt-0.6b-v3-Q4_K_M'],
  ]);
  expect(offered('european')).toEqual([['Best', 'parakeet-tdt-0.6b-v3-Q4_K_M']]);
  expect(offered('any')).toEqual([
    ['Fast', 'whisper-base-Q8_0'],
    ['Best', 'whisper-large-v3-turbo-Q4_K_M'],
  ]);
});

test('what is in use tells the language', () => {
  const of = (name: string) => languageOf(MODELS.find((model) => model.name === name));
  expect([of('whisper-tiny.en-Q8_0'), of('parakeet-tdt-0.6b-v3-Q4_K_M')]).toEqual([
    'english',
    'european',
  ]);
  expect([of('whisper-base-Q8_0'), languageOf(undefined)]).toEqual(['any', 'english']);
});
