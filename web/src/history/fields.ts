import { permissionName } from "@/access/words";
import { lastDay } from "@/access/period";
import { employmentName } from "@/identity/employment";
import { date, moment } from "@/platform/format";
import { i18n, labelOf } from "@/platform/i18n";
import type { Change, ChangedField } from "./changes";
import type { ChangeNames } from "./names";

const { t, te } = i18n.global;

/** A field of a change, in words. */
export type Line = { readonly label: string } & (
  | { readonly is: "secret" }
  /** It changed, and its values say nothing to a reader. */
  | { readonly is: "changed" }
  /** Of a new object the value, of a deleted one the last. */
  | { readonly is: "value"; readonly value: string }
  | { readonly is: "replaced"; readonly before: string; readonly after: string }
  | { readonly is: "set"; readonly added: readonly string[]; readonly removed: readonly string[] }
);

/** The fields that say most come first, the others as the API has them. */
const firstFields = ["name", "full_name", "email", "employee_number", "role_id", "organization_id", "parent_id", "department_id"];

/** Numbers by which the server keeps siblings in order. */
const meaningless = "sort_order";

/** What changed, field by field. Fields that a new or a deleted object left empty are left out. */
export function linesOf(change: Change, names: ChangeNames): Line[] {
  const rank = ({ name }: ChangedField) => (firstFields.includes(name) ? firstFields.indexOf(name) : firstFields.length);
  const lines = [...change.fields].sort((a, b) => rank(a) - rank(b)).flatMap((field) => lineOf(change.kind, field, names));
  return change.kind === "refused" ? [{ label: t("history.operation"), is: "value", value: change.operation }, ...lines] : lines;
}

function lineOf(kind: string, field: ChangedField, names: ChangeNames): Line[] {
  const label = labelIn(kind, field.name);
  if (field.secret) return [{ label, is: "secret" }];
  const value = (of: unknown) => valueText(field.name, of, names);
  const only = onlyValue(kind, field);
  if (field.name === meaningless) return only === undefined ? [{ label, is: "changed" }] : [];
  if (only !== undefined) return isNothing(only) ? [] : [{ label, is: "value", value: value(only) }];
  const { before, after } = field;
  if (!Array.isArray(before) || !Array.isArray(after)) return [{ label, is: "replaced", before: value(before), after: value(after) }];
  const missingIn = (other: unknown[]) => (one: unknown) => !other.includes(one);
  return [{ label, is: "set", added: after.filter(missingIn(before)).map(value), removed: before.filter(missingIn(after)).map(value) }];
}

/** The one value that says it all: the first one or the last one of an object; undefined where there is a change between two. */
function onlyValue(kind: string, { before, after }: ChangedField): unknown {
  if (kind === "refused" || kind.endsWith(".created")) return after;
  return /\.(deleted|ended)$/.test(kind) ? before : undefined;
}

function isNothing(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** What a field is called: a kind of event may call its own otherwise than the views do. */
function labelIn(kind: string, field: string): string {
  const own = `history.fields.${kind.split(".")[0]}.${field}`;
  return te(own) ? t(own) : labelOf(field);
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

function valueText(field: string, value: unknown, names: ChangeNames): string {
  if (Array.isArray(value)) return value.map((one) => valueText(field, one, names)).join(", ");
  if (value === null || value === "") return field === "parent_id" ? t("department.atTheTop") : t("none");
  if (typeof value === "boolean") return t(field === "is_active" ? `history.active.${value}` : `history.boolean.${value}`);
  if (typeof value === "number") return reference(field, value, names) ?? String(value);
  if (typeof value !== "string") return JSON.stringify(value);
  if (field === "employment") return employmentName(value);
  if (field === "joined_on" || field === "left_on") return date(value);
  if (dateTime.test(value)) return field === "valid_until" ? lastDay(value) : moment(value);
  if (field === "permissions") return permissionName(value);
  return field === "code" && te(`problems.${value}`) ? t(`problems.${value}`) : value;
}

function reference(field: string, id: number, names: ChangeNames): string | undefined {
  const kind = names.kindIn(field);
  return kind && names.object(kind, id);
}

/** The beginning of a text that is too long for a line of a list. */
export function clipped(text: string, most = 120): string {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most).join("")}…` : text;
}
