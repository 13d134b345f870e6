import { expect, test } from "vitest";
import { lockedAttempt } from "./locks";
import type { SignIn } from "./outcomes";

const now = Date.parse("2026-11-23T10:00:00Z");
const attempt = (outcome: SignIn["outcome"], at: string): SignIn => ({ id: 1, at, outcome, address: "10.0.0.9", user_agent: "curl/7.88.1", made_by: null });

test("an account is told to be locked when the newest attempt was refused for it", () => {
  expect(lockedAttempt(attempt("locked", "2026-11-23T09:58:00Z"), now)).toMatchObject({ id: 1 });
  expect(lockedAttempt(attempt("wrong_password", "2026-11-23T09:58:00Z"), now)).toBeNull();
  expect(lockedAttempt(attempt("signed_in", "2026-11-23T09:58:00Z"), now)).toBeNull();
  expect(lockedAttempt(undefined, now)).toBeNull();
});

test("it is not told any more once the lock is over by itself", () => {
  expect(lockedAttempt(attempt("locked", "2026-11-23T09:29:00Z"), now)).toBeNull();
});
