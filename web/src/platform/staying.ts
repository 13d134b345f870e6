import { onScopeDispose } from "vue";
import { useRoute, useRouter } from "vue-router";

/** Whether one is still in the view that asks, and not on the way to another one: who leaves is not to be called back. */
export function useStaying(): () => boolean {
  const router = useRouter();
  const own = useRoute().name;
  let leaving = false;
  const stop = [router.beforeEach((to) => void (leaving = to.name !== own)), router.afterEach(() => (leaving = false))];
  onScopeDispose(() => stop.forEach((end) => end()));
  return () => router.currentRoute.value.name === own && !leaving;
}
