import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";
import { api, body } from "@/platform/api";
import { batches, distinct, idsAtOnce } from "@/platform/ids";
import { useSession } from "@/platform/session";
import { departmentsKey } from "./departments";
import { organizationsKey } from "./organizations";

type Ids = () => readonly (number | null | undefined)[];
type Names = ReadonlyMap<number, string>;

/** The names of these organizations, one request for all of a page. Those that the reader may not see have no entry. */
export function useOrganizationNames(ids: Ids): ComputedRef<Names> {
  return useNames(ids, organizationsKey, "organization.read", (id) => body(api.GET("/organizations", { params: { query: { id, limit: idsAtOnce } as never } })));
}

/** The names of these departments, one request for all of a page. Those that the reader may not see have no entry. */
export function useDepartmentNames(ids: Ids): ComputedRef<Names> {
  return useNames(ids, departmentsKey, "department.read", (id) => body(api.GET("/departments", { params: { query: { id, limit: idsAtOnce } as never } })));
}

type Named = { readonly id: number; readonly name: string };

function useNames(ids: Ids, key: readonly string[], permission: string, load: (ids: string) => Promise<readonly Named[] | null>): ComputedRef<Names> {
  const session = useSession();
  const wanted = computed(() => distinct(ids()));
  const query = useQuery({
    queryKey: computed(() => [...key, "names", wanted.value]),
    queryFn: async () => {
      const lists = await Promise.all(batches(wanted.value).map((some) => load(some.join(","))));
      return new Map(lists.flatMap((list) => list ?? []).map((thing) => [thing.id, thing.name]));
    },
    enabled: computed(() => wanted.value.length > 0 && session.may(permission)),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    shallow: true,
  });
  return computed(() => query.data.value ?? new Map());
}
