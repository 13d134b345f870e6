import { shallowRef } from "vue";

/** A question with two answers. The texts are message keys; `params` fill them, and `n` of them says of how many they speak. */
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
  /** Does what is done on yes, and answers so. Errors: what refused it; then it is still to be answered. */
  readonly confirm: (input: string) => Promise<void>;
}

/** What is asked at the moment; `AskDialog` shows it. */
export const asked = shallowRef<Asked | null>(null);

let doing: Asked | null = null; // what was confirmed, while it is being done
let next: Asked | null = null; // what was asked meanwhile

/**
 * Asks, and gives the answer; with `run`, whether it was done. A question that another one overtakes is answered no; one
 * whose yes is being done is waited for, and answered by what becomes of it.
 */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const own: Asked = {
      question,
      answer: (yes) => {
        if (asked.value === own) [asked.value, next] = [next, null];
        else if (next === own) next = null;
        resolve(yes);
      },
      confirm: async (input) => {
        doing = own;
        try {
          await question.run?.(input);
        } finally {
          doing = null;
        }
        own.answer(true);
      },
    };
    if (doing) {
      next?.answer(false);
      next = own;
    } else {
      const before = asked.value;
      asked.value = own;
      before?.answer(false);
    }
  });
}
