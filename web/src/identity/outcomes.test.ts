import { expect, test } from "vitest";
import { messages } from "./messages";
import { type Outcome, outcomeOf } from "./outcomes";

const outcomes: readonly Outcome[] = ["signed_in", "code_redeemed", "password_changed", "wrong_password", "wrong_code", "locked", "inactive", "limited", "password_expired", "password_withdrawn", "code_withdrawn"];

test.each(outcomes)("%s is told in words, in both languages", (outcome) => {
  expect(outcomeOf(outcome).label).toBe(`identity.outcome.${outcome}`);
  expect(messages.ko.identity.outcome[outcome]).toBeTruthy();
  expect(messages.en.identity.outcome[outcome]).toBeTruthy();
});

test("what succeeded looks unlike what did not", () => {
  expect(outcomes.filter((o) => outcomeOf(o).tone === "success")).toEqual(["signed_in", "code_redeemed", "password_changed"]);
});

test("an outcome that is not known yet is shown as it is", () => {
  expect(outcomeOf("from_elsewhere" as Outcome)).toEqual({ label: "from_elsewhere", tone: "warning" });
});
