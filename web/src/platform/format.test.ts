import { expect, test } from "vitest";
import { beginOf, day, endOf, fromNow, moment } from "./format";
import { speak } from "./i18n";

test("a grant until a day holds on that day", () => {
  expect(new Date(endOf("2026-12-31")!).getTime()).toBe(new Date(2027, 0, 1).getTime());
  expect(new Date(beginOf("2026-12-31")!).getTime()).toBe(new Date(2026, 11, 31).getTime());
  expect([beginOf(""), endOf("")]).toEqual([null, null]);
});

test("what is no day has no beginning and no end, and is no fault of the whole view", () => {
  for (const typed of ["202612-12-31", "2026-02-31", "2026-13-01", "nonsense", "10000-01-01"]) expect([typed, beginOf(typed), endOf(typed)]).toEqual([typed, null, null]);
  expect(day("nonsense")).toBe("–");
  expect(new Date(beginOf("0026-12-31")!).getFullYear()).toBe(26); // a year of the past is refused by the server
});

test("how long ago is said in the reader's language", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");
  speak("ko");
  expect(fromNow("2026-11-25T11:57:00Z", now)).toBe("3분 전");
  speak("en");
  expect(fromNow("2026-11-27T12:00:00Z", now)).toBe("in 2 days");
});

test("what is no moment is a dash, not a fault of the whole view", () => {
  expect([moment("nonsense"), moment(null), moment("")]).toEqual(["–", "–", "–"]);
});
