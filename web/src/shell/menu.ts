import { computed, type ComputedRef } from "vue";
import type { MenuEntry } from "@/platform/module";
import { useSession } from "@/platform/session";
import * as modules from "./modules";

const all = Object.values(modules)
  .flatMap((m) => m.menu)
  .sort((a, b) => a.order - b.order);

/** The menu entries that the signed-in user may use. */
export function useMenu(): ComputedRef<MenuEntry[]> {
  const session = useSession();
  return computed(() => all.filter((entry) => session.may(entry.permission)));
}
