import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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

describe("a day and more", () => {
  const told = (at: string, now: string) => fromNow(at, Date.parse(now));

  beforeEach(() => {
    vi.stubEnv("TZ", "Asia/Seoul");
    speak("ko");
  });
  afterEach(() => vi.unstubAllEnvs());

  test("is counted by the calendar in the reader's zone, not by 24 hours", () => {
    expect(told("2026-11-23T23:00:00+09:00", "2026-11-25T01:00:00+09:00")).toBe("그저께"); // 26 hours
    expect(told("2026-11-24T00:30:00+09:00", "2026-11-25T23:30:00+09:00")).toBe("어제"); // 47 hours
    expect(told("2026-11-26T23:59:59+09:00", "2026-11-25T00:30:00+09:00")).toBe("내일");
    expect(told("2026-11-27T00:00:00+09:00", "2026-11-25T12:00:00+09:00")).toBe("모레"); // 36 hours
    expect(told("2026-12-05T00:00:00+09:00", "2026-11-25T12:00:00+09:00")).toBe("10일 후");
  });

  test("begins after 24 hours: what is nearer is said in hours", () => {
    expect(told("2026-11-24T23:00:00+09:00", "2026-11-25T01:00:00+09:00")).toBe("2시간 전");
    expect(told("2026-11-24T12:00:00+09:00", "2026-11-25T12:00:00+09:00")).toBe("어제");
    expect(told("2026-11-24T13:00:00+09:00", "2026-11-25T12:00:00+09:00")).toBe("23시간 전");
  });

  test("is another day elsewhere", () => {
    vi.stubEnv("TZ", "UTC");
    expect(told("2026-11-23T23:00:00+09:00", "2026-11-25T01:00:00+09:00")).toBe("어제");
  });

  test("is not today on a day of 25 hours", () => {
    vi.stubEnv("TZ", "Europe/Berlin");
    expect(told("2026-10-25T00:10:00+02:00", "2026-10-25T23:50:00+01:00")).toBe("25시간 전");
  });
});

test("what is no moment is a dash, not a fault of the whole view", () => {
  expect([moment("nonsense"), moment(null), moment("")]).toEqual(["–", "–", "–"]);
});
