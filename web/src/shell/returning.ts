import { useQueryClient } from "@tanstack/vue-query";
import { onScopeDispose } from "vue";
import { useRouter } from "vue-router";
import { useLeaving } from "@/identity/leaving";
import { useSession } from "@/platform/session";
import { isUnsaved } from "@/platform/unsaved";
import { returnPath } from "@/platform/returnPath";

/**
 * Checks the session whenever the tab becomes visible again: another user may have signed in in another tab, and an
 * administrator may have changed the user's grants.
 */
export function useReturning(): void {
  const session = useSession();
  const router = useRouter();
  const queries = useQueryClient();
  const { toSignIn, beginAnew } = useLeaving();
  let looking = false;

  // All tabs share the cookie. Unsaved input stays below the dialog to sign in again when another tab signs out.
  function elsewhere(id: number | null): void {
    if (!session.me || id === session.me.id) return;
    if (id !== null) beginAnew();
    else if (isUnsaved()) session.refresh().catch(() => undefined);
    else toSignIn();
  }

  async function look(): Promise<void> {
    if (looking || !session.me || document.visibilityState !== "visible") return;
    looking = true;
    try {
      const before = JSON.stringify(session.held);
      if (!(await session.refresh())) return beginAnew();
      if (JSON.stringify(session.held) !== before) void queries.invalidateQueries(); // what was read may be theirs no more
      if (session.mustChange && !router.currentRoute.value.meta.open) await router.push({ name: "first-password", query: { to: router.currentRoute.value.fullPath } });
    } catch {
      // the server cannot be reached, or the user did not sign in again: other parts of the page show both
    } finally {
      looking = false;
    }
  }

  // If the server could not be reached at the start, the user is not known yet.
  async function begin(): Promise<void> {
    if (!session.known) await session.load().catch(() => undefined);
    if (!session.known) return;
    clearInterval(beginning);
    const { name, query } = router.currentRoute.value;
    if (session.me && name === "sign-in") await router.replace(returnPath(query.to));
  }
  const beginning = session.known ? undefined : setInterval(() => void begin(), 3_000);

  const come = () => void look();
  // The browser may restore a page from its back/forward cache, also after a sign-out.
  const comeBack = ({ persisted }: PageTransitionEvent) => persisted && (session.me ? come() : location.reload());
  const stop = session.whenElsewhere(elsewhere);
  addEventListener("pageshow", comeBack);
  addEventListener("focus", come);
  document.addEventListener("visibilitychange", come);
  onScopeDispose(() => {
    clearInterval(beginning);
    stop();
    removeEventListener("pageshow", comeBack);
    removeEventListener("focus", come);
    document.removeEventListener("visibilitychange", come);
  });
}
