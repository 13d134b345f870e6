import { i18n } from "@/platform/i18n";
import { beginOf, day, endOf, fromNow, moment } from "@/platform/format";
import { spokenWith } from "@/platform/particles";
import type { Grant } from "./grants";
import { compareMoments } from "./moments";

export type State = "active" | "scheduled" | "expired" | "ended";

export const states: readonly State[] = ["active", "scheduled", "expired", "ended"];

type Dates = Pick<Grant, "granted_at" | "valid_from" | "valid_until" | "ended_at">;

/**
 * What a grant is at a moment; null: it was not granted yet. The cases of the server's domain
 * (modules/access/domain/testdata/grant_states.json) hold both to the same answers.
 */
export function stateOf(grant: Dates, at: Date | string): State | null {
  const asked = typeof at === "string" ? at : at.toISOString();
  const by = (moment: string | null) => moment !== null && compareMoments(moment, asked) <= 0;
  if (!by(grant.granted_at)) return null;
  if (by(grant.ended_at)) return "ended";
  if (by(grant.valid_until)) return "expired";
  return grant.valid_from !== null && !by(grant.valid_from) ? "scheduled" : "active";
}

/** When a grant begins to hold: what is dated back holds since it was granted. */
export function beginsAt(grant: Dates): string {
  return grant.valid_from !== null && compareMoments(grant.valid_from, grant.granted_at) > 0 ? grant.valid_from : grant.granted_at;
}

/** When the grant ends, by hand or by its dates; null for never. */
export function endsAt(grant: Dates): string | null {
  const { ended_at: ended, valid_until: until } = grant;
  if (ended === null || until === null) return ended ?? until;
  return compareMoments(ended, until) < 0 ? ended : until;
}

/** Whether the grant was ended before it began: it was never in force and has no period. */
export function neverBegan(grant: Dates): boolean {
  return grant.ended_at !== null && compareMoments(grant.ended_at, beginsAt(grant)) <= 0;
}

/**
 * An end as people say it: the last day that is a part of it, where a day ends at midnight of the reader's zone; else the
 * moment.
 */
export function lastDay(until: string): string {
  return isMidnight(until) ? day(lastMoment(until)) : moment(until);
}

/** How far off an end is: one at the midnight after tomorrow is tomorrow, its last day. */
export function endsIn(until: string, now = Date.now()): string {
  return fromNow(lastMoment(until), now);
}

/** The last moment that is a part of it. */
function lastMoment(until: string): string {
  return isMidnight(until) ? new Date(new Date(until).getTime() - 1).toISOString() : until;
}

function isMidnight(at: string): boolean {
  const end = new Date(at);
  return end.getHours() + end.getMinutes() + end.getSeconds() + end.getMilliseconds() === 0;
}

/** From when until when a grant holds, in the reader's language; a line may break between the two, not within. */
export function periodText(grant: Dates): string {
  const { t } = i18n.global;
  if (neverBegan(grant)) return t("access.period.never");
  const end = endsAt(grant);
  const from = whole(day(beginsAt(grant)));
  if (end === null) return t("access.period.open", { from });
  const until = whole(end === grant.ended_at ? day(end) : lastDay(end));
  return from === until ? from : t("access.period.closed", { from, until });
}

function whole(date: string): string {
  return date.replaceAll(" ", "\u00a0");
}

/** The days until a grant is over by its dates, where that is soon; else null. */
export function daysLeft(grant: Dates, now: Date, soon = 30): number | null {
  if (grant.valid_until === null || stateOf(grant, now) !== "active") return null;
  const days = (new Date(grant.valid_until).getTime() - now.getTime()) / 86_400_000;
  return days <= soon ? Math.ceil(days) : null;
}

/** The days of a grant that were typed and are none: what is not taken for "no end" or "at once". */
export function noDays<Name extends string>(days: Readonly<Record<Name, string>>): Name[] {
  return (Object.keys(days) as Name[]).filter((name) => days[name] !== "" && endOf(days[name]) === null);
}

/** Says what a grant will mean. `from` and `until` are days as `<input type="date">` gives them, "" for none. */
export function grantSentence(grant: { user: string; role: string; where: string; from: string; until: string }): string {
  const { t } = i18n.global;
  return t("access.grantSentence", {
    user: spokenWith(grant.user, "은/는"),
    role: grant.role,
    where: grant.where,
    from: grant.from ? t("access.sentenceFrom", { day: day(beginOf(grant.from)) }) : t("access.sentenceNow"),
    until: grant.until ? t("access.sentenceUntil", { day: day(beginOf(grant.until)) }) : t("access.sentenceOpen"),
  });
}
