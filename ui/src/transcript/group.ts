/** Groups rows by the index that each belongs to, in order; rows without one are left out. */
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
