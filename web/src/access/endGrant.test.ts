import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test, vi } from "vitest";
import { asked } from "@/platform/ask";
import { useEndGrant } from "./endGrant";
import type { Grant } from "./grants";
import type { GrantNames } from "./names";

vi.mock("@/platform/notice", () => ({ done: vi.fn() }));
vi.mock("@tanstack/vue-query", () => ({ useQueryClient: () => ({ invalidateQueries: vi.fn() }) }));

beforeEach(() => setActivePinia(createPinia()));

test("the reason of an end fits into the address that carries it, also through a proxy of 8 KB", () => {
  const names: GrantNames = { user: () => ({ name: "김서연", account: "" }), role: () => "구성원", knownRole: () => null, where: () => "한빛병원", by: () => "" };
  void useEndGrant()({ id: 2, user_id: 2, role_id: 4, organization_id: 1, department_id: null } as Grant, names);
  const { input } = asked.value!.question;
  const longest = "가".repeat(input!.maxlength ?? 10_000);
  expect(new URLSearchParams({ reason: longest }).toString().length).toBeLessThan(8_000);
  asked.value!.answer(false);
});
