/** A moment as `<input type="datetime-local">` takes it, in the reader's zone; "" for none, and for what is no moment. */
export function toLocal(moment: string | undefined): string {
  const at = new Date(moment ?? "");
  if (Number.isNaN(at.getTime())) return "";
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The moment that was typed there; undefined for none. */
export function fromLocal(typed: string): string | undefined {
  const at = new Date(typed);
  return typed === "" || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/**
 * Compares two moments of the API for order: negative when a comes first, 0 when they are equal. It counts the
 * microseconds too, which the server keeps and Date drops.
 */
export function compareMoments(a: string, b: string): number {
  return milliseconds(a) - milliseconds(b) || beyond(a) - beyond(b);
}

const fraction = /(\.\d{3})(\d+)/;

function milliseconds(moment: string): number {
  return Date.parse(moment.replace(fraction, "$1"));
}

/** What a moment is beyond its milliseconds, as a part of one. */
function beyond(moment: string): number {
  return Number(`0.${fraction.exec(moment)?.[2] ?? "0"}`);
}
