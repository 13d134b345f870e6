import { i18n } from "@/platform/i18n";
import type { Schemas } from "@/platform/schema";

/** The states of employment, in the order in which they are offered. */
export const employments = ["employed", "on_leave", "left"] as const satisfies readonly Schemas["User"]["employment"][];

export type Employment = (typeof employments)[number];

/** A state of employment in words, as it is if this console does not know it. */
export function employmentName(employment: string): string {
  const { t, te } = i18n.global;
  return te(`identity.employment.${employment}`) ? t(`identity.employment.${employment}`) : employment;
}

/** The state that an address names; undefined for all, unless one of them was chosen. */
export function wantedEmployment(employment: string | undefined): Employment | undefined {
  return employments.find((known) => known === employment);
}
