import { beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick, reactive } from "vue";
import { type User, userById } from "@/identity/users";
import type { Level } from "@/platform/place";
import { type Chosen, isPlaced, chosenPlace, useUsersPlace } from "./where";

vi.mock("@/identity/users", () => ({ userById: vi.fn() }));

const cardiology = { organization_id: 1, department_id: 7 };
const office = { organization_id: 1, department_id: 8 };
const nowhere = { organization_id: null, department_id: null };
const places: Record<number, typeof cardiology | typeof nowhere | { organization_id: number; department_id: null }> = { 1: cardiology, 2: office, 3: { organization_id: 2, department_id: null }, 4: nowhere };
const everyLevel: readonly Level[] = ["system", "organization", "department"];

beforeEach(() => vi.mocked(userById).mockImplementation((id) => Promise.resolve({ data: { id, ...places[id] } as User, etag: null, next: null, total: null })));

const settled = () => new Promise((resolve) => setTimeout(resolve));

function form(start: Partial<Chosen & { user_id: number | null }> = {}) {
  const chosen = reactive({ user_id: null as number | null, level: "department" as Level, ...nowhere, ...start } as { user_id: number | null; level: Level; organization_id: number | null; department_id: number | null });
  const { takeOver } = useUsersPlace(chosen, () => everyLevel);
  const choose = async (user: number | null) => {
    chosen.user_id = user;
    await settled();
  };
  return { chosen, choose, takeOver };
}

describe("the place of whoever is chosen", () => {
  it("is filled in, and replaced with another user", async () => {
    const { chosen, choose } = form();
    await choose(1);
    expect(chosen).toMatchObject(cardiology);
    await choose(2);
    expect(chosen).toMatchObject(office);
    await choose(4);
    expect(chosen).toMatchObject(nowhere);
  });

  it("is not left there while the other one's is on its way", async () => {
    const { chosen, choose } = form();
    await choose(1);
    chosen.user_id = 2;
    await nextTick();
    expect(chosen).toMatchObject(nowhere);
  });

  it("is not left there for somebody who cannot be read", async () => {
    const { chosen, choose } = form();
    await choose(1);
    vi.mocked(userById).mockRejectedValueOnce(new Error("403"));
    await choose(2);
    expect(chosen).toMatchObject(nowhere);
  });

  it("widens to the organization for who has no department, and narrows again for who has one", async () => {
    const { chosen, choose } = form();
    await choose(3);
    expect(chosen).toMatchObject({ level: "organization", organization_id: 2 });
    await choose(1);
    expect(chosen).toMatchObject({ level: "department", ...cardiology });
  });

  it("leaves a place alone that was chosen", async () => {
    const { chosen, choose } = form();
    await choose(1);
    chosen.department_id = 9;
    await choose(2);
    expect(chosen.department_id).toBe(9);
  });

  it.each(["system", "organization"] as const)("leaves the level %s alone that was chosen", async (level) => {
    const { chosen, choose } = form({ level });
    for (const user of [3, 1, 3]) {
      await choose(user);
      expect(chosen.level).toBe(level);
    }
  });

  it("leaves a level alone that was chosen afterwards", async () => {
    const { chosen, choose } = form();
    await choose(1);
    chosen.level = "system";
    await choose(3);
    expect(chosen).toMatchObject({ level: "system", organization_id: 2 });
  });

  it("is taken for chosen where it comes from an address", async () => {
    const { chosen, choose, takeOver } = form();
    await choose(1);
    takeOver();
    await choose(2);
    expect(chosen).toMatchObject(cardiology);
  });

  it("is not filled in once the user has begun to type another", async () => {
    const { chosen, choose, takeOver } = form();
    const loaded = choose(1);
    await nextTick();
    takeOver();
    await loaded;
    expect(chosen).toMatchObject(nowhere);
    await choose(2);
    expect(chosen).toMatchObject(office);
  });
});

it("is meant as wide as was chosen", () => {
  const chosen = { organization_id: 1, department_id: 7 };
  expect(chosenPlace({ level: "system", ...chosen })).toEqual(nowhere);
  expect(chosenPlace({ level: "organization", ...chosen })).toEqual({ organization_id: 1, department_id: null });
  expect(chosenPlace({ level: "department", ...chosen })).toEqual(chosen);
  expect([isPlaced({ level: "system", ...nowhere }), isPlaced({ level: "organization", ...nowhere }), isPlaced({ level: "department", organization_id: 1, department_id: null })]).toEqual([true, false, false]);
});
