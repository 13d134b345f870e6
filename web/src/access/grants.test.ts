import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test } from "vitest";
import { useSession } from "@/platform/session";
import { useSeesAll } from "./grants";

beforeEach(() => setActivePinia(createPinia()));

test("that nothing is granted can be said only by who sees every grant", () => {
  const session = useSession();
  const seesAll = useSeesAll();
  expect(seesAll.value).toBe(false);
  session.held = [{ permission: "grant.read", everywhere: false, organizations: [1], departments: [7] }];
  expect([session.may("grant.read"), seesAll.value]).toEqual([true, false]);
  session.held = [{ permission: "grant.read", everywhere: true, organizations: [], departments: [] }];
  expect(seesAll.value).toBe(true);
});
