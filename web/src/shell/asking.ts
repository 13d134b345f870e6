const shortest = 3_000;
const longest = 30_000;
const steady = 60_000;

/**
 * How often a server that cannot be reached is asked for, in milliseconds: every 3 s, and half as often each time that it
 * was back for less than a minute. Where it answers that question and fails at another one, that one rests for longer and longer.
 */
export function askEvery(before: number, backFor: number): number {
  return backFor < steady ? Math.min(Math.max(shortest, 2 * before), longest) : shortest;
}
