import { expect, test, vi } from "vitest";
import { useUserEditor } from "./userEditor";
import { type User, userById } from "./users";

vi.mock("./users", () => ({ userById: vi.fn() }));

test("who may be moved is asked of the user in the form, however late another one is read", async () => {
  const late = new Map<number, () => void>();
  vi.mocked(userById).mockImplementation((id) => new Promise((resolve) => late.set(id, () => resolve({ data: { id, email: `${id}@example.com`, full_name: null } as User, etag: null, next: null, total: null }))));
  const editor = useUserEditor();
  const both = [editor.edit(1), editor.edit(2)];
  expect(editor.subject.value).toBeNull();
  late.get(2)!();
  late.get(1)!();
  await Promise.all(both);
  expect([editor.subject.value?.id, editor.values.email]).toEqual([2, "2@example.com"]);
});
