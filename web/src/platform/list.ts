import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef, ref, type Ref, shallowRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import type { Answer } from "./api";
import { count } from "./format";
import { useStaying } from "./staying";
import { type Problem, problemOf } from "./problem";

/** A field in whose order a list stands; with - the order is descending. */
export type Order<Field extends string> = Field | `-${Field}`;

/** The parameters of one page, as the API's lists take them. */
export interface PageQuery<Field extends string> {
  readonly limit: number;
  readonly after?: string;
  readonly q?: string;
  readonly sort: Order<Field>;
  readonly count: true;
}

export interface ListOptions<Row, Field extends string, Filter extends string> {
  /** The query's key; what changes such rows invalidates its beginning. */
  readonly key: () => readonly unknown[];
  /** The fields that the list can be sorted by. */
  readonly sorts: readonly Field[];
  readonly sort: Order<NoInfer<Field>>;
  readonly filters?: readonly Filter[];
  readonly load: (page: PageQuery<NoInfer<Field>>, filters: Partial<Record<Filter, string>>) => Promise<Answer<Row[]>>;
  /** Whether search, order and filters are in the address, so that it can be kept and gone back to. */
  readonly inAddress?: boolean;
  readonly limit?: number;
  /** Nothing is asked for while this is false. */
  readonly enabled?: () => boolean;
}

export interface List<Row, Filter extends string = never> {
  readonly rows: ComputedRef<Row[]>;
  readonly total: ComputedRef<number | null>;
  /** The total as the reader writes it, "10,000+" where it counts no further; null where it is not known. */
  readonly counted: ComputedRef<string | null>;
  readonly problem: ComputedRef<Problem | null>;
  /** Nothing came yet. */
  readonly loading: Ref<boolean>;
  /** Something newer is on its way. */
  readonly fetching: Ref<boolean>;
  readonly refetch: () => void;
  readonly q: Ref<string>;
  /** An order that the list does not know gives the one that it begins with. */
  readonly sort: Ref<string>;
  readonly sorts: readonly string[];
  readonly filters: Ref<Partial<Record<Filter, string>>>;
  /** Whether anything narrows the list. */
  readonly narrowed: ComputedRef<boolean>;
  readonly widen: () => void;
  /** The number of the page, from 1. */
  readonly page: ComputedRef<number>;
  /** How many rows stand on the pages before: those may hold fewer than were asked for. */
  readonly before: ComputedRef<number>;
  readonly hasNext: ComputedRef<boolean>;
  readonly next: () => void;
  readonly previous: () => void;
}

/** A list of the API, page by page along its cursors, with search, order and filters. */
export function useList<Row, Field extends string, Filter extends string = never>(options: ListOptions<Row, Field, Filter>): List<Row, Filter> {
  const limit = options.limit ?? 50;
  const start = options.inAddress ? fromAddress(options) : { q: "", sort: options.sort, filters: {} };
  const q = ref(start.q);
  const order = shallowRef<Order<Field>>(start.sort);
  const sort = computed<string>({ get: () => order.value, set: (chosen) => (order.value = orderOf(chosen, options)) });
  const filters = ref(start.filters) as Ref<Partial<Record<Filter, string>>>;
  const cursors = ref<{ after: string; before: number }[]>([]); // of the pages before and of this one; none for the first

  watch([q, sort, filters], () => (cursors.value = []), { deep: true, flush: "sync" });

  const query = useQuery({
    queryKey: computed(() => [...options.key(), { q: q.value, sort: sort.value, ...filters.value }, cursors.value.at(-1)?.after ?? ""]),
    queryFn: () =>
      options.load(
        { limit, count: true, sort: order.value, ...(q.value && { q: q.value }), ...(cursors.value.length > 0 && { after: cursors.value.at(-1)!.after }) },
        filters.value,
      ),
    placeholderData: keepPreviousData,
    enabled: computed(() => options.enabled?.() ?? true),
  });

  // Leave a page whose rows are all gone, such as the only row of the last page.
  watch(
    () => query.data.value?.data.length === 0 && !query.isPlaceholderData.value && cursors.value.length > 0,
    (stranded) => {
      if (stranded) cursors.value = cursors.value.slice(0, -1);
    },
  );

  if (options.inAddress) keepInAddress(options, q, sort, filters);

  const before = computed(() => cursors.value.at(-1)?.before ?? 0);

  return {
    rows: computed(() => query.data.value?.data ?? []),
    total: computed(() => query.data.value?.total ?? null),
    counted: computed(() => countOf(query.data.value)),
    problem: computed(() => (query.error.value ? problemOf(query.error.value) : null)),
    loading: query.isPending,
    fetching: query.isFetching,
    refetch: () => void query.refetch(),
    q,
    sort,
    sorts: options.sorts,
    filters,
    narrowed: computed(() => q.value !== "" || Object.values(filters.value).some(Boolean)),
    widen: () => {
      q.value = "";
      filters.value = {};
    },
    page: computed(() => cursors.value.length + 1),
    before,
    hasNext: computed(() => query.data.value?.next != null && !query.isPlaceholderData.value),
    next: () => {
      const cursor = query.data.value?.next;
      if (cursor && !query.isPlaceholderData.value) cursors.value = [...cursors.value, { after: cursor, before: before.value + query.data.value!.data.length }];
    },
    previous: () => (cursors.value = cursors.value.slice(0, -1)),
  };
}

/** How many there are, as the reader writes it. */
export function countOf(answer: Pick<Answer<unknown>, "total" | "more"> | undefined): string | null {
  return answer?.total == null ? null : count(answer.total) + (answer.more ? "+" : "");
}

type Start<Field extends string, Filter extends string> = { q: string; sort: Order<Field>; filters: Partial<Record<Filter, string>> };

/** What the address says; an order that there is not is left out, and so is whatever is not known. */
export function readStart<Field extends string, Filter extends string>(
  query: Record<string, unknown>,
  options: Orders<Field> & { readonly filters?: readonly Filter[] },
): Start<Field, Filter> {
  const text = (name: string) => (typeof query[name] === "string" ? query[name] : "");
  const filters: Partial<Record<Filter, string>> = {};
  for (const name of options.filters ?? []) if (text(name)) filters[name] = text(name);
  return { q: text("q"), sort: orderOf(text("sort"), options), filters };
}

type Orders<Field extends string> = { readonly sorts: readonly Field[]; readonly sort: Order<NoInfer<Field>> };

function orderOf<Field extends string>(text: string, { sorts, sort }: Orders<Field>): Order<Field> {
  return sorts.flatMap((field) => [field, `-${field}` as const]).find((order) => order === text) ?? sort;
}

/**
 * The id that a filter holds, as the API takes it. What is no id becomes NaN, which the server refuses: left out, it would
 * show more than was asked for.
 */
export function idOf(filter: string | undefined): number | undefined {
  return filter ? Number(filter) : undefined;
}

function fromAddress<Row, Field extends string, Filter extends string>(options: ListOptions<Row, Field, Filter>): Start<Field, Filter> {
  return readStart(useRoute().query, options);
}

function keepInAddress<Row, Field extends string, Filter extends string>(
  options: ListOptions<Row, Field, Filter>,
  q: Ref<string>,
  sort: Ref<string>,
  filters: Ref<Partial<Record<Filter, string>>>,
): void {
  const router = useRouter();
  const route = useRoute();
  const own = route.name;
  const staying = useStaying();
  watch(
    [q, sort, filters],
    () => {
      const query = nonEmpty({ q: q.value, sort: sort.value === options.sort ? "" : sort.value, ...filters.value });
      if (staying()) void router.replace({ query, hash: route.hash });
    },
    { deep: true },
  );
  // The menu's link, followed again, begins anew; so does going back and forth.
  watch(
    () => route.query,
    (query) => {
      if (route.name !== own) return;
      const start = readStart(query, options);
      if (start.q !== q.value) q.value = start.q;
      if (start.sort !== sort.value) sort.value = start.sort;
      if (JSON.stringify(start.filters) !== JSON.stringify(nonEmpty(filters.value))) filters.value = start.filters;
    },
  );
}

function nonEmpty(query: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
