import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";
import { type Answer, everyItem } from "./api";
import { useSession } from "./session";

export type Ids = () => readonly (number | null | undefined)[];

/** Where names come from: a list of the API that takes `id`. */
export interface NameSource<Thing extends { readonly id: number }, Name> {
  /** The beginning of the keys of all queries about such things. */
  readonly key: readonly string[];
  /** Who does not hold this anywhere asks for nothing. */
  readonly permission: string;
  readonly load: (query: { readonly id: number[]; readonly limit: number; readonly after?: string }) => Promise<Answer<Thing[] | null>>;
  readonly nameOf: (thing: Thing) => Name;
}

/** What these things are called, in one request for all of a page where they fit. Those that the reader may not see have no entry. */
export function useNames<Thing extends { readonly id: number }, Name>(ids: Ids, source: NameSource<Thing, Name>): ComputedRef<ReadonlyMap<number, Name>> {
  const session = useSession();
  const wanted = computed(() => distinct(ids()));
  const query = useQuery({
    queryKey: computed(() => [...source.key, "names", wanted.value]),
    queryFn: async () => {
      const lists = await Promise.all(batches(wanted.value).map((id) => everyItem((after) => source.load({ id, limit: idsAtOnce, ...after }))));
      return new Map(lists.flatMap((list) => list.data).map((thing) => [thing.id, source.nameOf(thing)]));
    },
    enabled: computed(() => wanted.value.length > 0 && session.may(source.permission)),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    shallow: true,
  });
  return computed(() => query.data.value ?? new Map());
}

/** Each id once and ascending, so that the same ids in another order are the same query. */
export function distinct(ids: readonly (number | null | undefined)[]): number[] {
  return [...new Set(ids.filter((id) => id != null))].sort((a, b) => a - b);
}

/** As many ids as a list's `id` takes in one request. */
const idsAtOnce = 200;

export function batches(ids: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, i) => ids.slice(i * idsAtOnce, (i + 1) * idsAtOnce));
}
