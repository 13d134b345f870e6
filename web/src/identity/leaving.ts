import { useRouter } from "vue-router";
import { ask } from "@/platform/ask";
import { problemOf } from "@/platform/problem";
import { useSession } from "@/platform/session";
import { giveUpUnsaved } from "@/platform/unsaved";

/** The ways out: they load the console anew, so that nothing of the one who leaves stays for the next. */
export function useLeaving() {
  const router = useRouter();
  const session = useSession();

  /** To the sign-in page, and from there to where one is now, where that is wanted. */
  function toSignIn(andBack = false): void {
    const query = andBack ? { to: router.currentRoute.value.fullPath } : {};
    session.clear();
    giveUpUnsaved();
    location.assign(router.resolve({ name: "sign-in", query }).href);
  }

  /** Ends the session. Where that fails, the cookie is still good: not to be hidden from whoever leaves a shared machine. */
  async function signOut(): Promise<void> {
    try {
      await session.signOut();
    } catch (thrown) {
      if (!(await ask({ title: "identity.signOutFailed", text: `problems.${problemOf(thrown).code}`, confirm: "retry", run: () => session.signOut() }))) return;
    }
    toSignIn();
  }

  /** Where somebody else is signed in by now: nothing on the page is theirs, and nothing that was typed may be sent in their name. */
  function beginAnew(): void {
    giveUpUnsaved();
    location.reload();
  }

  return { toSignIn, signOut, beginAnew };
}
