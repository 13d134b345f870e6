import { useRouter } from "vue-router";
import { ask } from "@/platform/ask";
import { problemOf } from "@/platform/problem";
import { useSession } from "@/platform/session";
import { giveUpUnsaved } from "@/platform/unsaved";

/** Signing out. The console is reloaded, so that no data of the user stays for the next one. */
export function useLeaving() {
  const router = useRouter();
  const session = useSession();

  /** Opens the sign-in page, which returns to the current page if wanted. */
  function toSignIn(andBack = false): void {
    const query = andBack ? { to: router.currentRoute.value.fullPath } : {};
    session.clear();
    giveUpUnsaved();
    location.assign(router.resolve({ name: "sign-in", query }).href);
  }

  /** Ends the session. If that fails, the cookie is still valid, which must be shown on a shared machine. */
  async function signOut(): Promise<void> {
    try {
      await session.signOut();
    } catch (thrown) {
      if (!(await ask({ title: "identity.signOutFailed", text: `problems.${problemOf(thrown).code}`, confirm: "retry", run: () => session.signOut() }))) return;
    }
    toSignIn();
  }

  /** For when another user has signed in: nothing on the page is theirs, and no input may be sent in their name. */
  function beginAnew(): void {
    giveUpUnsaved();
    location.reload();
  }

  return { toSignIn, signOut, beginAnew };
}
