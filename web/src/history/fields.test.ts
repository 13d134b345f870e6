import { beforeAll, expect, test } from "vitest";
import { messages as access } from "@/access/messages";
import { messages as identity } from "@/identity/messages";
import { messages as organization } from "@/organization/messages";
import { addMessages, speak } from "@/platform/i18n";
import { messages as platform } from "@/platform/messages";
import type { Change, ChangedField } from "./changes";
import { clipped, linesOf } from "./fields";
import { messages } from "./messages";
import type { ChangeNames } from "./names";

beforeAll(() => {
  [platform, organization, identity, access, messages].forEach(addMessages);
  speak("ko");
});

const objects: Record<string, string> = { user: "김", organization: "병원", department: "부서", role: "역할" };
const kinds: Record<string, string> = { user_id: "user", organization_id: "organization", parent_id: "department", role_id: "role" };
const names: ChangeNames = {
  user: (id) => ({ name: `김${id}`, account: `kim${id}@example.com` }),
  object: (kind, id) => `${objects[kind]}${id}`,
  kindIn: (field) => kinds[field],
};

function lines(kind: string, ...fields: (Partial<ChangedField> & { name: string })[]) {
  const change: Change = {
    id: 1,
    at: "2026-11-26T09:02:24Z",
    actor: { kind: "user", id: 2 },
    operation: "move-department",
    request_id: null,
    session_id: null,
    address: null,
    kind,
    subject: { kind: "department", id: 7 },
    user_id: null,
    organization_id: 1,
    department_id: 7,
    reason: null,
    fields: fields.map((field) => ({ before: null, after: null, personal: false, secret: false, ...field })),
  };
  return linesOf(change, names);
}

test("what was replaced is told from what to what, ids by their names", () => {
  expect(lines("department.moved", { name: "code", before: null, after: "D1" }, { name: "parent_id", before: 3, after: null }, { name: "name", before: "외과", after: "내과" })).toEqual([
    { label: "이름", is: "replaced", before: "외과", after: "내과" },
    { label: "상위 부서", is: "replaced", before: "부서3", after: "최상위" },
    { label: "코드", is: "replaced", before: "없음", after: "D1" },
  ]);
  expect(lines("user.moved", { name: "organization_id", before: null, after: 4 })).toEqual([{ label: "기관", is: "replaced", before: "없음", after: "병원4" }]);
  expect(lines("user.deactivated", { name: "is_active", before: true, after: false })).toEqual([{ label: "상태", is: "replaced", before: "활성", after: "비활성" }]);
  expect(lines("user.changed", { name: "full_name", before: "김", after: "이", personal: true })).toEqual([{ label: "이름", is: "replaced", before: "김", after: "이" }]);
});

test("of a new or deleted object there is the one value, and nothing where it had none", () => {
  expect(lines("grant.created", { name: "role_id", after: 3 }, { name: "valid_until", after: null })).toEqual([{ label: "역할", is: "value", value: "역할3" }]);
  expect(lines("department.deleted", { name: "name", before: "내과" }, { name: "code", before: "" })).toEqual([{ label: "이름", is: "value", value: "내과" }]);
});

test("of a set there is what was added and removed, by name", () => {
  expect(lines("role.changed", { name: "permissions", before: ["user.read", "user.move"], after: ["user.read", "contract.sign"] })).toEqual([
    { label: "권한", is: "set", added: ["contract.sign"], removed: ["직원 소속 변경"] },
  ]);
});

test("of the numbers that order siblings there is that they changed", () => {
  expect(lines("department.changed", { name: "sort_order", before: 1000, after: 499 })).toEqual([{ label: "순서", is: "changed" }]);
  expect(lines("department.created", { name: "sort_order", after: 1000 })).toEqual([]);
});

test("what is secret is told to have changed", () => {
  expect(lines("password.given", { name: "password", secret: true })).toEqual([{ label: "비밀번호", is: "secret" }]);
  expect(lines("reset.started", { name: "code", secret: true })).toEqual([{ label: "재설정 코드", is: "secret" }]);
});

test("a refusal is told with what was tried, and why not", () => {
  expect(lines("refused", { name: "code", after: "forbidden" }, { name: "count", after: 2 })).toEqual([
    { label: "작업", is: "value", value: "move-department" },
    { label: "거절 사유", is: "value", value: "이 작업을 할 권한이 없습니다." },
    { label: "횟수", is: "value", value: "2" },
  ]);
});

test("a field that nobody has words for is shown as it is", () => {
  expect(lines("contract.signed", { name: "hours", before: { week: 40 }, after: [1, "a"] })).toEqual([{ label: "hours", is: "replaced", before: '{"week":40}', after: "1, a" }]);
});

test("a long text is cut off between letters", () => {
  expect(clipped("가나다", 3)).toBe("가나다");
  expect(clipped("가나다라", 3)).toBe("가나다…");
  expect(clipped("👩👩👩", 2)).toBe("👩👩…");
});
