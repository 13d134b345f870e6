import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMessages, speak } from "@/platform/i18n";
import { messages } from "./messages";
import type { GrantNames } from "./names";
import { addressOf, grantedSentence, isComplete, nothingAsked, questionOf, type Reason, reasonSentence, verdictSentence } from "./why";

beforeAll(() => addMessages(messages));
beforeEach(() => speak("ko"));

const names: GrantNames = {
  user: (id) => ({ name: `user ${id}`, account: "" }),
  role: (id) => `role ${id}`,
  knownRole: (id) => (id === 4 ? "구성원" : null),
  where: ({ department_id }) => (department_id === null ? "한빛병원" : "한빛병원 › 심장내과"),
  by: () => "정민수",
};
const grant: NonNullable<Reason["grant"]> = {
  id: 2,
  user_id: 2,
  role_id: 4,
  organization_id: 1,
  department_id: 2,
  valid_from: null,
  valid_until: null,
  reason: "전공의",
  granted_by: 1,
  granted_at: new Date(2026, 2, 1).toISOString(),
  ended_by: null,
  ended_at: null,
  end_reason: null,
  effect: "in_force",
};
const reason = (code: Reason["code"], more: Partial<Reason> = {}): Reason => ({ code, detail: "as the server says it", role: "member", grant, ...more });
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("a question", () => {
  it("is kept in the address", () => {
    const asked = { user_id: 2, permission: "user.read", level: "department", organization_id: 1, department_id: 3, at: "2026-03-15T03:00:00.000Z" } as const;
    expect(questionOf(addressOf(asked))).toEqual(asked);
  });

  it("is about the whole system where the address names no place", () => {
    expect(questionOf({ user_id: "2", permission: "user.read" })).toMatchObject({ level: "system", department_id: null });
    expect(questionOf({ user_id: "2" }).level).toBe("department");
  });

  it("is not about a department that was chosen before the organization alone", () => {
    expect(addressOf({ ...nothingAsked, level: "organization", organization_id: 1, department_id: 3 })).toEqual({ organization_id: "1" });
  });

  it("is not asked before it is whole, so that no wider place is taken for one that is missing", () => {
    const asked = { ...nothingAsked, user_id: 2, permission: "user.read" };
    expect(isComplete({ ...asked, level: "department", organization_id: 1 })).toBe(false);
    expect(isComplete({ ...asked, level: "organization", organization_id: 1 })).toBe(true);
    expect(isComplete({ ...asked, level: "system" })).toBe(true);
    expect(isComplete({ ...asked, level: "system", user_id: null })).toBe(false);
  });
});

describe("an answer", () => {
  const said = { allowed: true, user: "김서연", permission: "부서 이동", where: "심장내과", at: "" };

  it("is a sentence", () => {
    expect(verdictSentence(said)).toBe("지금, 김서연은 심장내과에서 부서 이동을 할 수 있습니다.");
    expect(verdictSentence({ ...said, allowed: false, user: "이준호", permission: "직원 조회" })).toBe("지금, 이준호는 심장내과에서 직원 조회를 할 수 없습니다.");
  });

  it("says of which moment it is", () => {
    expect(verdictSentence({ ...said, at: new Date(2026, 2, 15, 12).toISOString() })).toContain("12:00 기준으로");
  });

  it("is a sentence in English, too", () => {
    speak("en");
    expect(verdictSentence({ ...said, permission: "Move departments", where: "Cardiology" })).toBe("Now, 김서연 may move departments in Cardiology.");
  });
});

describe("a reason", () => {
  it("tells the role and the place", () => {
    expect(reasonSentence(reason("allows"), names)).toBe("한빛병원 › 심장내과 범위의 ‘구성원’ 역할에 이 권한이 있습니다.");
  });

  it("tells from when, by whom and why it was granted", () => {
    expect(plain(grantedSentence(reason("allows"), names))).toBe("2026. 3. 1.부터 기한 없음 · 부여: 정민수 · 사유: 전공의");
    expect(plain(grantedSentence(reason("allows", { grant: { ...grant, reason: null } }), names))).toBe("2026. 3. 1.부터 기한 없음 · 부여: 정민수");
  });

  it("does not tell more of a grant that one may not see", () => {
    const hidden = reason("allows", { grant: undefined, role: undefined });
    expect(reasonSentence(hidden, names)).toBe("이 일을 허용하는 부여가 있지만, 그 부여를 볼 권한이 없습니다.");
    expect(grantedSentence(hidden, names)).toBe("");
  });

  it("tells when it was over", () => {
    const ended = reason("grant_over", { grant: { ...grant, ended_at: new Date(2026, 5, 1, 9).toISOString() } });
    expect(reasonSentence(ended, names)).toContain("9:00에 끝났습니다");
    const expired = reason("grant_over", { grant: { ...grant, valid_until: new Date(2027, 0, 1).toISOString() } });
    expect(reasonSentence(expired, names)).toContain("2026. 12. 31.에 끝났습니다");
  });

  it("calls a role that is gone as the server does", () => {
    expect(reasonSentence(reason("role_lacks_permission", { grant: { ...grant, role_id: 9 }, role: "옛 역할" }), names)).toContain("‘옛 역할’");
  });

  it.each(["ko", "en"] as const)("is said in %s for every code there is", (language) => {
    speak(language);
    const codes = ["allows", "user_deactivated", "grant_not_yet", "grant_over", "grant_too_narrow", "grant_elsewhere", "role_lacks_permission", "nothing_granted"] as const;
    for (const code of codes) {
      const bare = ["user_deactivated", "nothing_granted"].includes(code);
      const sentence = reasonSentence(reason(code, bare ? { grant: undefined } : {}), names);
      expect(sentence).not.toMatch(/as the server|\{|access\./);
    }
  });

  it("is told in the server's words where it is a new one", () => {
    expect(reasonSentence(reason("something_new" as Reason["code"]), names)).toBe("as the server says it");
  });
});
