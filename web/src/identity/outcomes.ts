import type { Schemas } from "@/platform/schema";

export type SignIn = Schemas["SignIn"];
export type Outcome = SignIn["outcome"];

/** The outcome of an attempt: a message key and a tone (success, failure, or refused whatever the password). */
export interface Described {
  readonly label: string;
  readonly tone: "success" | "warning" | "danger";
}

const described: Readonly<Record<Outcome, Described>> = {
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

/** Describes an outcome; an unknown one, of a newer server, is shown as it is. */
export function outcomeOf(outcome: Outcome): Described {
  return described[outcome] ?? { label: outcome, tone: "warning" };
}
