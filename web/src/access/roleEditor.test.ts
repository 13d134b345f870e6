import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { addMessages } from "@/platform/i18n";
import { Problem } from "@/platform/problem";
import { messages } from "./messages";
import { useRoleEditor } from "./roleEditor";
import { type Role, roleById } from "./roles";

vi.mock("./roles", () => ({ roleById: vi.fn() }));

const asked = vi.mocked(roleById);
let answers: Map<number, { give: () => void; refuse: () => void }>;

/** A role whose permissions say which one it is. */
const role = (id: number) => ({ id, name: `role ${id}`, description: null, permissions: [`role.${id}`], built_in: false }) as unknown as Role;

beforeAll(() => addMessages(messages));
beforeEach(() => {
  answers = new Map();
  asked.mockImplementation(
    (id) =>
      new Promise((resolve, reject) =>
        answers.set(id, { give: () => resolve({ data: role(id), etag: `"${id}"`, next: null, total: null }), refuse: () => reject(new Problem(404, "role.not_found", "gone")) }),
      ),
  );
});

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("the role is the one in the form, however late another one is read", async () => {
  const editor = useRoleEditor(() => false);
  void editor.edit(1);
  void editor.edit(9);
  answers.get(9)!.give();
  await settled();
  answers.get(1)!.give();
  await settled();
  expect([editor.role.value?.id, editor.values.name]).toEqual([9, "role 9"]);
  editor.values.permissions = [];
  editor.undo();
  expect(editor.values.permissions).toEqual(["role.9"]);
});

test("until a role is read there is none, so that nothing is done with the one before", async () => {
  const editor = useRoleEditor(() => false);
  void editor.edit(1);
  answers.get(1)!.give();
  await settled();
  void editor.edit(9);
  expect(editor.role.value).toBeNull();
});

test("a copy that comes late replaces neither a role that was opened nor a new one that was begun", async () => {
  const editor = useRoleEditor(() => false);
  void editor.copy(5);
  void editor.edit(9);
  answers.get(9)!.give();
  await settled();
  answers.get(5)!.give();
  await settled();
  expect([editor.id.value, editor.values.name, editor.leftOut.value]).toEqual([9, "role 9", []]);

  void editor.copy(5);
  editor.create();
  editor.values.name = "typed";
  answers.get(5)!.give();
  await settled();
  expect(editor.values.name).toBe("typed");
});

test("nothing can be typed until the role to copy is read, or is not to be had", async () => {
  const editor = useRoleEditor((permission) => permission === "role.5");
  void editor.copy(5);
  expect([editor.isNew.value, editor.loading.value]).toEqual([true, true]);
  answers.get(5)!.give();
  await settled();
  expect([editor.loading.value, editor.values.permissions, editor.leftOut.value]).toEqual([false, [], ["role.5"]]);

  void editor.copy(6);
  answers.get(6)!.refuse();
  await settled();
  expect([editor.loading.value, editor.problem.value?.code]).toEqual([false, "role.not_found"]);
});
