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
