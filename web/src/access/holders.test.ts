import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMessages, speak } from "@/platform/i18n";
import { changeSentence, type Holders } from "./holders";
import type { Permission } from "./matrix";
import { messages } from "./messages";

beforeAll(() => addMessages(messages));
beforeEach(() => speak("ko"));

const all: Permission[] = [
  { name: "organization.create", description: "", scopes: ["system"] },
  { name: "user.delete", description: "", scopes: ["system", "organization", "department"] },
  { name: "user.read", description: "", scopes: ["system", "organization", "department"] },
];
const holders = (system: Partial<Holders>, department: Partial<Holders>): Holders[] => {
  const nobody = { people: 0, later: 0, deactivated: 0, self_granted: 0 };
  return [
    { scope: "system", ...nobody, ...system },
    { scope: "organization", ...nobody, ...system },
    { scope: "department", ...nobody, ...department },
  ];
};
const said = (added: string[], removed: string[], counts: Holders[]) => changeSentence({ added, removed }, all, counts);

describe("what saving a role changes for whom", () => {
  const counts = holders({ people: 1 }, { people: 12, later: 2, deactivated: 3, self_granted: 1 });

  it("says how many people get it now, later and once activated, and who gave it to themselves", () => {
    expect(said(["user.delete"], [], counts)).toBe(
      "저장하면 12명이 추가된 권한을 곧바로 갖습니다. 시작 전인 부여로 2명이 나중에 갖습니다. 비활성 직원 3명은 다시 활성화되면 갖습니다. 이 가운데 1명은 이 역할을 스스로에게 부여했습니다.",
    );
  });

  it("counts those alone for whose place the permission can be held", () => {
    expect(said(["organization.create"], [], counts)).toBe("저장하면 1명이 추가된 권한을 곧바로 갖습니다.");
    expect(said(["organization.create", "user.delete"], [], counts)).toContain("저장하면 12명이");
  });

  it("says who loses what is removed", () => {
    speak("en");
    expect(said(["organization.create"], ["user.read"], counts)).toBe("1 user gets the added permissions as soon as you save. 12 users lose the removed permissions as soon as you save.");
  });

  it("says nothing where nobody has the role, and that nobody gets it now where somebody will", () => {
    expect(said(["user.delete"], [], holders({}, {}))).toBe("");
    expect(said(["user.delete"], [], holders({}, { later: 1 }))).toBe("추가된 권한을 지금 갖게 되는 사람은 없습니다. 시작 전인 부여로 1명이 나중에 갖습니다.");
  });
});
