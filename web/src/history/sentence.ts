import { politely } from "@/identity/names";
import { i18n, language } from "@/platform/i18n";
import { particleOf } from "@/platform/particles";
import { aboutOf, type Change } from "./changes";
import type { ChangeNames } from "./names";

const { t, te } = i18n.global;

/** Who did what: the sentence is `who` followed by `what`. */
export interface Sentence {
  readonly who: string;
  readonly what: string;
}

/** What happened, in the reader's language; a kind that no module has words for is shown as it is. */
export function sentenceOf(change: Change, names: ChangeNames): Sentence {
  const who = actorName(change, names);
  const key = `history.kinds.${change.kind}`;
  if (!te(key)) return { who, what: ` · ${change.kind}` };
  return { who, what: `${language() === "ko" ? particleOf(who, "이/가") : ""} ${t(key)}` };
}

function actorName({ actor }: Change, names: ChangeNames): string {
  return actor.kind === "user" && actor.id !== null ? politely(names.user(actor.id)) : t(`history.actors.${actor.kind}`);
}

/** What a change is about, for lists of more than one object; a kind without words is shown as it is. */
export function aboutText(change: Change, names: ChangeNames): string {
  const { kind, id } = aboutOf(change);
  return names.object(kind, id) ?? `${kind} ${id}`;
}
