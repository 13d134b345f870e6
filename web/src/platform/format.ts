import { language } from "./i18n";

/** A moment in the reader's language and zone, to the minute; a dash for none, and for what is no moment. */
export function moment(at: string | null | undefined): string {
  return written(at, { dateStyle: "medium", timeStyle: "short" });
}

/** A day in the reader's language and zone; a dash for none, and for what is no moment. */
export function day(at: string | null | undefined): string {
  return written(at, { dateStyle: "medium" });
}

/** A date without a time, such as 2026-03-01, in the reader's language; the same day in every zone. */
export function date(on: string): string {
  return written(on, { dateStyle: "medium", timeZone: "UTC" });
}

function written(at: string | null | undefined, how: Intl.DateTimeFormatOptions): string {
  return at && !Number.isNaN(Date.parse(at)) ? new Intl.DateTimeFormat(language(), how).format(new Date(at)) : "–";
}

/** How long ago or ahead a moment is: "3 minutes ago", "tomorrow". From a day on, days are counted as the reader's calendar does. */
export function fromNow(at: string, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  const days = dayNumber(new Date(at)) - dayNumber(new Date(now));
  if (Math.abs(seconds) >= 86400 && days !== 0) return relative.format(days, "day");
  for (const [unit, size] of [["hour", 3600], ["minute", 60]] as const) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(0, "second");
}

/** Counts the days in the reader's zone: two moments of the same day have the same number, those of the next one more. */
function dayNumber(at: Date): number {
  return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / 86_400_000;
}

/** A number as the reader writes it. */
export function count(n: number): string {
  return new Intl.NumberFormat(language()).format(n);
}

/** The moment at which a day, as `<input type="date">` gives it, begins in the reader's zone; null for none, and for what is no day. */
export function beginOf(date: string): string | null {
  return momentOf(midnightOf(date));
}

/** The moment at which a day is over in the reader's zone: the beginning of the next; null for none, and for what is no day. */
export function endOf(date: string): string | null {
  const next = midnightOf(date);
  next.setDate(next.getDate() + 1);
  return momentOf(next);
}

/** Not valid for what is no day: the 31st of February, and one of a year of five digits, which browsers let be typed. */
function midnightOf(date: string): Date {
  const midnight = new Date(/^\d{4}-\d\d-\d\d$/.test(date) ? `${date}T00:00:00` : "");
  return midnight.getDate() === Number(date.slice(8)) ? midnight : new Date("");
}

/** As the API takes it: of a year of four digits. */
function momentOf(at: Date): string | null {
  const text = Number.isNaN(at.getTime()) ? "" : at.toISOString();
  return /^\d{4}-/.test(text) ? text : null;
}
