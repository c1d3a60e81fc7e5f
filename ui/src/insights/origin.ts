// Which texts a machine wrote, for the marks beside them.
import type { Origin } from '../api/types';

type By = Origin | null | undefined;

const model = (by: By) => (by?.by === 'machine' ? by.model : undefined);

/** What of title and summary a machine wrote, by model; nothing for what a person wrote. */
export function machineCredits(title: By, summary: By): { what: string; model: string }[] {
  const [titled, summed] = [model(title), model(summary)];
  if (titled !== undefined && titled === summed)
    return [{ what: 'Title and summary', model: titled }];
  return [
    ...(titled === undefined ? [] : [{ what: 'Title', model: titled }]),
    ...(summed === undefined ? [] : [{ what: 'Summary', model: summed }]),
  ];
}
