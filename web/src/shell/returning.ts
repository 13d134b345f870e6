import { useQueryClient } from "@tanstack/vue-query";
import { onScopeDispose } from "vue";
import { useRouter } from "vue-router";
import { useLeaving } from "@/identity/leaving";
import { useSession } from "@/platform/session";
import { isUnsaved } from "@/platform/unsaved";
import { wanted } from "@/platform/wanted";

/**
 * Looks, whenever somebody comes back to this tab, whether it is still theirs: another tab may have signed in somebody
 * else, and an administrator may have granted or ended something.
 */
export function useReturning(): void {
  const session = useSession();
  const router = useRouter();
  const queries = useQueryClient();
  const { toSignIn, beginAnew } = useLeaving();
  let looking = false;

  // The cookie is every tab's. What is not saved when another one signs out waits below the question to sign in again.
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
      // the server is away, or whoever was asked to sign in again did not: both are told elsewhere
    } finally {
      looking = false;
    }
  }

  // Where the server was away at the beginning, nobody knows yet who is signed in.
  async function begin(): Promise<void> {
    if (!session.known) await session.load().catch(() => undefined);
    if (!session.known) return;
    clearInterval(beginning);
    const { name, query } = router.currentRoute.value;
    if (session.me && name === "sign-in") await router.replace(wanted(query.to));
  }
  const beginning = session.known ? undefined : setInterval(() => void begin(), 3_000);

  const come = () => void look();
  // A page that the browser has kept whole comes back as it was left, signed out or not.
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
