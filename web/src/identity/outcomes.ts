import type { Schemas } from "@/platform/schema";

export type SignIn = Schemas["SignIn"];
export type Outcome = SignIn["outcome"];

/** What came of an attempt: a message key, and whether it is good, a failure, or one that could not succeed. */
export interface Told {
  readonly label: string;
  readonly tone: "success" | "warning" | "danger";
}

const told: Readonly<Record<Outcome, Told>> = {
  signed_in: { label: "identity.outcome.signed_in", tone: "success" },
  code_redeemed: { label: "identity.outcome.code_redeemed", tone: "success" },
  password_changed: { label: "identity.outcome.password_changed", tone: "success" },
  wrong_password: { label: "identity.outcome.wrong_password", tone: "warning" },
  wrong_code: { label: "identity.outcome.wrong_code", tone: "warning" },
  locked: { label: "identity.outcome.locked", tone: "danger" },
  inactive: { label: "identity.outcome.inactive", tone: "danger" },
  limited: { label: "identity.outcome.limited", tone: "danger" },
  password_expired: { label: "identity.outcome.password_expired", tone: "danger" },
  password_withdrawn: { label: "identity.outcome.password_withdrawn", tone: "danger" },
  code_withdrawn: { label: "identity.outcome.code_withdrawn", tone: "danger" },
};

/** In words; an outcome that a newer server knows and this console does not, as it is. */
export function outcomeOf(outcome: Outcome): Told {
  return told[outcome] ?? { label: outcome, tone: "warning" };
}
