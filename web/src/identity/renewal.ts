import { ref } from "vue";
import { api } from "@/platform/api";

/** Whether somebody is asked to sign in again, and how that ends; `RenewDialog` asks. */
export const renewal = ref<{ readonly end: (again: boolean) => void } | null>(null);

/** Asks whoever was signed in to sign in again, with everything on the page left as it is. Whether they did. */
export function renewSession(): Promise<boolean> {
  return new Promise((resolve) => {
    renewal.value = {
      end: (again) => {
        renewal.value = null;
        resolve(again);
      },
    };
  });
}

/** Who is signed in by now in this browser, by another tab perhaps; null for nobody. It does not wait for the renewal, as what `api` sends does. */
export async function whoIsThere(): Promise<number | null> {
  try {
    const { data } = await api.GET("/auth/me", { fetch: (request) => fetch(request), cache: "no-store" });
    return data?.id ?? null;
  } catch {
    return null;
  }
}
