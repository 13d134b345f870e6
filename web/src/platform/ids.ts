/** Each id once and ascending, so that the same ids in another order are the same query. */
export function distinct(ids: readonly (number | null | undefined)[]): number[] {
  return [...new Set(ids.filter((id) => id != null))].sort((a, b) => a - b);
}

/** As many ids as a list's `id` takes in one request. */
export const idsAtOnce = 200;

export function batches(ids: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, i) => ids.slice(i * idsAtOnce, (i + 1) * idsAtOnce));
}
