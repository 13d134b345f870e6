import { describe, expect, it } from "vitest";
import { Problem } from "@/platform/problem";
import type { Department } from "./departments";
import { type Naming, useInPlace } from "./inPlace";

const department = (name: string, id = 7): Department => ({ id, organization_id: 1, parent_id: null, name, code: null, sort_order: 0, created_at: "", updated_at: "" });

/** A server that holds one department, or one under each number that is asked for, and what is shown of it. */
function server() {
  const state = { name: "내과", version: 1, shown: "", refuse: null as Problem | null, unreadable: null as Problem | null };
  const refused: { of: Naming; typed: string; code: string }[] = [];
  const slow: { until: Promise<unknown> } = { until: Promise.resolve() };
  const inPlace = useInPlace({
    read: () => {
      if (state.unreadable) return Promise.reject(state.unreadable);
      return Promise.resolve({ data: department(state.name), etag: String(state.version), next: null, total: null });
    },
    rename: async (_id, name, etag) => {
      await slow.until;
      if (state.refuse) throw state.refuse;
      if (etag !== String(state.version)) throw new Problem(412, "stale", "");
      Object.assign(state, { name, version: state.version + 1 });
      return department(name);
    },
    create: async (_parentId, name) => {
      await slow.until;
      if (state.refuse) throw state.refuse;
      return department(name);
    },
    show: (d) => (state.shown = d.name),
    refused: (of, typed, { code }) => refused.push({ of, typed, code }),
  });
  /** Has what is stored from now on wait until the function that this gives is called. */
  const hold = () => {
    let go = () => {};
    slow.until = new Promise<void>((resolve) => (go = resolve));
    return () => {
      slow.until = Promise.resolve();
      go();
    };
  };
  return { state, inPlace, refused, hold };
}

const read = () => new Promise((resolve) => setTimeout(resolve));

describe("renaming in place", () => {
  it("stores what was typed, without spaces around it, and ends", async () => {
    const { state, inPlace } = server();
    inPlace.rename(department("내과"));
    inPlace.text.value = "  내과부 ";
    expect(inPlace.unsaved.value).toBe(true);
    expect((await inPlace.save())?.name).toBe("내과부");
    expect(state).toMatchObject({ name: "내과부", shown: "내과부" });
    expect(inPlace.naming.value).toBeNull();
  });

  it("ends without a request where nothing changed", async () => {
    const { state, inPlace } = server();
    inPlace.rename(department("내과"));
    expect(await inPlace.save()).toBeNull();
    expect(inPlace.naming.value).toBeNull();
    expect(state.version).toBe(1);
  });

  it("begins with the newest name, as long as nothing was typed", async () => {
    const { state, inPlace } = server();
    state.name = "내과센터";
    inPlace.rename(department("내과"));
    await read();
    expect(inPlace.text.value).toBe("내과센터");
    expect(state.shown).toBe("내과센터");
  });

  it("offers what somebody else made of it, to take or to overwrite", async () => {
    const { state, inPlace } = server();
    inPlace.rename(department("내과"));
    await read();
    Object.assign(state, { name: "내과센터", version: 2 });
    inPlace.text.value = "내과부";
    expect(await inPlace.save()).toBeNull();
    expect(inPlace.theirs.value).toBe("내과센터");
    expect(inPlace.text.value).toBe("내과부");

    inPlace.takeTheirs();
    expect(inPlace.text.value).toBe("내과센터");

    inPlace.text.value = "내과부";
    expect((await inPlace.overwrite())?.name).toBe("내과부");
  });

  it("does not ask about a change of something else", async () => {
    const { state, inPlace } = server();
    inPlace.rename(department("내과"));
    await read();
    state.version = 2; // its code, say
    inPlace.text.value = "내과부";
    expect((await inPlace.save())?.name).toBe("내과부");
  });

  it("keeps what was typed when it is refused", async () => {
    const { state, inPlace } = server();
    inPlace.rename(department("내과"));
    state.refuse = new Problem(403, "forbidden", "");
    inPlace.text.value = "내과부";
    await inPlace.save();
    expect(inPlace.problem.value?.code).toBe("forbidden");
    expect(inPlace.text.value).toBe("내과부");
    expect(inPlace.naming.value).not.toBeNull();
    inPlace.cancel();
    expect(inPlace.problem.value).toBeNull();
  });
});

/** A server that is about to store 내과부 for 내과, until it answers. */
async function storing() {
  const made = server();
  made.inPlace.rename(department("내과"));
  await read();
  made.inPlace.text.value = "내과부";
  const answer = made.hold();
  return { ...made, answer, first: made.inPlace.save() };
}

describe("what is stored while something else is being named", () => {
  it("is told at its own department when it is refused, with what was typed, and leaves the other one alone", async () => {
    const { state, inPlace, refused, answer, first } = await storing();
    inPlace.rename(department("외과", 8));
    expect(inPlace.busy.value).toBe(false);
    inPlace.text.value = "외과부";
    state.refuse = new Problem(403, "forbidden", "");
    answer();
    expect(await first).toBeNull();
    expect(refused).toEqual([{ of: { kind: "rename", id: 7 }, typed: "내과부", code: "forbidden" }]);
    expect([inPlace.naming.value, inPlace.text.value, inPlace.problem.value, inPlace.busy.value]).toEqual([{ kind: "rename", id: 8 }, "외과부", null, false]);
  });

  it("is told there when somebody else was quicker, too, and their name is shown", async () => {
    const { state, inPlace, refused, answer, first } = await storing();
    inPlace.create(null);
    inPlace.text.value = "약제부";
    Object.assign(state, { name: "내과센터", version: 2 });
    answer();
    await first;
    expect(refused).toEqual([{ of: { kind: "rename", id: 7 }, typed: "내과부", code: "stale" }]);
    expect(state.shown).toBe("내과센터");
    expect([inPlace.text.value, inPlace.theirs.value]).toEqual(["약제부", null]);
  });

  it("is stored under its own name over what else was changed of it", async () => {
    const { state, inPlace, answer, first } = await storing();
    inPlace.create(null);
    inPlace.text.value = "약제부";
    state.version = 2;
    answer();
    expect((await first)?.name).toBe("내과부");
    expect(inPlace.text.value).toBe("약제부");
  });

  it("may be two at once: each is stored, and the one that is still being stored is busy alone", async () => {
    const { state, inPlace, hold } = server();
    inPlace.create(3);
    inPlace.text.value = "약제부";
    const answerFirst = hold();
    const first = inPlace.save();
    inPlace.rename(department("내과"));
    await read();
    inPlace.text.value = "내과부";
    const second = inPlace.save();
    expect(await inPlace.save()).toBeNull(); // it is being stored
    answerFirst();
    expect((await first)?.name).toBe("약제부");
    expect((await second)?.name).toBe("내과부");
    expect([state.name, inPlace.naming.value, inPlace.busy.value]).toEqual(["내과부", null, false]);
  });

  it("stays told when it had been refused before one went on", async () => {
    const { state, inPlace, refused } = server();
    inPlace.rename(department("내과"));
    state.refuse = new Problem(403, "forbidden", "");
    inPlace.text.value = "내과부";
    await inPlace.save();
    inPlace.rename(department("외과", 8));
    expect(refused).toEqual([{ of: { kind: "rename", id: 7 }, typed: "내과부", code: "forbidden" }]);
  });
});

describe("a department that could not be read when its renaming began", () => {
  const away = new Problem(0, "offline", "");

  it("is read when it is stored", async () => {
    const { state, inPlace } = server();
    state.unreadable = away;
    inPlace.rename(department("내과"));
    await read();
    inPlace.text.value = "내과부";
    await inPlace.save();
    expect(inPlace.problem.value?.code).toBe("offline");
    state.unreadable = null;
    expect((await inPlace.save())?.name).toBe("내과부");
  });

  it("is not stored over what somebody else made of it meanwhile", async () => {
    const { state, inPlace } = server();
    state.unreadable = away;
    inPlace.rename(department("내과"));
    await read();
    inPlace.text.value = "내과부";
    Object.assign(state, { unreadable: null, name: "내과센터", version: 2 });
    expect(await inPlace.save()).toBeNull();
    expect([inPlace.theirs.value, inPlace.text.value, inPlace.problem.value]).toEqual(["내과센터", "내과부", null]);
    expect((await inPlace.overwrite())?.name).toBe("내과부");
  });
});

describe("creating in place", () => {
  it("stores a name, and nothing when there is none", async () => {
    const { inPlace } = server();
    inPlace.create(3);
    inPlace.text.value = "약제부";
    expect((await inPlace.save())?.name).toBe("약제부");
    expect([inPlace.naming.value?.kind, inPlace.unsaved.value]).toEqual(["create", false]); // the next
    expect(await inPlace.save()).toBeNull();
    expect(inPlace.naming.value).toBeNull();
  });

  it("takes what is typed while one is being stored for the next, and stores that too when it is asked to", async () => {
    const { inPlace, state, hold } = server();
    inPlace.create(3);
    inPlace.text.value = "가과";
    const go = hold();
    const saved = inPlace.save();
    inPlace.text.value = "나과";
    expect(await inPlace.save()).toBeNull(); // one after the other
    go();
    expect((await saved)?.name).toBe("나과");
    expect([state.shown, inPlace.text.value, inPlace.busy.value]).toEqual(["나과", "", false]);
  });

  it("tells the name that was refused, when another one is typed by then", async () => {
    const { inPlace, state, refused, hold } = server();
    state.refuse = new Problem(403, "forbidden", "");
    inPlace.create(3);
    inPlace.text.value = "가과";
    const go = hold();
    const saved = inPlace.save();
    inPlace.text.value = "나";
    go();
    await saved;
    expect(refused).toEqual([{ of: { kind: "create", parentId: 3 }, typed: "가과", code: "forbidden" }]);
    expect([inPlace.text.value, inPlace.problem.value]).toEqual(["나", null]);
  });
});
