import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { answer, api, body, type Schemas } from "./api";
import { allows, type OwnPermission, type Place, somewhere } from "./permissions";
import { Problem } from "./problem";

export type Me = Schemas["Me"];

/** Who is signed in, and what they may do. The token is in a cookie that scripts cannot read. */
export const useSession = defineStore("session", () => {
  const me = ref<Me | null>(null);
  const held = ref<readonly OwnPermission[]>([]);
  /** Whether everything but the own password is refused until that is changed. */
  const mustChange = ref(false);

  /** Asks who is signed in. It throws what `answer` throws, but not that nobody is. */
  async function load(): Promise<void> {
    try {
      me.value = await body(api.GET("/auth/me"));
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.status === 401) return clear();
      throw thrown;
    }
    await loadPermissions();
  }

  async function loadPermissions(): Promise<void> {
    try {
      held.value = await body(api.GET("/auth/permissions"));
      mustChange.value = false;
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code !== "identity.password_change_required") throw thrown;
      held.value = [];
      mustChange.value = true;
    }
  }

  /**
   * Reads anew who is signed in and what they may do, since other tabs and administrators change it. False when it is
   * somebody else by now: nothing on the page is theirs.
   */
  async function refresh(): Promise<boolean> {
    const now = await body(api.GET("/auth/me"));
    if (now.id !== me.value?.id) return false;
    me.value = now;
    await loadPermissions();
    return true;
  }

  /** Begins a session. Errors: `identity.sign_in_refused`, `identity.too_many_attempts`, and what `answer` throws. */
  async function signIn(email: string, password: string): Promise<void> {
    await answer(api.POST("/auth/session", { body: { email, password } }));
    await load();
  }

  /** Ends the session on the server. One that is over already is as good. */
  async function signOut(): Promise<void> {
    try {
      await answer(api.DELETE("/auth/session"));
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.status !== 401) throw thrown;
    }
    clear();
  }

  function clear(): void {
    me.value = null;
    held.value = [];
    mustChange.value = false;
  }

  /** Whether one may do that there, or, without a place, anywhere. */
  function may(permission: string, place: Place | typeof somewhere = somewhere): boolean {
    return allows(held.value, permission, place);
  }

  const name = computed(() => me.value?.full_name ?? me.value?.email ?? "");

  return { me, held, mustChange, name, load, loadPermissions, refresh, signIn, signOut, clear, may };
});
