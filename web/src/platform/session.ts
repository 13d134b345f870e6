import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { answer, api, basePath, body, reach } from "./api";
import { allows, type OwnPermission, somewhere } from "./permissions";
import type { KnownPlace } from "./place";
import { Problem } from "./problem";
import type { Schemas } from "./schema";

const otherTabs = new BroadcastChannel(`erp.session ${basePath}`); // an origin may hold several servers, each below a path

export type Me = Schemas["Me"];

/** Who is signed in, and what they may do. The token is in a cookie that scripts cannot read. */
export const useSession = defineStore("session", () => {
  const me = ref<Me | null>(null);
  const held = ref<readonly OwnPermission[]>([]);
  /** Whether it is known who is signed in, if anybody is: the server has answered that once. */
  const known = ref(false);
  /** Whether everything but the own password is refused until that is changed. */
  const mustChange = ref(false);

  /** Asks who is signed in. It throws what `answer` throws, but not that nobody is. */
  async function load(): Promise<void> {
    try {
      take(await ask({ fetch: reach }));
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.status !== 401) throw thrown;
      clear();
    }
    known.value = true;
  }

  /** Who is there and what they may do, or nothing of it. `held` is null where the password must be changed first. */
  async function ask(how: { fetch?: typeof reach } = {}): Promise<{ me: Me; held: readonly OwnPermission[] | null }> {
    const me = await body(api.GET("/auth/me", how));
    try {
      return { me, held: await body(api.GET("/auth/permissions", how)) };
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code !== "identity.password_change_required") throw thrown;
      return { me, held: null };
    }
  }

  function take(now: { me: Me; held: readonly OwnPermission[] | null }): void {
    me.value = now.me;
    held.value = now.held ?? [];
    mustChange.value = now.held === null;
  }

  /**
   * Reloads the signed-in user and their permissions, since other tabs and administrators change them. False when another
   * user has signed in meanwhile: nothing on the page is theirs.
   */
  async function refresh(): Promise<boolean> {
    const now = await ask();
    if (now.me.id !== me.value?.id) return false;
    take(now);
    return true;
  }

  /**
   * Begins a session with an email, or an employee number of an organization, null for any. Errors: `identity.sign_in_refused`, `identity.too_many_attempts`, `no_cookie` where the browser does
   * not keep it, and what `answer` throws.
   */
  async function signIn(account: string, password: string, organization: number | null = null): Promise<void> {
    await answer(api.POST("/auth/session", { body: { email: account, password, ...(organization !== null && { organization_id: organization }) } }));
    await load();
    if (!me.value) throw new Problem(0, "no_cookie", "The browser does not keep the session's cookie");
    otherTabs.postMessage(me.value.id);
  }

  /** Ends the session on the server; does nothing if it has ended already. */
  async function signOut(): Promise<void> {
    try {
      await answer(api.DELETE("/auth/session"));
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.status !== 401) throw thrown;
    }
    clear();
    otherTabs.postMessage(null);
  }

  /** Calls the listener with the user who signs in in another tab of this browser, null for a sign-out; returns what removes it. */
  function whenElsewhere(listener: (id: number | null) => void): () => void {
    const onMessage = (event: MessageEvent<number | null>) => listener(event.data);
    otherTabs.addEventListener("message", onMessage);
    return () => otherTabs.removeEventListener("message", onMessage);
  }

  function clear(): void {
    me.value = null;
    held.value = [];
    mustChange.value = false;
  }

  /** Whether the user has the permission at the place, or, without a place, anywhere. */
  function may(permission: string, place: KnownPlace | typeof somewhere = somewhere): boolean {
    return allows(held.value, permission, place);
  }

  const name = computed(() => me.value?.full_name ?? me.value?.email ?? me.value?.employee_number ?? "");

  return { me, held, known, mustChange, name, load, refresh, signIn, signOut, whenElsewhere, clear, may };
});
