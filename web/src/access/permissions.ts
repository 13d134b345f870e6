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
  /** What a permission is called in the reader's language. */
  readonly nameOf: (name: string) => string;
}

/** Every permission that there is. They change with the server's version only. */
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

/** Permissions to choose one of, by what they are about. */
export function permissionOptions(permissions: readonly Permission[]): Option[] {
  return groupsOf(permissions).flatMap((group) =>
    group.permissions.map(({ name, description }) => ({ value: name, label: permissionName(name, description), group: objectName(group.object) })),
  );
}

/** The permissions that a refusal says one lacks oneself (`role.exceeds_own`, `grant.exceeds_own`). */
export function lackingOf(problem: Problem | null): string[] {
  const named = problem?.params.permissions;
  return Array.isArray(named) ? named.filter((name) => typeof name === "string") : [];
}
