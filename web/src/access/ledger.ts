import { i18n, type Language } from "@/platform/i18n";
import { idOf } from "@/platform/list";
import type { Effect, GrantQuery } from "./grants";
import { type State, states } from "./period";

/** What narrows the ledger, as the address holds it. */
export const ledgerFilters = ["user_id", "role_id", "organization_id", "department_id", "covering", "permission", "state", "at"] as const;
export type LedgerFilter = (typeof ledgerFilters)[number];
export type LedgerFilters = Partial<Record<LedgerFilter, string>>;

/** What is asked for by dates, which does not say whether it has an effect, and what is asked for by its effect. */
const byEffect = ["in_force", "user_deactivated", "gives_nothing"] as const satisfies readonly Effect[];
export type Wanted = State | (typeof byEffect)[number] | "any";
export const wantedStates: readonly Exclude<Wanted, "any">[] = ["active", ...byEffect, ...states.filter((state) => state !== "active")];

/** What is asked for: those whose dates hold, unless something else was chosen. Those without effect are among them, and marked. */
export function wantedState({ state, at }: LedgerFilters): Wanted {
  if (state === "any" && at) return "active"; // the past is asked for what held then
  return state === "any" ? "any" : (wantedStates.find((s) => s === state) ?? "active");
}

/** Whether those that reach the place from above are asked for too. */
export function covers({ covering, organization_id, department_id }: LedgerFilters): boolean {
  return covering === "true" && Boolean(organization_id ?? department_id);
}

/** The filters as the API takes them. */
export function apiFilters(filters: LedgerFilters): GrantQuery {
  const { user_id, role_id, organization_id, department_id, permission, at } = filters;
  const wanted = wantedState(filters);
  const effect = byEffect.find((e) => e === wanted);
  const state = states.find((s) => s === wanted);
  return {
    user_id: idOf(user_id),
    role_id: idOf(role_id),
    organization_id: idOf(organization_id),
    department_id: idOf(department_id),
    permission: permission || undefined,
    at: at || undefined,
    covering: covers(filters) || undefined,
    state,
    effect,
  };
}

/** The address, below `base`, of what is shown as a file. */
export function csvAddress(base: string, filters: LedgerFilters, q: string): string {
  const asked = Object.entries({ ...apiFilters(filters), q: q || undefined }).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const query = new URLSearchParams(asked).toString();
  return `${base}/grants.csv${query && `?${query}`}`;
}

/** How the filters read: names in place of ids. */
export interface Told {
  readonly at?: string;
  readonly user?: string;
  readonly role?: string;
  readonly place?: string;
  readonly covering: boolean;
  readonly permission?: string;
  readonly state: Wanted;
  readonly q?: string;
}

type Part = "at" | "user" | "place" | "permission" | "role" | "state" | "q";

const order: Record<Language, readonly Part[]> = {
  ko: ["at", "user", "place", "permission", "role", "state", "q"],
  en: ["state", "user", "role", "permission", "place", "q", "at"],
};

/** Says in a sentence what the ledger shows. */
export function tell(told: Told): string {
  const { t, locale } = i18n.global;
  const parts: Record<Part, string | undefined> = {
    at: told.at && t("access.told.at", { at: told.at }),
    user: told.user && t("access.told.user", { user: told.user }),
    place: told.place && t(told.covering ? "access.told.covering" : "access.told.place", { place: told.place }),
    permission: told.permission && t("access.told.permission", { permission: told.permission }),
    role: told.role && t("access.told.role", { role: told.role }),
    state: t(`access.told.${told.state}`),
    q: told.q && t("access.told.q", { q: told.q }),
  };
  return t("access.told.sentence", { parts: order[locale.value].map((part) => parts[part]).filter(Boolean).join(" ") });
}
