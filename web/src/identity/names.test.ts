import { expect, test } from "vitest";
import { speak } from "@/platform/i18n";
import { inOneLine, inOneLinePolitely, nameOf } from "./names";

test("who has no name is called by the email", () => {
  expect(nameOf({ full_name: null, email: "kim@example.com" })).toEqual({ name: "kim@example.com", email: "kim@example.com" });
  expect(nameOf({ full_name: "김하늘", email: "kim@example.com" })).toEqual({ name: "김하늘", email: "kim@example.com" });
});

test("a name in one line does not say the email twice", () => {
  expect(inOneLine({ name: "김하늘", email: "kim@example.com" })).toBe("김하늘 (kim@example.com)");
  expect(inOneLine({ name: "kim@example.com", email: "kim@example.com" })).toBe("kim@example.com");
});

test("a name is spoken of politely in Korean, an email is no name", () => {
  const kim = { name: "김하늘", email: "kim@example.com" };
  speak("ko");
  expect(inOneLinePolitely(kim)).toBe("김하늘님 (kim@example.com)");
  expect(inOneLinePolitely({ ...kim, name: kim.email })).toBe("kim@example.com");
  speak("en");
  expect(inOneLinePolitely(kim)).toBe("김하늘 (kim@example.com)");
});
