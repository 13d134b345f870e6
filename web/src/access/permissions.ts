import { useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";
import { api, body } from "@/platform/api";
import { type Problem, problemOf } from "@/platform/problem";
import type { Option } from "@/platform/ui/SelectField.vue";
import { groupsOf, type Permission } from "./matrix";
import { objectName, permissionName } from "./words";

export interface Permissions {
  readonly all: ComputedRef<readonly Permission[]>;
  readonly loading: ComputedRef<boolean>;
  readonly problem: ComputedRef<Problem | null>;
  readonly refetch: () => void;
  /** The name of a permission in the user's language. */
  readonly nameOf: (name: string) => string;
}

/** All permissions. They change only with the version of the server. */
export function usePermissions(): Permissions {
  const query = useQuery({ queryKey: ["permissions"], queryFn: () => body(api.GET("/permissions")), staleTime: Infinity });
  const all = computed(() => query.data.value ?? []);
  return {
    all,
    loading: computed(() => query.isPending.value),
    problem: computed(() => (query.error.value ? problemOf(query.error.value) : null)),
    refetch: () => void query.refetch(),
    nameOf: (name) => permissionName(name, all.value.find((p) => p.name === name)?.description),
  };
}

/** Options to choose a permission, grouped by object. */
export function permissionOptions(permissions: readonly Permission[]): Option[] {
  return groupsOf(permissions).flatMap((group) =>
    group.permissions.map(({ name, description }) => ({ value: name, label: permissionName(name, description), group: objectName(group.object) })),
  );
}

/** The permissions that the user lacks according to a refusal (`role.exceeds_own`, `grant.exceeds_own`). */
export function missingPermissionsOf(problem: Problem | null): string[] {
  const named = problem?.params.permissions;
  return Array.isArray(named) ? named.filter((name) => typeof name === "string") : [];
}
