import { describe, expect, test, vi } from "vitest";
import { Stored, useEditor } from "./editor";
import { Problem } from "./problem";

const stale = new Problem(412, "stale", "This was changed by somebody else", "r1");

function editor(versions: { name: string; note: string }[]) {
  let version = 0;
  const store = vi.fn((_id: number | null, _values: unknown, _changed: unknown, etag: string | null) => {
    if (etag !== `"${versions.length}"`) return Promise.reject(stale);
    return Promise.resolve();
  });
  const load = () => Promise.resolve({ values: versions[version++]!, etag: `"${version}"` });
  return { store, made: useEditor({ empty: { name: "", note: "" }, load, store }) };
}

describe("an edit that somebody else overtakes", () => {
  const versions = [{ name: "Seoul", note: "a" }, { name: "Busan", note: "a" }];

  test("is shown beside what is stored now, and nothing is lost", async () => {
    const { made } = editor(versions);
    await made.edit(1);
    made.values.note = "mine";
    expect(await made.save()).toBe(false);
    expect(made.conflict.value).toEqual([
      { field: "name", theirs: "Busan", mine: "Seoul" },
      { field: "note", theirs: "a", mine: "mine" },
    ]);
    expect(made.values.note).toBe("mine");
    expect(made.opened.value).toBe(true);
  });

  test("overwrites what was shown, with what was changed alone", async () => {
    const { made, store } = editor(versions);
    await made.edit(1);
    made.values.note = "mine";
    await made.save();
    expect(await made.overwrite()).toBe(true);
    expect(store).toHaveBeenLastCalledWith(1, expect.anything(), { note: "mine" }, '"2"');
    expect(made.opened.value).toBe(false);
  });

  test("can take what is stored instead", async () => {
    const { made } = editor(versions);
    await made.edit(1);
    made.values.note = "mine";
    await made.save();
    made.takeTheirs();
    expect({ ...made.values }).toEqual(versions[1]);
    expect([made.dirty.value, made.conflict.value]).toEqual([false, null]);
  });
});

test("what is new is stored whole, and what was preset may be changed", async () => {
  const { made, store } = editor([]);
  made.create({ note: "preset" });
  made.values.name = "Daegu";
  let stored: unknown;
  store.mockImplementationOnce((id, values) => Promise.resolve(void (stored = [id, { ...(values as object) }]))); // the form is emptied after it
  expect(await made.save()).toBe(true);
  expect(stored).toEqual([null, { name: "Daegu", note: "preset" }]);
});

test("on a page of its own it stays open on what was stored, and goes on from there", async () => {
  const store = vi.fn((_id: number | null, values: { name: string; note: string }, _changed: unknown, etag: string | null) =>
    Promise.resolve(new Stored(7, { values: { ...values, name: values.name.trim() }, etag: etag ? '"2"' : '"1"' })),
  );
  const made = useEditor({ empty: { name: "", note: "" }, store });
  made.create();
  made.values.name = " Jeju ";
  expect(await made.save()).toBe(true);
  expect([made.opened.value, made.isNew.value, made.values.name, made.dirty.value]).toEqual([true, false, "Jeju", false]);
  made.values.note = "more";
  await made.save();
  expect(store).toHaveBeenLastCalledWith(7, expect.anything(), { note: "more" }, '"1"');
});

test("what was opened last is what is edited, however late the other one is read", async () => {
  type Named = { values: { name: string }; etag: string };
  const late: ((loaded: Named) => void)[] = [];
  const made = useEditor({ empty: { name: "" }, load: () => new Promise<Named>((resolve) => late.push(resolve)), store: () => Promise.resolve() });
  const [first, second] = [made.edit(1), made.edit(2)];
  late[0]!({ values: { name: "the first" }, etag: '"1"' });
  await first;
  expect([made.loading.value, made.values.name]).toEqual([true, ""]);
  late[1]!({ values: { name: "the second" }, etag: '"1"' });
  await second;
  expect([made.loading.value, made.values.name]).toEqual([false, "the second"]);
});

describe("an answer that comes after its thing was left", () => {
  function slow() {
    const answers: { stored: () => void; refused: (why: Problem) => void }[] = [];
    const store = () => new Promise<void>((resolve, reject) => answers.push({ stored: resolve, refused: reject }));
    const made = useEditor({ empty: { name: "" }, load: (id) => Promise.resolve({ values: { name: `stored ${id}` }, etag: '"1"' }), store });
    return { made, answers };
  }

  async function leave(made: ReturnType<typeof slow>["made"]): Promise<boolean> {
    await made.edit(1);
    made.values.name = "of the first";
    const saving = made.save();
    await made.edit(2);
    made.values.name = "of the second";
    return saving;
  }

  test("closes and empties nothing else", async () => {
    const { made, answers } = slow();
    const saving = leave(made);
    await vi.waitFor(() => expect(made.values.name).toBe("of the second"));
    answers[0]!.stored();
    expect(await saving).toBe(false);
    expect([made.id.value, made.opened.value, made.values.name]).toEqual([2, true, "of the second"]);
  });

  test("is no refusal of anything else", async () => {
    const { made, answers } = slow();
    const saving = leave(made);
    await vi.waitFor(() => expect(made.values.name).toBe("of the second"));
    answers[0]!.refused(new Problem(403, "forbidden", "", "r1"));
    await saving;
    expect(made.problem.value).toBeNull();
  });

  test("shows no conflict of anything else", async () => {
    let read = () => {};
    const slowly = new Promise<void>((resolve) => (read = resolve));
    let reads = 0;
    const load = async (id: number) => {
      if (reads++ > 0) await slowly; // what is stored now, to be compared
      return { values: { name: `stored ${id}` }, etag: '"1"' };
    };
    const made = useEditor({ empty: { name: "" }, load, store: () => Promise.reject(stale) });
    await made.edit(1);
    made.values.name = "mine";
    const saving = made.save();
    await vi.waitFor(() => expect(reads).toBe(2));
    made.create();
    read();
    expect(await saving).toBe(false);
    expect([made.conflict.value, made.problem.value]).toEqual([null, null]);
  });
});
