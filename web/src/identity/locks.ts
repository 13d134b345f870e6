import type { SignIn } from "./outcomes";

/** The maximum duration of a lock under every policy (docs/api/signing-in.md, Limits and locks). */
const longestMs = 30 * 60_000;

/**
 * The attempt that shows that an account is locked: the newest one, if it was refused because of the lock, and while that
 * lock can last. Attempts during a lock do not prolong it. A lock without an attempt since is not detected.
 */
export function lockedAttempt(newest: SignIn | undefined, now = Date.now()): SignIn | null {
  if (newest?.outcome !== "locked") return null;
  return now - new Date(newest.at).getTime() < longestMs ? newest : null;
}
