import { i18n, type Language } from "@/platform/i18n";
import { idOf } from "@/platform/list";
import type { Effect, GrantQuery } from "./grants";
import { type State, states } from "./period";

/** The filters of the ledger, as in the address. */
export const ledgerFilters = ["user_id", "role_id", "organization_id", "department_id", "covering", "permission", "state", "at"] as const;
export type LedgerFilter = (typeof ledgerFilters)[number];
export type LedgerFilters = Partial<Record<LedgerFilter, string>>;

/** A filter by dates, whose grants may have no effect, or by effect. */
const byEffect = ["in_force", "user_deactivated", "gives_nothing"] as const satisfies readonly Effect[];
export type StateFilter = State | (typeof byEffect)[number] | "any";
export const stateFilters: readonly Exclude<StateFilter, "any">[] = ["active", ...byEffect, ...states.filter((state) => state !== "active")];

/** The state to filter by: by default active grants. Those without effect are included and marked. */
export function stateFilter({ state, at }: LedgerFilters): StateFilter {
  if (state === "any" && at) return "active"; // a query about a past moment lists the grants that were active then
  return state === "any" ? "any" : (stateFilters.find((s) => s === state) ?? "active");
}

/** Whether grants for places above are included. */
export function covers({ covering, organization_id, department_id }: LedgerFilters): boolean {
  return covering === "true" && Boolean(organization_id ?? department_id);
}

/** The filters as the API takes them. */
export function apiFilters(filters: LedgerFilters): GrantQuery {
  const { user_id, role_id, organization_id, department_id, permission, at } = filters;
  const wanted = stateFilter(filters);
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

/** The address, below `base`, of the CSV file of the shown grants. */
export function csvAddress(base: string, filters: LedgerFilters, q: string): string {
  const asked = Object.entries({ ...apiFilters(filters), q: q || undefined }).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const query = new URLSearchParams(asked).toString();
  return `${base}/grants.csv${query && `?${query}`}`;
}

/** The filters with names in place of ids. */
export interface LedgerView {
  readonly at?: string;
  readonly user?: string;
  readonly role?: string;
  readonly place?: string;
  readonly covering: boolean;
  readonly permission?: string;
  readonly state: StateFilter;
  readonly q?: string;
}

type Part = "at" | "user" | "place" | "permission" | "role" | "state" | "q";

const order: Record<Language, readonly Part[]> = {
  ko: ["at", "user", "place", "permission", "role", "state", "q"],
  en: ["state", "user", "role", "permission", "place", "q", "at"],
};

/** The sentence that describes the shown grants. */
export function ledgerSentence(view: LedgerView): string {
  const { t, locale } = i18n.global;
  const parts: Record<Part, string | undefined> = {
    at: view.at && t("access.ledgerSentence.at", { at: view.at }),
    user: view.user && t("access.ledgerSentence.user", { user: view.user }),
    place: view.place && t(view.covering ? "access.ledgerSentence.covering" : "access.ledgerSentence.place", { place: view.place }),
    permission: view.permission && t("access.ledgerSentence.permission", { permission: view.permission }),
    role: view.role && t("access.ledgerSentence.role", { role: view.role }),
    state: t(`access.ledgerSentence.${view.state}`),
    q: view.q && t("access.ledgerSentence.q", { q: view.q }),
  };
  return t("access.ledgerSentence.sentence", { parts: order[locale.value].map((part) => parts[part]).filter(Boolean).join(" ") });
}
