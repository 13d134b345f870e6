import { shallowRef, type ShallowRef } from "vue";
import { api, body } from "@/platform/api";
import { ask } from "@/platform/ask";
import { nameOf } from "./names";
import type { User } from "./users";

/** A reset that was started: the code is shown this once, or was sent by mail and is null. */
export interface Started {
  readonly user: User;
  readonly code: string | null;
  readonly expiresAt: string;
}

export interface Resets {
  /** What ResetCodeDialog shows. */
  readonly started: ShallowRef<Started | null>;
  /** Starts a password reset after a confirmation; `made` for a user who was just created and has no password yet. */
  readonly start: (user: User, made?: boolean) => Promise<boolean>;
}

export function useResets(): Resets {
  const started = shallowRef<Started | null>(null);

  async function start(user: User, made = false): Promise<boolean> {
    let reset: Started | null = null;
    const done = await ask({
      title: made ? "identity.user.createdTitle" : "identity.user.resetTitle",
      text: made ? "identity.user.createdText" : "identity.user.resetText",
      params: { name: nameOf(user).name },
      confirm: "identity.user.resetConfirm",
      cancel: made ? "identity.user.later" : undefined,
      run: async () => {
        const { code, expires_at } = await body(api.POST("/users/{id}/password-reset", { params: { path: { id: user.id } } }));
        reset = { user, code, expiresAt: expires_at };
      },
    });
    started.value = reset;
    return done;
  }

  return { started, start };
}
