import { i18n, type Language } from "@/platform/i18n";
import { type State, states } from "./period";

/** What narrows the ledger, as the address holds it. */
export const ledgerFilters = ["user_id", "role_id", "organization_id", "department_id", "covering", "permission", "state", "at"] as const;
export type LedgerFilter = (typeof ledgerFilters)[number];
export type LedgerFilters = Partial<Record<LedgerFilter, string>>;

/** The state that is asked for: those that hold, unless something else was chosen. */
export function wantedState({ state, at }: LedgerFilters): State | "any" {
  if (state === "any" && at) return "active"; // the past is asked for what held then
  return state === "any" ? "any" : (states.find((s) => s === state) ?? "active");
}

/** Whether those that reach the place from above are asked for too. */
export function covers({ covering, organization_id, department_id }: LedgerFilters): boolean {
  return covering === "true" && Boolean(organization_id ?? department_id);
}

/** The filters as the API takes them. */
export function apiFilters(filters: LedgerFilters): LedgerFilters {
  const { user_id, role_id, organization_id, department_id, permission, at } = filters;
  const state = wantedState(filters);
  return given({ user_id, role_id, organization_id, department_id, permission, at, covering: covers(filters) ? "true" : undefined, state: state === "any" ? undefined : state });
}

/** The address, below `base`, of what is shown as a file. */
export function csvAddress(base: string, filters: LedgerFilters, q: string): string {
  const query = new URLSearchParams({ ...apiFilters(filters), ...(q && { q }) }).toString();
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
  readonly state: State | "any";
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

function given(filters: LedgerFilters): LedgerFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== ""));
}
