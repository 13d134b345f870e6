import { afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from "vitest";
import { addMessages, speak } from "@/platform/i18n";
import { messages } from "./messages";
import { beginsAt, daysLeft, endsAt, endsIn, grantSentence, lastDay, noDays, periodText, stateOf } from "./period";

beforeAll(() => addMessages(messages));
beforeEach(() => speak("ko"));

const granted_at = "2026-03-01T00:00:00Z";
const open = { granted_at, valid_from: null, valid_until: null, ended_at: null };
const at = (moment: string) => new Date(moment);
const period = (grant: Parameters<typeof periodText>[0]) => plain(periodText(grant));
const plain = (text: string) => text.replaceAll("\u00a0", " ");
const midnight = (year: number, month: number, date: number) => new Date(year, month - 1, date).toISOString();

describe("the state of a grant", () => {
  it("is active from its granting on, without an end", () => {
    expect(stateOf(open, at("2026-02-28T23:59:59Z"))).toBeNull();
    expect(stateOf(open, at(granted_at))).toBe("active");
    expect(stateOf(open, at("2099-01-01T00:00:00Z"))).toBe("active");
  });

  it("follows its dates, of which the end is no longer a part", () => {
    const dated = { ...open, valid_from: "2026-04-01T00:00:00Z", valid_until: "2026-05-01T00:00:00Z" };
    expect(stateOf(dated, at("2026-03-31T23:59:59Z"))).toBe("scheduled");
    expect(stateOf(dated, at("2026-04-01T00:00:00Z"))).toBe("active");
    expect(stateOf(dated, at("2026-05-01T00:00:00Z"))).toBe("expired");
  });

  it("is ended once somebody ended it, also before it began", () => {
    const ended = { ...open, valid_from: "2026-04-01T00:00:00Z", ended_at: "2026-03-10T00:00:00Z" };
    expect(stateOf(ended, at("2026-03-09T00:00:00Z"))).toBe("scheduled");
    expect(stateOf(ended, at("2026-03-10T00:00:00Z"))).toBe("ended");
  });

  it("counts what was dated back from the granting", () => {
    const back = { ...open, valid_from: "2020-01-01T00:00:00Z" };
    expect(beginsAt(back)).toBe(granted_at);
    expect(stateOf(back, at("2021-01-01T00:00:00Z"))).toBeNull();
  });
});

describe("the time of a grant", () => {
  it("is told with its last day, not with the midnight after it", () => {
    expect(lastDay(midnight(2027, 1, 1))).toBe("2026. 12. 31.");
  });

  it("is told with the time, where it ends within a day", () => {
    expect(lastDay(new Date(2026, 11, 31, 15, 30).toISOString())).toContain("3:30");
  });

  it("says that there is no end", () => {
    expect(period({ ...open, granted_at: midnight(2026, 3, 1) })).toBe("2026. 3. 1.부터 기한 없음");
  });

  it("says so in English alike of what began and of what will begin", () => {
    speak("en");
    expect(period({ ...open, valid_from: midnight(2026, 4, 1) })).toBe("from Apr 1, 2026, no end date");
  });

  it("is one day where it begins and ends on it", () => {
    expect(period({ ...open, granted_at: midnight(2026, 3, 1), valid_until: midnight(2026, 3, 2) })).toBe("2026. 3. 1.");
  });

  it("ends when somebody ended it, if that came first", () => {
    const grant = { ...open, granted_at: midnight(2026, 3, 1), valid_until: midnight(2027, 1, 1), ended_at: midnight(2026, 6, 1) };
    expect(endsAt(grant)).toBe(grant.ended_at);
    expect(period(grant)).toBe("2026. 3. 1. – 2026. 6. 1.");
    expect(endsAt({ ...grant, ended_at: midnight(2028, 1, 1) })).toBe(grant.valid_until);
  });

  it("has no dates where somebody ended it before it began", () => {
    const grant = { ...open, valid_from: midnight(2026, 4, 1), ended_at: midnight(2026, 3, 10) };
    expect(period(grant)).toBe("시작 전 종료");
    expect(period({ ...grant, valid_until: midnight(2027, 1, 1) })).toBe("시작 전 종료");
    expect(period({ ...grant, ended_at: midnight(2026, 4, 2) })).toBe("2026. 4. 1. – 2026. 4. 2.");
    speak("en");
    expect(period(grant)).toBe("ended before it began");
  });

  it("is said to be over soon only where it is, and holds now", () => {
    const grant = { ...open, valid_until: "2026-04-01T00:00:00Z" };
    expect(daysLeft(grant, at("2026-03-29T12:00:00Z"))).toBe(3);
    expect(daysLeft(grant, at("2026-03-01T00:00:00Z"))).toBeNull();
    expect(daysLeft(grant, at("2026-04-02T00:00:00Z"))).toBeNull();
    expect(daysLeft(open, at("2026-03-29T12:00:00Z"))).toBeNull();
  });
});

test("a day that is none is not taken for no end", () => {
  expect(noDays({ valid_from: "", valid_until: "202612-12-31" })).toEqual(["valid_until"]);
  expect(noDays({ valid_from: "2026-12-01", valid_until: "2026-12-31" })).toEqual([]);
});

describe("how far off an end is", () => {
  beforeEach(() => vi.stubEnv("TZ", "Asia/Seoul"));
  afterEach(() => vi.unstubAllEnvs());

  const until = "2027-01-01T00:00:00+09:00"; // December 31 is its last day
  const seen = (now: string) => endsIn(until, Date.parse(now));

  it("is told by its last day", () => {
    expect(seen("2026-12-29T23:00:00+09:00")).toBe("모레");
    expect(seen("2026-12-30T00:00:00+09:00")).toBe("내일");
    expect(seen("2026-12-30T12:00:00+09:00")).toBe("내일");
    expect(seen("2026-12-31T12:00:00+09:00")).toBe("12시간 후");
  });

  it("is told by the moment, where it ends within a day", () => {
    expect(endsIn("2027-01-01T09:00:00+09:00", Date.parse("2026-12-30T08:00:00+09:00"))).toBe("모레");
  });
});

describe("what a grant will mean", () => {
  const grant = { user: "김서연", role: "병동 서무", where: "한빛병원 › 71병동", from: "", until: "" };

  it("says without an end, where there is none", () => {
    expect(grantSentence(grant)).toBe("김서연은 지금부터 기한 없이 한빛병원 › 71병동 범위에서 ‘병동 서무’ 역할을 갖습니다.");
  });

  it("says its days", () => {
    expect(grantSentence({ ...grant, user: "이준호", from: "2026-12-01", until: "2026-12-31" })).toContain("이준호는 2026. 12. 1.부터 2026. 12. 31.까지");
    speak("en");
    expect(grantSentence({ ...grant, until: "2026-12-31" })).toBe("김서연 has the role “병동 서무” for 한빛병원 › 71병동 from now on, until Dec 31, 2026.");
  });
});
