import type { Ref } from "vue";
import { useRouter } from "vue-router";
import { answer, api } from "@/platform/api";
import { ask } from "@/platform/ask";
import { done } from "@/platform/notice";
import { nameOf } from "./names";
import { type User, useUserStateChanged } from "./users";

export interface UserActions {
  readonly activate: () => Promise<void>;
  readonly deactivate: () => Promise<void>;
  /** Whether it was unlocked. */
  readonly unlock: () => Promise<boolean>;
  /** Leads to the list, when the user is gone. */
  readonly remove: () => Promise<void>;
}

/** What can be done with a user; each asks first, and says there why it was refused. */
export function useUserActions(user: Ref<User>): UserActions {
  const router = useRouter();
  const changed = useUserStateChanged();
  const params = () => ({ name: nameOf(user.value).name });
  const path = () => ({ params: { path: { id: user.value.id } } });

  async function activate(): Promise<void> {
    const run = () => answer(api.POST("/users/{id}/activate", path()));
    if (!(await ask({ title: "identity.user.activate", text: "identity.user.activateText", params: params(), confirm: "identity.user.activate", run }))) return;
    done("identity.user.activated", params());
    await changed();
  }

  async function deactivate(): Promise<void> {
    const run = () => answer(api.POST("/users/{id}/deactivate", path()));
    if (!(await ask({ title: "identity.user.deactivate", text: "identity.user.deactivateText", params: params(), confirm: "identity.user.deactivate", danger: true, run }))) return;
    done("identity.user.deactivatedDone", params());
    await changed();
  }

  async function unlock(): Promise<boolean> {
    const run = () => answer(api.POST("/users/{id}/unlock", path()));
    if (!(await ask({ title: "identity.user.unlock", text: "identity.user.unlockText", params: params(), confirm: "identity.user.unlock", run }))) return false;
    done("identity.user.unlocked", params());
    await changed();
    return true;
  }

  async function remove(): Promise<void> {
    const run = () => answer(api.DELETE("/users/{id}", path()));
    if (!(await ask({ title: "identity.user.deleteTitle", text: "identity.user.deleteText", params: params(), confirm: "remove", danger: true, run }))) return;
    done("removed");
    await router.push({ name: "users" });
    await changed();
  }

  return { activate, deactivate, unlock, remove };
}
