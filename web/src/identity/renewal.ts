import { ref } from "vue";

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
