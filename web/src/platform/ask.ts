import { shallowRef } from "vue";

/** A question with two answers. The texts are message keys; `params` fill them. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly params?: Record<string, unknown>;
  /** What the confirming button says. */
  readonly confirm: string;
  /** What the other button says, where it is no cancelling. */
  readonly cancel?: string;
  readonly danger?: boolean;
  /** Asks for a line of text too, of at most so many letters, which `run` is given. */
  readonly input?: { readonly label: string; readonly maxlength?: number };
  /** What is done on yes. While it runs the dialog stays; when it is refused, the dialog says why. */
  readonly run?: (input: string) => Promise<unknown>;
}

export interface Asked {
  readonly question: Question;
  readonly answer: (yes: boolean) => void;
}

/** What is asked at the moment; `AskDialog` shows it. */
export const asked = shallowRef<Asked | null>(null);

/** Asks, and gives the answer; with `run`, whether it was done. A question that another one overtakes is answered no. */
export function ask(question: Question): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}
