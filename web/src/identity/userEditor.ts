import { shallowRef, type ShallowRef } from "vue";
import { answer, api } from "@/platform/api";
import { type Editor, useEditor } from "@/platform/editor";
import { change, creation, emptyUser, type UserValues, valuesOf } from "./userForm";
import { type User, userById } from "./users";

export interface UserEditor extends Editor<UserValues> {
  /** Who is edited, as the form began with them; null for who is new, and until they are read. */
  readonly subject: ShallowRef<User | null>;
  /** Who was stored last. */
  readonly stored: ShallowRef<User | null>;
}

/** The editor of a user, for UserDrawer. */
export function useUserEditor(): UserEditor {
  const subject = shallowRef<User | null>(null);
  const stored = shallowRef<User | null>(null);
  const editor = useEditor<UserValues>({
    empty: emptyUser,
    fieldOf: { "user.email_taken": "email", "user.employee_number_taken": "employee_number" },
    load: async (id) => {
      const { data, etag } = await userById(id);
      return { values: valuesOf(data), etag, begun: () => (subject.value = data) };
    },
    store: async (id, values, changed, etag) => {
      const call =
        id === null
          ? answer(api.POST("/users", { body: creation(values) }))
          : answer(api.PUT("/users/{id}", { params: { path: { id }, header: { "If-Match": etag ?? undefined } }, body: change(values, changed) }));
      stored.value = (await call).data;
    },
  });
  return {
    ...editor,
    subject,
    stored,
    create: (preset) => {
      subject.value = null;
      editor.create(preset);
    },
    edit: (id) => {
      subject.value = null;
      return editor.edit(id);
    },
  };
}
