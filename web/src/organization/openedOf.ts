import { type ShallowRef, shallowRef } from "vue";

/** What is opened in an organization's tree, and whether anybody has looked at it yet. */
export interface Opened {
  readonly set: ShallowRef<ReadonlySet<number>>;
  begun: boolean;
}

const all = new Map<number, Opened>();

/** The same as when it was looked at before, as long as the page lives. */
export function openedOf(organizationId: number): Opened {
  const known = all.get(organizationId);
  if (known) return known;
  const anew: Opened = { set: shallowRef<ReadonlySet<number>>(new Set()), begun: false };
  all.set(organizationId, anew);
  return anew;
}
