import { remembered } from "@/platform/remembered";

const last = remembered("organization", (value): value is string => /^[1-9]\d*$/.test(value));

/** The organization whose departments were looked at last in this browser; null when there was none. */
export function lastOrganization(): number | null {
  const id = last.get();
  return id === null ? null : Number(id);
}

export function rememberOrganization(id: number): void {
  last.set(String(id));
}
