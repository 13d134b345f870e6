import { expect, test } from "vitest";
import { speak } from "@/platform/i18n";
import { accountBeside, inOneLine, inOneLinePolitely, nameOf } from "./names";

test("who has no name is called by the email, or else by the employee number", () => {
  expect(nameOf({ full_name: null, email: "kim@example.com", employee_number: "7" })).toEqual({ name: "kim@example.com", account: "kim@example.com" });
  expect(nameOf({ full_name: "김하늘", email: "kim@example.com", employee_number: null })).toEqual({ name: "김하늘", account: "kim@example.com" });
  expect(nameOf({ full_name: "김하늘", email: null, employee_number: "2026-7" })).toEqual({ name: "김하늘", account: "2026-7" });
  expect(nameOf({ full_name: null, email: null, employee_number: "2026-7" })).toEqual({ name: "2026-7", account: "2026-7" });
});

test("a name in one line does not say the account twice", () => {
  expect(inOneLine({ name: "김하늘", account: "kim@example.com" })).toBe("김하늘 (kim@example.com)");
  expect(inOneLine({ name: "kim@example.com", account: "kim@example.com" })).toBe("kim@example.com");
  expect([accountBeside({ name: "김하늘", account: "2026-7" }), accountBeside({ name: "2026-7", account: "2026-7" })]).toEqual(["2026-7", undefined]);
});

test("a name is spoken of politely in Korean, an email is no name", () => {
  const kim = { name: "김하늘", account: "kim@example.com" };
  speak("ko");
  expect(inOneLinePolitely(kim)).toBe("김하늘님 (kim@example.com)");
  expect(inOneLinePolitely({ ...kim, name: kim.account })).toBe("kim@example.com");
  speak("en");
  expect(inOneLinePolitely(kim)).toBe("김하늘 (kim@example.com)");
});
