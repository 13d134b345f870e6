import { i18n } from "@/platform/i18n";

const { t, te } = i18n.global;

/**
 * What a permission is called in the reader's language. A module says that of its own below `permissions`; of one that
 * nobody said, it is the server's description, or its bare name.
 */
export function permissionName(name: string, description?: string): string {
  const key = `permissions.${name}`;
  return te(key) ? t(key) : (description ?? name);
}

/** What is worth knowing of a permission besides its name, "" for nothing. */
export function permissionHint(name: string): string {
  const key = `permissionHints.${name}`;
  return te(key) ? t(key) : "";
}

/** What the permissions that begin alike are about; of a module that did not say so, by the server's own word. */
export function objectName(object: string): string {
  const key = `objects.${object}`;
  return te(key) ? t(key) : object;
}

/** What a role is called: those that come with the system are named in the reader's language. */
export function roleName(role: { readonly name: string; readonly built_in: boolean }): string {
  const key = `access.builtIn.${role.name}`;
  return role.built_in && te(key) ? t(key) : role.name;
}

/** The purpose of a role: of built-in roles in the user's language, of others their description. */
export function rolePurpose(role: { readonly name: string; readonly built_in: boolean; readonly description: string | null }): string {
  const key = `access.builtInPurpose.${role.name}`;
  return role.built_in && te(key) ? t(key) : (role.description ?? "");
}
