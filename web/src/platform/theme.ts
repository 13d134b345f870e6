import { ref, watchEffect } from "vue";
import { remembered } from "./remembered";

export type Theme = "system" | "light" | "dark";

const themes = ["system", "light", "dark"] as const;
const chosen = remembered<Theme>("theme", themes);
const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = ref(darkSystem.matches);
darkSystem.addEventListener("change", (event) => (systemIsDark.value = event.matches));

/** The theme that was chosen. */
export const theme = ref<Theme>(chosen.get() ?? "system");

watchEffect(() => {
  const dark = theme.value === "dark" || (theme.value === "system" && systemIsDark.value);
  document.documentElement.classList.toggle("dark", dark);
});

/** Chooses a theme and remembers it. */
export function wear(to: Theme): void {
  theme.value = to;
  chosen.set(to);
}
