import { describe, expect, it, vi } from "vitest";
import { Problem } from "@/platform/problem";
import type { Department, Place } from "./departments";
import { makeMoves } from "./moves";
import { sketch } from "./sketch";
import { childrenOf } from "./tree";

/** A server that answers when the test lets it. */
function server() {
  let shown = sketch({ 가: {}, 나: {}, 다: {} });
  const asked: { id: number; place: Place; answer: (refusal?: Problem) => void }[] = [];
  const settled = vi.fn();
  const move = makeMoves({
    tree: () => shown,
    show: (tree) => (shown = tree),
    send: (id, place) =>
      new Promise<Department>((resolve, reject) => {
        asked.push({ id, place, answer: (refusal) => (refusal ? reject(refusal) : resolve(shown.byId.get(id)!.department)) });
      }),
    settled,
  });
  return { move, asked, settled, names: () => childrenOf(shown, null).map((n) => n.department.name).join("") };
}

const to = (position: number): Place => ({ parentId: null, position });

describe("moving", () => {
  it("is seen at once and settled when it is stored", async () => {
    const { move, asked, settled, names } = server();
    const done = move(1, to(2));
    expect(names()).toBe("나다가");
    expect(settled).not.toHaveBeenCalled();
    asked[0]!.answer();
    expect(await done).toBeNull();
    await vi.waitFor(() => expect(settled).toHaveBeenCalledOnce());
  });

  it("is taken back when it is refused", async () => {
    const { move, asked, names } = server();
    const done = move(1, to(2));
    asked[0]!.answer(new Problem(403, "forbidden", ""));
    expect((await done)?.code).toBe("forbidden");
    expect(names()).toBe("가나다");
  });

  it("is sent one after another, and of those that wait for one department the last", async () => {
    const { move, asked, names } = server();
    void move(1, to(1));
    void move(1, to(2));
    const last = move(1, to(0));
    expect(asked.map((a) => a.place.position)).toEqual([1]);
    asked[0]!.answer();
    await vi.waitFor(() => expect(asked.map((a) => a.place.position)).toEqual([1, 0]));
    asked[1]!.answer();
    await last;
    expect(names()).toBe("가나다");
  });

  it("gives up what waits behind one that is refused, and keeps what was stored before it", async () => {
    const { move, asked, names, settled } = server();
    const first = move(1, to(2)); // 나다가
    const second = move(2, to(2)); // 다가나
    const third = move(3, to(1)); // 가다나
    asked[0]!.answer();
    await first;
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    asked[1]!.answer(new Problem(409, "department.too_deep", ""));
    expect((await second)?.code).toBe("department.too_deep");
    expect((await third)?.code).toBe("department.too_deep");
    expect(names()).toBe("나다가");
    expect(asked).toHaveLength(2);
    await vi.waitFor(() => expect(settled).toHaveBeenCalledOnce());
  });
});
