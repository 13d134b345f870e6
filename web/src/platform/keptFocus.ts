import { onScopeDispose, type Ref, watch } from "vue";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Until no dialog is open, for at most 3 s: one that closes gives the focus back first. */
async function undisturbed(): Promise<void> {
  const asks = () => [...document.querySelectorAll("[aria-modal=true]")].some((dialog) => dialog.checkVisibility());
  for (let waits = 0; asks() && waits < 30; waits++) await pause(100);
}

/**
 * Keeps the focus in a list when the row that had it goes away: what stands in its place takes it, the page's title where
 * nothing is left (WCAG 2.4.3). Rows are elements with their id as `data-row`; the result is the list's handler of `focusin`.
 */
export function useKeptFocus(list: Readonly<Ref<HTMLElement | null>>, ids: () => readonly number[]): (event: FocusEvent) => void {
  let at: { readonly id: number; readonly index: number } | null = null;

  async function goOn(): Promise<void> {
    if (!at) return;
    const { index } = at;
    at = null;
    await undisturbed();
    if (document.activeElement !== document.body) return;
    const rows = list.value?.querySelectorAll("[data-row]") ?? [];
    const next = rows[Math.min(index, rows.length - 1)]?.querySelector<HTMLElement>("a[href], button");
    (next ?? document.getElementById("page-title"))?.focus();
  }

  watch(ids, (now) => at && !now.includes(at.id) && goOn(), { flush: "post" });
  onScopeDispose(goOn); // the whole list may go with its last row

  return (event) => {
    const row = (event.target as Element).closest<HTMLElement>("[data-row]");
    at = row && { id: Number(row.dataset.row), index: ids().indexOf(Number(row.dataset.row)) };
  };
}
