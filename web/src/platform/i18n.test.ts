import { beforeEach, describe, expect, test } from "vitest";
import { addMessages, describe as say, speak } from "./i18n";
import { messages } from "./messages";
import { Problem } from "./problem";

const refused = (code: string, params = {}) => new Problem(409, code, "the server's sentence", "r1", [], params);

beforeEach(() => addMessages(messages));

describe("what was refused", () => {
  test("is said in Korean by its code, with the values of the sentence", () => {
    speak("ko");
    expect(say(refused("in_use"))).toBe("아직 사용 중이라 삭제할 수 없습니다.");
    expect(say(refused("in_use", { what: "users", count: 3 }))).toBe("아직 사용 중이라 삭제할 수 없습니다: 직원 3명");
    expect(say(refused("in_use", { what: "invoices", count: 3 }))).toContain("invoices 3건");
  });

  test("is told apart by its reason", () => {
    speak("ko");
    expect(say(refused("forbidden"))).toBe("이 작업을 할 권한이 없습니다.");
    expect(say(refused("forbidden", { why: "holds_more" }))).toContain("본인보다 권한이 많은 직원");
    expect(say(refused("forbidden", { why: "a_new_reason" }))).toBe("이 작업을 할 권한이 없습니다.");
  });

  test("is said in English by its code too, for people and not for programs", () => {
    speak("en");
    expect(say(refused("in_use", { what: "users", count: 3 }))).toBe("This is still in use: 3 users");
    expect(say(refused("in_use", { what: "users", count: 1 }))).toBe("This is still in use: 1 user");
    expect(say(refused("in_use", { what: "invoices", count: 3 }))).toBe("This is still in use: 3 invoices");
  });

  test("is said as the server says it where nobody here knows the code", () => {
    for (const language of ["ko", "en"] as const) {
      speak(language);
      expect(say(refused("invoice.paid"))).toBe("the server's sentence");
    }
  });

  test("is said by us in either language where no server answered", () => {
    speak("en");
    expect(say(new Problem(0, "offline", "x"))).toContain("cannot be reached");
  });
});
