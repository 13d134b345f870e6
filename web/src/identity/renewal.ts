import { ref } from "vue";
import { api } from "@/platform/api";

/** The state of the dialog that asks the user to sign in again: see RenewDialog. */
export const renewal = ref<{ readonly end: (again: boolean) => void } | null>(null);

/** Asks the user to sign in again, while the page stays as it is; returns whether they did. */
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

/** The user who is signed in now in this browser, maybe by another tab; null for none. Unlike requests of `api`, it does not wait for the renewal. */
export async function whoIsThere(): Promise<number | null> {
  try {
    const { data } = await api.GET("/auth/me", { fetch: (request) => fetch(request), cache: "no-store" });
    return data?.id ?? null;
  } catch {
    return null;
  }
}
