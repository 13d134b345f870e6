import type { Department, Place } from "./departments";
import { type Problem, problemOf } from "@/platform/problem";
import { moved, type Tree } from "./tree";

export interface MovesOptions {
  readonly tree: () => Tree | undefined;
  /** Shows a tree instead of the one that is shown. */
  readonly show: (tree: Tree) => void;
  readonly send: (id: number, place: Place) => Promise<Department>;
  /** Nothing is under way any more. */
  readonly settled: () => void;
}

interface Waiting {
  readonly id: number;
  place: Place;
  readonly heard: ((problem: Problem | null) => void)[];
}

/** Moves a department: shown at once, sent in turn. What refused it, or null once it is stored. */
export type Move = (id: number, place: Place) => Promise<Problem | null>;

/**
 * Moves are shown before the server knows of them, and sent one after another, since each counts positions as the one
 * before left them. Of several moves of one department that wait, the last is sent. When one is refused, what waits
 * behind it is given up, and what the server holds is shown again.
 */
export function makeMoves(options: MovesOptions): Move {
  let held: Tree | null = null; // what the server holds, null while nothing is under way
  let waiting: Waiting[] = [];

  async function sendAll(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { id, place, heard } = next;
      try {
        await options.send(id, place);
        if (held) held = moved(held, id, place);
        for (const hear of heard) hear(null);
      } catch (thrown) {
        const problem = problemOf(thrown);
        if (held) options.show(held);
        for (const hear of [...heard, ...waiting.flatMap((w) => w.heard)]) hear(problem);
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
        last.heard.push(resolve);
      } else {
        waiting.push({ id, place, heard: [resolve] });
      }
      if (idle) void sendAll();
    });
  };
}
