import { useQueryClient } from "@tanstack/vue-query";
import { onScopeDispose } from "vue";
import { useRouter } from "vue-router";
import { useSession } from "@/platform/session";

/**
 * Looks, whenever somebody comes back to this tab, whether it is still theirs: another tab may have signed in somebody
 * else, and an administrator may have granted or ended something.
 */
export function useReturning(): void {
  const session = useSession();
  const router = useRouter();
  const queries = useQueryClient();
  let looking = false;

  async function look(): Promise<void> {
    if (looking || !session.me || document.visibilityState !== "visible") return;
    looking = true;
    try {
      const before = JSON.stringify(session.held);
      if (!(await session.refresh())) return location.reload();
      if (JSON.stringify(session.held) !== before) void queries.invalidateQueries(); // what was read may be theirs no more
      if (session.mustChange && !router.currentRoute.value.meta.open) await router.push({ name: "first-password", query: { to: router.currentRoute.value.fullPath } });
    } catch {
      // the server is away, or whoever was asked to sign in again did not: both are told elsewhere
    } finally {
      looking = false;
    }
  }

  const come = () => void look();
  addEventListener("focus", come);
  document.addEventListener("visibilitychange", come);
  onScopeDispose(() => {
    removeEventListener("focus", come);
    document.removeEventListener("visibilitychange", come);
  });
}
