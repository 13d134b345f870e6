import { onScopeDispose, type ShallowRef, shallowRef } from "vue";
import type { Place } from "./departments";
import type { Zone } from "./tree";

const startsAfterPx = 5; // less is a click with an unsteady hand
const opensAfterMs = 650;
const edgePx = 44;
const fastestPx = 14; // that the tree scrolls by in a frame

/** Where the pointer is: on a row and which part of it, or below the last one. */
export interface Hit {
  readonly id: number | null;
  readonly zone: Zone;
}

/** What dropping there would do: `place`, or `why` not as a message key. */
export interface Verdict extends Hit {
  readonly place: Place | null;
  readonly why: string | null;
}

export interface DragOptions {
  readonly scroller: () => HTMLElement | undefined;
  readonly hit: (clientY: number) => Hit;
  readonly judge: (id: number, hit: Hit) => Verdict;
  /** The pointer stayed over a row. */
  readonly linger: (id: number) => void;
  readonly drop: (id: number, place: Place) => void;
}

export interface Dragged {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** Dragging a row of the tree with a mouse or a pen. Esc ends it, and so does leaving the window. */
export function useDrag(options: DragOptions): {
  readonly dragged: ShallowRef<Dragged | null>;
  readonly over: ShallowRef<Verdict | null>;
  readonly press: (event: PointerEvent, id: number) => void;
} {
  const dragged = shallowRef<Dragged | null>(null);
  const over = shallowRef<Verdict | null>(null);
  let pressed: { id: number; x: number; y: number } | null = null;
  let lingering: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;

  function press(event: PointerEvent, id: number): void {
    if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls
    pressed = { id, x: event.clientX, y: event.clientY };
    listen(true);
  }

  function move(event: PointerEvent): void {
    if (!pressed) return;
    if (!dragged.value && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < startsAfterPx) return;
    if (!dragged.value) frame = requestAnimationFrame(scroll);
    dragged.value = { id: pressed.id, x: event.clientX, y: event.clientY };
    look();
  }

  function look(): void {
    if (!dragged.value) return;
    const hit = options.hit(dragged.value.y);
    if (over.value && hit.id === over.value.id && hit.zone === over.value.zone) return;
    over.value = options.judge(dragged.value.id, hit);
    clearTimeout(lingering);
    const { id, zone } = hit;
    if (id !== null && zone === "into") lingering = setTimeout(() => options.linger(id), opensAfterMs);
  }

  function scroll(): void {
    const scroller = options.scroller();
    if (!dragged.value || !scroller) return;
    const { top, bottom } = scroller.getBoundingClientRect();
    const { y } = dragged.value;
    const into = y < top + edgePx ? y - (top + edgePx) : y > bottom - edgePx ? y - (bottom - edgePx) : 0;
    if (into !== 0) {
      scroller.scrollTop += Math.max(-fastestPx, Math.min(fastestPx, (into / edgePx) * fastestPx));
      look();
    }
    frame = requestAnimationFrame(scroll);
  }

  function release(): void {
    const drop = dragged.value && over.value?.place ? { id: dragged.value.id, place: over.value.place } : null;
    if (dragged.value) addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    end();
    if (drop) options.drop(drop.id, drop.place);
  }

  function escape(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    end();
  }

  function end(): void {
    listen(false);
    clearTimeout(lingering);
    cancelAnimationFrame(frame);
    pressed = null;
    dragged.value = null;
    over.value = null;
  }

  function listen(on: boolean): void {
    const change = on ? addEventListener : removeEventListener;
    change("pointermove", move as EventListener);
    change("pointerup", release);
    change("pointercancel", end);
    change("blur", end);
    change("keydown", escape as EventListener, { capture: true });
  }

  onScopeDispose(end);
  return { dragged, over, press };
}

/** The button's release over a row is the drop, not a click on that row. */
function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}
