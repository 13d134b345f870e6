import { beforeAll, expect, test } from "vitest";
import { messages as identity } from "@/identity/messages";
import { messages as organization } from "@/organization/messages";
import { politely } from "@/identity/names";
import { addMessages, speak } from "@/platform/i18n";
import type { Change } from "./changes";
import { messages } from "./messages";
import type { ChangeNames } from "./names";
import { aboutText, sentenceOf } from "./sentence";

beforeAll(() => [organization, identity, messages].forEach(addMessages));

const objects: Record<string, string> = { organization: "병원", department: "부서", role: "역할" };
const names: ChangeNames = {
  user: (id) => (id === 1 ? { name: "admin@example.com", account: "admin@example.com" } : { name: "김하늘", account: "kim@example.com" }),
  object: (kind, id) => (kind === "user" ? politely(names.user(id)) : objects[kind] && `${objects[kind]}${id}`),
  kindIn: () => undefined,
};

const change = (of: Partial<Change>): Change => ({
  id: 1,
  at: "2026-11-26T09:02:24Z",
  actor: { kind: "user", id: 2 },
  operation: "",
  request_id: null,
  session_id: null,
  address: null,
  kind: "department.moved",
  subject: { kind: "department", id: 7 },
  user_id: null,
  organization_id: null,
  department_id: null,
  reason: null,
  fields: [],
  ...of,
});

function said(of: Partial<Change>): string {
  const { who, what } = sentenceOf(change(of), names);
  return who + what;
}

test("it says who did what, in the reader's language", () => {
  speak("ko");
  expect(said({})).toBe("김하늘님이 부서를 옮겼습니다");
  expect(said({ actor: { kind: "user", id: 1 } })).toBe("admin@example.com이(가) 부서를 옮겼습니다");
  expect(said({ actor: { kind: "operator", id: null }, kind: "user.created" })).toBe("서버 운영자가 직원을 등록했습니다");
  expect(said({ actor: { kind: "system", id: null }, kind: "session.ended" })).toBe("시스템이 기기 한 대에서 로그아웃했습니다");
  expect(said({ actor: { kind: "nobody", id: null }, kind: "reset.redeemed" })).toBe("로그인하지 않은 사람이 재설정 코드로 새 비밀번호를 정했습니다");
  speak("en");
  expect(said({})).toBe("김하늘 moved the department");
});

test("a kind that nobody has words for is shown as it is", () => {
  speak("ko");
  expect(said({ kind: "contract.signed" })).toBe("김하늘님 · contract.signed");
});

test("what it is about is called by its name", () => {
  speak("ko");
  expect(aboutText(change({}), names)).toBe("부서7");
  expect(aboutText(change({ subject: { kind: "grant", id: 5 }, user_id: 2 }), names)).toBe("김하늘님");
  expect(aboutText(change({ subject: { kind: "contract", id: 5 } }), names)).toBe("contract 5");
});
