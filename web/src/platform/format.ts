import { language } from "./i18n";

/** A moment in the reader's language and zone, to the minute; a dash for none, and for what is no moment. */
export function moment(at: string | null | undefined): string {
  if (!at || Number.isNaN(Date.parse(at))) return "–";
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/** A day in the reader's language and zone; a dash for none. */
export function day(at: string | null | undefined): string {
  return at ? new Intl.DateTimeFormat(language(), { dateStyle: "medium" }).format(new Date(at)) : "–";
}

/** How long ago or ahead a moment is: "3 minutes ago", "in 2 days". */
export function fromNow(at: string, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]] as const) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(0, "second");
}

/** A number as the reader writes it. */
export function count(n: number): string {
  return new Intl.NumberFormat(language()).format(n);
}

/** The moment at which a day, as `<input type="date">` gives it, begins in the reader's zone; null for none. */
export function beginOf(date: string): string | null {
  return date ? new Date(`${date}T00:00:00`).toISOString() : null;
}

/** The moment at which a day is over in the reader's zone: the beginning of the next; null for none. */
export function endOf(date: string): string | null {
  if (!date) return null;
  const next = new Date(`${date}T00:00:00`);
  next.setDate(next.getDate() + 1);
  return next.toISOString();
}
