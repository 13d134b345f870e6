import { expect, test } from "vitest";
import { askEvery } from "./asking";

test("a server that comes and goes is asked for less and less often, and as often as ever once it was back for long", () => {
  const waits = [askEvery(0, Infinity)];
  for (let times = 0; times < 4; times++) waits.push(askEvery(waits.at(-1)!, 20));
  expect(waits).toEqual([3_000, 6_000, 12_000, 24_000, 30_000]);
  expect(askEvery(30_000, 60_000)).toBe(3_000);
});
