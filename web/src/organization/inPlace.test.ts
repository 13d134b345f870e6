import { describe, expect, it } from "vitest";
import { Problem } from "@/platform/problem";
import type { Department } from "./departments";
import { useInPlace } from "./inPlace";

const department = (name: string): Department => ({ id: 7, organization_id: 1, parent_id: null, name, code: null, sort_order: 0, created_at: "", updated_at: "" });

/** A server that holds one department, and what is shown of it. */
function server() {
  const state = { name: "내과", version: 1, shown: "", refuse: null as Problem | null };
  const inPlace = useInPlace({
    read: () => Promise.resolve({ data: department(state.name), etag: String(state.version), next: null, total: null }),
    rename: (_id, name, etag) => {
      if (state.refuse) return Promise.reject(state.refuse);
      if (etag !== String(state.version)) return Promise.reject(new Problem(412, "stale", ""));
      Object.assign(state, { name, version: state.version + 1 });
      return Promise.resolve(department(name));
    },
    create: (_parentId, name) => (state.refuse ? Promise.reject(state.refuse) : Promise.resolve(department(name))),
    show: (d) => (state.shown = d.name),
  });
  return { state, inPlace };
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

describe("creating in place", () => {
  it("stores a name, and nothing when there is none", async () => {
    const { inPlace } = server();
    inPlace.create(3);
    inPlace.text.value = "약제부";
    expect((await inPlace.save())?.name).toBe("약제부");
    inPlace.create(3);
    expect(inPlace.unsaved.value).toBe(false);
    expect(await inPlace.save()).toBeNull();
    expect(inPlace.naming.value).toBeNull();
  });
});
