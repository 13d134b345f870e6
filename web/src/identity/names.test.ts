import { expect, test } from "vitest";
import { inOneLine, nameOf } from "./names";

test("who has no name is called by the email", () => {
  expect(nameOf({ full_name: null, email: "kim@example.com" })).toEqual({ name: "kim@example.com", email: "kim@example.com" });
  expect(nameOf({ full_name: "김하늘", email: "kim@example.com" })).toEqual({ name: "김하늘", email: "kim@example.com" });
});

test("a name in one line does not say the email twice", () => {
  expect(inOneLine({ name: "김하늘", email: "kim@example.com" })).toBe("김하늘 (kim@example.com)");
  expect(inOneLine({ name: "kim@example.com", email: "kim@example.com" })).toBe("kim@example.com");
});
