import type { SignIn } from "./outcomes";

/** No lock lasts longer, whatever the policy (docs/api.md, Limits and locks). */
const longestMs = 30 * 60_000;

/**
 * The attempt that tells that an account is locked: the newest, if the lock refused it, and as long as that lock can last.
 * Attempts while it lasts do not prolong it; a lock that nobody has run into yet is not told of.
 */
export function lockedAttempt(newest: SignIn | undefined, now = Date.now()): SignIn | null {
  if (newest?.outcome !== "locked") return null;
  return now - new Date(newest.at).getTime() < longestMs ? newest : null;
}
