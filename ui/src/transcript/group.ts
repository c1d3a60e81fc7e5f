// Things by their place in what is said.

/** Rows by the number that each belongs to, in order; those that belong nowhere are left out. */
export function groupByIndex<T>(
  rows: readonly T[],
  placeOf: (row: T) => number | undefined,
): ReadonlyMap<number, readonly T[]> {
  const found = new Map<number, T[]>();
  for (const row of rows) {
    const place = placeOf(row);
    if (place !== undefined) found.set(place, [...(found.get(place) ?? []), row]);
  }
  return found;
}
