import { answer, api } from "@/platform/api";
import { moment } from "@/platform/format";
import { i18n, language } from "@/platform/i18n";
import { spokenWith } from "@/platform/particles";
import type { Schemas } from "@/platform/schema";
import type { GrantNames } from "./names";
import { beginsAt, endsAt, lastDay, periodText } from "./period";
import { type Chosen, isPlaced, chosenPlace } from "./where";

export type Verdict = Schemas["AccessCheck"];
export type Reason = Schemas["AccessReason"];

/** Whether a user may do something somewhere; null for what was not chosen yet. */
export interface Question extends Chosen {
  readonly user_id: number | null;
  readonly permission: string;
  /** Another moment than now; "" for now. */
  readonly at: string;
}

export const nothingAsked: Question = { user_id: null, permission: "", level: "department", organization_id: null, department_id: null, at: "" };

/** What an address asks. One that names a user and a permission and no place is about the whole system. */
export function questionOf(query: Record<string, unknown>): Question {
  const text = (name: string) => (typeof query[name] === "string" ? query[name] : "");
  const id = (name: string) => Number(text(name)) || null;
  const [user_id, organization_id, department_id] = [id("user_id"), id("organization_id"), id("department_id")];
  const permission = text("permission");
  const level = department_id ? "department" : organization_id ? "organization" : user_id && permission ? "system" : "department";
  return { user_id, permission, level, organization_id, department_id, at: text("at") };
}

/** The address that asks the same. */
export function addressOf(question: Question): Record<string, string> {
  const { user_id, permission, at } = question;
  const { organization_id, department_id } = chosenPlace(question);
  const all = { user_id, permission, organization_id, department_id, at };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, String(value)]] : [])));
}

/** A question in which all was chosen that an answer needs. */
export interface Complete extends Question {
  readonly user_id: number;
}

export function isComplete(question: Question): question is Complete {
  return question.user_id !== null && question.permission !== "" && isPlaced(question);
}

/** Asks the server. */
export async function check(question: Complete): Promise<Verdict> {
  const { user_id, permission, at } = question;
  const { organization_id, department_id } = chosenPlace(question);
  const place = department_id !== null ? { department_id } : { organization_id };
  return (await answer(api.POST("/access/check", { body: { user_id, permission, ...place, ...(at && { at }) } }))).data;
}

/** The answer as one sentence. */
export function verdictSentence(said: { allowed: boolean; user: string; permission: string; where: string; at: string }): string {
  const { t } = i18n.global;
  const params = {
    user: spokenWith(said.user, "은/는"),
    permission: asDeed(said.permission),
    where: said.where,
    when: said.at ? t("access.why.asOf", { at: moment(said.at) }) : t("access.why.now"),
  };
  return t(said.allowed ? "access.why.may" : "access.why.mayNot", params);
}

/** A permission's name as a sentence holds it: with its particle in Korean, in lower case in English. */
export function asDeed(permission: string): string {
  return language() === "ko" ? spokenWith(permission, "을/를") : permission.slice(0, 1).toLowerCase() + permission.slice(1);
}

/** A reason as a sentence: which grant, and how near it comes. */
export function reasonSentence(reason: Reason, names: GrantNames): string {
  const { t, te } = i18n.global;
  const { code, grant, detail } = reason;
  const key = `access.why.reason.${code === "allows" && !grant ? "allows_hidden" : code}`;
  if (!te(key)) return detail; // of a server that knows more
  if (!grant) return t(key);
  const over = endsAt(grant);
  return t(key, {
    role: roleOf(reason, names),
    where: names.where(grant),
    from: moment(beginsAt(grant)),
    end: over === null ? "" : over === grant.ended_at ? moment(over) : lastDay(over),
  });
}

/** Period, granter and reason of a grant; "" without a grant that the caller may see. */
export function grantedSentence({ grant }: Reason, names: GrantNames): string {
  if (!grant) return "";
  const params = { period: periodText(grant), by: names.by(grant.granted_by), reason: grant.reason ?? "" };
  return i18n.global.t(grant.reason ? "access.why.grantedFor" : "access.why.granted", params);
}

/** A role that is gone has its name from the answer alone. */
function roleOf({ grant, role }: Reason, names: GrantNames): string {
  return (grant && names.knownRole(grant.role_id)) ?? role ?? (grant ? names.role(grant.role_id) : "");
}
