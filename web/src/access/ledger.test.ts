import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMessages, speak } from "@/platform/i18n";
import { apiFilters, covers, csvAddress, ledgerSentence, stateFilter } from "./ledger";
import { messages } from "./messages";

beforeAll(() => addMessages(messages));
beforeEach(() => speak("ko"));

describe("what is asked of the ledger", () => {
  it("is what holds now, unless something else was chosen", () => {
    expect(apiFilters({})).toEqual({ state: "active" });
    expect(apiFilters({ state: "ended" })).toEqual({ state: "ended" });
    expect(apiFilters({ state: "any" })).toEqual({});
    expect(apiFilters({ state: "nonsense" })).toEqual({ state: "active" });
  });

  it("is what is really in force, or what is without effect and why, where that was chosen", () => {
    expect(apiFilters({ state: "in_force" })).toEqual({ effect: "in_force" });
    expect(apiFilters({ state: "user_deactivated", department_id: "7", covering: "true" })).toEqual({ effect: "user_deactivated", department_id: 7, covering: true });
    expect(csvAddress("", { state: "in_force" }, "")).toBe("/grants.csv?effect=in_force");
  });

  it("is what held, for a moment", () => {
    expect(stateFilter({ state: "any", at: "2026-03-15T03:00:00.000Z" })).toBe("active");
    expect(apiFilters({ at: "2026-03-15T03:00:00.000Z", state: "expired" })).toEqual({ at: "2026-03-15T03:00:00.000Z", state: "expired" });
  });

  it("reaches from above only with a place, without which the server would refuse", () => {
    expect(covers({ covering: "true" })).toBe(false);
    expect(apiFilters({ covering: "true", user_id: "3" })).toEqual({ user_id: 3, state: "active" });
    expect(apiFilters({ covering: "true", department_id: "7" })).toEqual({ department_id: 7, covering: true, state: "active" });
  });

  it("leaves what is no id to the server to refuse, rather than showing more", () => {
    expect(apiFilters({ user_id: "x" })).toEqual({ user_id: NaN, state: "active" });
  });

  it("is the same in the file", () => {
    expect(csvAddress("/erp", { department_id: "7", covering: "true", at: "2026-03-15T12:00:00+09:00" }, "인사 발령")).toBe(
      "/erp/grants.csv?department_id=7&at=2026-03-15T12%3A00%3A00%2B09%3A00&covering=true&state=active&q=%EC%9D%B8%EC%82%AC+%EB%B0%9C%EB%A0%B9",
    );
    expect(csvAddress("", { state: "any" }, "")).toBe("/grants.csv");
  });
});

describe("what the ledger shows", () => {
  const all = { at: "2026년 3월 15일", user: "김서연", role: "병동 서무", place: "심장내과", covering: true, permission: "직원 조회", state: "active", q: "발령" } as const;

  it("is said in Korean", () => {
    expect(ledgerSentence({ covering: false, state: "active" })).toBe("기간 중인 부여");
    expect(ledgerSentence({ covering: false, state: "in_force" })).toBe("유효한 부여");
    expect(ledgerSentence({ place: "심장내과", covering: false, state: "any" })).toBe("심장내과에 대한 모든 부여");
    expect(ledgerSentence(all)).toBe("2026년 3월 15일 기준, 김서연님이 받은 심장내과에 적용되는 ‘직원 조회’ 권한이 포함된 ‘병동 서무’ 역할의 기간 중인 부여 (사유에 ‘발령’ 포함)");
  });

  it("is said in English", () => {
    speak("en");
    expect(ledgerSentence({ covering: false, state: "active" })).toBe("Grants within their dates.");
    expect(ledgerSentence({ ...all, at: "March 15, 2026", place: "Cardiology", q: undefined, role: undefined, permission: "See users" })).toBe(
      "Grants within their dates to 김서연 with the permission “See users” that apply to Cardiology as of March 15, 2026.",
    );
  });
});
