import { expect, test } from "vitest";
import { nameOf } from "./names";

test("who has no name is called by the email", () => {
  expect(nameOf({ full_name: null, email: "kim@example.com" })).toEqual({ name: "kim@example.com", email: "kim@example.com" });
  expect(nameOf({ full_name: "김하늘", email: "kim@example.com" })).toEqual({ name: "김하늘", email: "kim@example.com" });
});
