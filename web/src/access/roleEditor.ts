import { shallowRef, type ShallowRef } from "vue";
import { answer, api } from "@/platform/api";
import { type Editor, type Loaded, Stored, useEditor } from "@/platform/editor";
import { orNull } from "@/platform/form";
import { i18n } from "@/platform/i18n";
import { inOrder } from "./matrix";
import { type Role, roleById } from "./roles";
import { roleName, rolePurpose } from "./words";

export type RoleValues = { name: string; description: string; permissions: string[] };

export interface RoleEditor extends Editor<RoleValues> {
  /** The stored role that the form started from; null for a new one and while it loads. */
  readonly role: ShallowRef<Role | null>;
  /** The permissions of a copied role that the user may not add to another role. */
  readonly leftOut: ShallowRef<readonly string[]>;
  /** Starts a new role as a copy of another one. The form is disabled until that is loaded. */
  readonly copy: (from: number) => Promise<void>;
  /** Discards the input. */
  readonly undo: () => void;
}

/** The editor of a role; `blocked` reports whether the user may not add a permission to a role. */
export function useRoleEditor(blocked: (permission: string) => boolean): RoleEditor {
  const role = shallowRef<Role | null>(null);
  const leftOut = shallowRef<readonly string[]>([]);

  const editor = useEditor<RoleValues>({
    empty: { name: "", description: "", permissions: [] },
    fieldOf: { "role.name_taken": "name" },
    load: async (id) => {
      const { data, etag } = await roleById(id);
      return loaded(data, etag);
    },
    store: async (id, values, change, etag) => {
      const description = "description" in change || id === null ? { description: orNull(values.description) } : {};
      const { data, etag: next } =
        id === null
          ? await answer(api.POST("/roles", { body: { name: values.name, permissions: values.permissions, ...description } }))
          : await answer(
              api.PUT("/roles/{id}", {
                params: { path: { id }, header: { "If-Match": etag ?? undefined } },
                body: { ...(change.name !== undefined && { name: change.name }), ...(change.permissions && { permissions: change.permissions }), ...description },
              }),
            );
      return new Stored<RoleValues>(data.id, loaded(data, next));
    },
  });

  function loaded(stored: Role, etag: string | null): Loaded<RoleValues> {
    return { values: valuesOf(stored), etag, begun: () => (role.value = stored) };
  }

  function reset(): void {
    role.value = null;
    leftOut.value = [];
  }

  async function copyOf(from: number): Promise<Loaded<RoleValues>> {
    const { data } = await roleById(from);
    const values = {
      name: i18n.global.t("access.copyOf", { name: roleName(data) }),
      description: rolePurpose(data),
      permissions: inOrder(data.permissions.filter((permission) => !blocked(permission))),
    };
    return { values, etag: null, begun: () => (leftOut.value = inOrder(data.permissions.filter(blocked))) };
  }

  function undo(): void {
    if (editor.conflict.value) editor.takeTheirs();
    else if (role.value) editor.begin(valuesOf(role.value));
  }

  return {
    ...editor,
    role,
    leftOut,
    create: (preset) => {
      reset();
      editor.create(preset);
    },
    edit: (id) => {
      reset();
      return editor.edit(id);
    },
    copy: (from) => {
      reset();
      return editor.createFrom(() => copyOf(from));
    },
    undo,
  };
}

function valuesOf(stored: Role): RoleValues {
  return { name: stored.name, description: stored.description ?? "", permissions: inOrder(stored.permissions) };
}
