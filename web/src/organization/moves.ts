import type { Department, Place } from "./departments";
import { type Problem, problemOf } from "@/platform/problem";
import { moved, type Tree } from "./tree";

export interface MovesOptions {
  readonly tree: () => Tree | undefined;
  /** Replaces the shown tree. */
  readonly show: (tree: Tree) => void;
  readonly send: (id: number, place: Place) => Promise<Department>;
  /** Called when no move is under way any more. */
  readonly settled: () => void;
}

interface Waiting {
  readonly id: number;
  place: Place;
  readonly callbacks: ((problem: Problem | null) => void)[];
}

/** Moves a department: shown at once, sent in order. Returns the refusal, null once it is stored. */
export type Move = (id: number, place: Place) => Promise<Problem | null>;

/**
 * Moves are optimistic: shown before they are stored. They are sent one after another, since the positions of each depend on
 * the one before. Of several waiting moves of a department, only the last is sent. After a refusal, the waiting moves are
 * discarded and the tree of the server is shown again.
 */
export function makeMoves(options: MovesOptions): Move {
  let held: Tree | null = null; // the tree of the server, null while no move is under way
  let waiting: Waiting[] = [];

  async function sendAll(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { id, place, callbacks } = next;
      try {
        await options.send(id, place);
        if (held) held = moved(held, id, place);
        for (const callback of callbacks) callback(null);
      } catch (thrown) {
        const problem = problemOf(thrown);
        if (held) options.show(held);
        for (const callback of [...callbacks, ...waiting.flatMap((w) => w.callbacks)]) callback(problem);
        waiting = [];
      }
    }
    held = null;
    options.settled();
  }

  return (id, place) => {
    const tree = options.tree();
    if (!tree) return Promise.resolve(null);
    const idle = held === null;
    held ??= tree;
    options.show(moved(tree, id, place));
    return new Promise((resolve) => {
      const last = waiting.at(-1);
      if (last?.id === id) {
        last.place = place;
        last.callbacks.push(resolve);
      } else {
        waiting.push({ id, place, callbacks: [resolve] });
      }
      if (idle) void sendAll();
    });
  };
}
