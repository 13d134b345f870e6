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
  /** The role that the form began with, as it was stored then; null for a new one, and until it is read. */
  readonly role: ShallowRef<Role | null>;
  /** The permissions of a role that was copied which one may not put into another. */
  readonly leftOut: ShallowRef<readonly string[]>;
  /** Begins a new role with what another one holds. Nothing can be typed until that is read. */
  readonly copy: (from: number) => Promise<void>;
  /** Takes back what was typed. */
  readonly undo: () => void;
}

/** The editor of a role; `blocked` says of a permission whether one may not put it into a role. */
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

  function forget(): void {
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
      forget();
      editor.create(preset);
    },
    edit: (id) => {
      forget();
      return editor.edit(id);
    },
    copy: (from) => {
      forget();
      return editor.createFrom(() => copyOf(from));
    },
    undo,
  };
}

function valuesOf(stored: Role): RoleValues {
  return { name: stored.name, description: stored.description ?? "", permissions: inOrder(stored.permissions) };
}
