import { skipToken, useQuery, type UseQueryReturnType } from "@tanstack/vue-query";
import { api, body } from "@/platform/api";
import { i18n } from "@/platform/i18n";
import type { Schemas } from "@/platform/schema";
import { grantsKey } from "./grants";
import type { Permission } from "./matrix";

export type Holders = Schemas["RoleHolders"];

/** Whom a change of a role is for; for who may change it. */
export function useHolders(role: () => number | null, may: () => boolean): UseQueryReturnType<Holders[], Error> {
  return useQuery(() => {
    const id = role();
    return {
      queryKey: [...grantsKey, "holders", id],
      queryFn: id !== null && may() ? () => body(api.GET("/roles/{id}/holders", { params: { path: { id } } })) : skipToken,
    };
  });
}

/** Whom a permission of the role reaches: those who have the role for a place for which the permission can be held. */
export function reachedBy(permission: string, all: readonly Permission[], holders: readonly Holders[]): Holders | undefined {
  const narrowest = all.find((p) => p.name === permission)?.scopes.at(-1);
  return holders.find((h) => h.scope === narrowest);
}

/** Who gets what is added and loses what is removed: of several permissions, everybody whom one of them reaches. "" where nothing changes for anybody. */
export function changeSentence(changes: { added: readonly string[]; removed: readonly string[] }, all: readonly Permission[], holders: readonly Holders[]): string {
  const { t } = i18n.global;
  const gain = widest(changes.added, all, holders);
  const loss = widest(changes.removed, all, holders);
  const said = [
    gain && gain.people > 0 && t("access.gains.now", { n: gain.people }, gain.people),
    gain && gain.people === 0 && gain.later + gain.deactivated > 0 && t("access.gains.nobody"),
    gain && gain.later > 0 && t("access.gains.later", { n: gain.later }, gain.later),
    gain && gain.deactivated > 0 && t("access.gains.deactivated", { n: gain.deactivated }, gain.deactivated),
    gain && gain.self_granted > 0 && t("access.gains.self", { n: gain.self_granted }),
    loss && loss.people > 0 && t("access.losesNow", { n: loss.people }, loss.people),
  ];
  return said.filter(Boolean).join(" ");
}

/** The scopes go from the widest to the narrowest, and whom a wider one reaches, a narrower one reaches too. */
function widest(permissions: readonly string[], all: readonly Permission[], holders: readonly Holders[]): Holders | undefined {
  const reached = permissions.map((name) => reachedBy(name, all, holders)).filter((h) => h !== undefined);
  return holders.filter((h) => reached.includes(h)).at(-1);
}
