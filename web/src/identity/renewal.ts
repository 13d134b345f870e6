import { ref } from "vue";
import { basePath } from "@/platform/api";
import type { Schemas } from "@/platform/schema";

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

/** Who is signed in by now in this browser, by another tab perhaps; null for nobody. It asks past `api`, which waits for the renewal. */
export async function whoIsThere(): Promise<number | null> {
  try {
    const response = await fetch(`${basePath}/auth/me`, { cache: "no-store" });
    return response.ok ? ((await response.json()) as Schemas["Me"]).id : null;
  } catch {
    return null;
  }
}
