import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { onScopeDispose, type Ref, type ShallowRef, shallowRef, watch } from "vue";
import { type Rect, scaleToFit } from "./chart";

export interface Transform {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Looking at a picture through a window: by wheel, pinch and drag, and by what is called here. */
export interface ChartZoom {
  /** From the picture to the window: x' = x + k·X. */
  readonly transform: ShallowRef<Transform>;
  /** The window; null until it is there. */
  readonly size: ShallowRef<Size | null>;
  readonly zoomBy: (factor: number) => void;
  readonly panBy: (dx: number, dy: number) => void;
  readonly fit: (bounds: Rect) => void;
  /** Brings a part of the picture into sight with as little way as possible. */
  readonly bring: (part: Rect) => void;
  /** Puts a part into the middle, large enough to be read. */
  readonly center: (part: Rect, atLeast: number) => void;
}

const smallest = 0.02;
const largest = 2.5;
const edge = 24;

export function useChartZoom(svg: Ref<SVGSVGElement | undefined>): ChartZoom {
  const transform = shallowRef<Transform>({ x: 0, y: 0, k: 1 });
  const size = shallowRef<Size | null>(null);
  const behavior = zoom<SVGSVGElement, unknown>()
    .scaleExtent([smallest, largest])
    .on("zoom", (event: { transform: Transform }) => (transform.value = event.transform));
  const observer = new ResizeObserver(([entry]) => entry && entry.contentRect.width > 0 && (size.value = { width: entry.contentRect.width, height: entry.contentRect.height }));
  onScopeDispose(() => observer.disconnect());

  watch(svg, (now) => {
    observer.disconnect();
    if (!now) return;
    observer.observe(now);
    select(now).call(behavior).on("dblclick.zoom", null); // two clicks are two foldings
  });

  function go({ x, y, k }: Transform): void {
    if (svg.value) select(svg.value).call(behavior.transform, zoomIdentity.translate(x, y).scale(k));
  }

  function fit(bounds: Rect): void {
    if (!size.value) return;
    const k = scaleToFit(bounds, size.value, edge);
    behavior.scaleExtent([Math.min(smallest, k), largest]); // whatever is to fit can fit
    const x = (size.value.width - k * bounds.width) / 2 - k * bounds.x;
    const high = k * bounds.height;
    const y = (high < size.value.height / 2 ? edge : (size.value.height - high) / 2) - k * bounds.y;
    go({ x, y, k });
  }

  function bring(part: Rect): void {
    if (!size.value) return;
    const { x, y, k } = transform.value;
    const dx = into(x + k * part.x, x + k * (part.x + part.width), size.value.width);
    const dy = into(y + k * part.y, y + k * (part.y + part.height), size.value.height);
    if (dx || dy) go({ x: x + dx, y: y + dy, k });
  }

  function center(part: Rect, atLeast: number): void {
    if (!size.value) return;
    const k = Math.max(atLeast, transform.value.k);
    go({ k, x: size.value.width / 2 - k * (part.x + part.width / 2), y: size.value.height / 2 - k * (part.y + part.height / 2) });
  }

  return {
    transform,
    size,
    zoomBy: (factor) => svg.value && select(svg.value).call(behavior.scaleBy, factor),
    panBy: (dx, dy) => go({ ...transform.value, x: transform.value.x + dx, y: transform.value.y + dy }),
    fit,
    bring,
    center,
  };
}

/** How far a stretch has to go to lie within a length. */
function into(from: number, to: number, length: number): number {
  if (from < edge) return edge - from;
  if (to > length - edge) return Math.max(length - edge - to, edge - from);
  return 0;
}
