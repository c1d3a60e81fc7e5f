// Speech models as people choose them: by what they speak, and fast or best.
import type { ListedModel } from '../../host/host';

export const LANGUAGES = ['english', 'european', 'any'] as const;
export type Language = (typeof LANGUAGES)[number];
export const LANGUAGE_TEXT: Record<Language, string> = {
  english: 'English',
  european: 'European languages',
  any: 'Any language',
};

export interface Quality {
  name: 'Fast' | 'Best';
  model: ListedModel;
}

/** More than these is as good as any. */
const MANY_LANGUAGES = 50;

/** What can be chosen for a language, the faster first. */
export function qualities(models: readonly ListedModel[], language: Language): Quality[] {
  const usual = (whom: ListedModel['default_for']) =>
    models.find((model) => model.default_for === whom);
  const [fast, best] = {
    english: () => [usual('english'), usual('multilingual')],
    european: () => [undefined, usual('multilingual')],
    any: () => {
      const all = models
        .filter(({ languages }) => languages.length > MANY_LANGUAGES)
        .toSorted((a, b) => a.size_bytes - b.size_bytes);
      return [all[0], all.length > 1 ? all.at(-1) : undefined];
    },
  }[language]();
  return [
    ...(fast ? [{ name: 'Fast' as const, model: fast }] : []),
    ...(best ? [{ name: 'Best' as const, model: best }] : []),
  ];
}

/** The language that the model in use was chosen for, as far as that can be told. */
export function languageOf(model: ListedModel | undefined): Language {
  if (model && model.languages.length > MANY_LANGUAGES) return 'any';
  return model && model.languages.length > 1 ? 'european' : 'english';
}

/** Whether the model is one of those that are offered by quality. */
export function isOffered(models: readonly ListedModel[], model: ListedModel): boolean {
  return LANGUAGES.some((language) =>
    qualities(models, language).some((quality) => quality.model.name === model.name),
  );
}
