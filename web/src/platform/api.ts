import createClient from "openapi-fetch";
import { Problem, readProblem } from "./problem";
import type { paths } from "./schema";

/** The path below which the API is served: that of PUBLIC_URL, without a slash at its end; "" for none. */
export const basePath = new URL("..", document.baseURI).pathname.replace(/\/$/, "");

/** The API client. Pass its results to `answer`. */
export const api = createClient<paths>({
  baseUrl: location.origin + basePath,
  fetch: send,
  querySerializer: { array: { style: "form", explode: false } }, // id=3,5,8
});

/** An answer with a body of type T. */
export interface Answer<T> {
  readonly data: T;
  /** The version of the object: send it back in If-Match. */
  readonly etag: string | null;
  /** The cursor of the next page, null on the last. */
  readonly next: string | null;
  /** The number of items on all pages, null if not requested. */
  readonly total: number | null;
  /** There are more than `total`, which counts no further. */
  readonly more?: boolean;
}

/** What a call of `api` gives: `data` where the response is ok, also where that has no body; else `error`. */
interface Result<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

function isOk<T>(result: Result<T>): result is Result<T> & { readonly data: T } {
  return result.response.ok;
}

/** Awaits a call of `api`. It throws only a Problem. */
export async function answer<T>(call: Promise<Result<T>>): Promise<Answer<T>> {
  let result;
  try {
    result = await call;
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    throw new Problem(0, "unreadable", thrown instanceof Error ? thrown.message : String(thrown)); // a body cut short
  }
  const { response } = result;
  if (!isOk(result)) throw readProblem(response, result.error);
  const total = response.headers.get("X-Total-Count");
  return {
    data: result.data,
    etag: response.headers.get("ETag"),
    next: cursorOf(response.headers.get("Link")),
    total: total === null ? null : Number(total),
    ...(response.headers.get("X-Total-Count-Exact") === "false" && { more: true }),
  };
}

/** The body alone. */
export async function body<T>(call: Promise<Result<T>>): Promise<T> {
  return (await answer(call)).data;
}

/**
 * The items of all pages of a list, or of as many pages as it takes to have `most` items; `next` is the cursor of the rest. A
 * page may have fewer items than its limit: only the cursor says whether there are more.
 */
export async function everyItem<T>(page: (after: { after?: string }) => Promise<Answer<T[] | null>>, most = Infinity): Promise<Answer<T[]>> {
  const all: T[] = [];
  for (let after = {}; ; ) {
    const { data, ...rest } = await page(after);
    all.push(...(data ?? []));
    if (rest.next === null || all.length >= most) return { ...rest, data: all };
    after = { after: rest.next };
  }
}

/** The cursor in a Link header's next page (RFC 8288), null when there is none. */
export function cursorOf(link: string | null): string | null {
  const next = /<([^>]*)>\s*;\s*rel="?next"?(?![^\s,;])/.exec(link ?? "")?.[1];
  return next === undefined ? null : new URL(next, location.origin).searchParams.get("after");
}

/** Signs in again after the session ended; returns whether the same user is signed in now. */
export type Renewal = () => Promise<boolean>;

let renew: Renewal = () => Promise.resolve(false);
let renewing: Promise<boolean> | null = null;
const watchers = new Set<(reachable: boolean) => void>();

/** Sets how to sign in again; concurrent requests whose session has ended share one attempt. */
export function renewWith(how: Renewal): void {
  renew = how;
}

/** Called after each request with whether the server answered. */
export function watchReachability(watcher: (reachable: boolean) => void): void {
  watchers.add(watcher);
}

/** Whether the server answers, and is ready to. */
export async function ready(): Promise<boolean> {
  try {
    const { ok } = await fetch(`${basePath}/readyz`, { cache: "no-store" });
    if (ok) notify(true);
    return ok;
  } catch {
    notify(false);
    return false;
  }
}

const sessionOver = new Set(["identity.session_over", "not_signed_in"]);

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await reach(request);
  if (response.status !== 401) return response;
  const problem = readProblem(response, await response.clone().json().catch(() => null));
  if (!sessionOver.has(problem.code)) return response;
  renewing ??= renew().finally(() => (renewing = null));
  return (await renewing) ? reach(again) : response;
}

/** Sends a request without asking the user to sign in again: for requests that check who is signed in. */
export async function reach(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (!ofProxy(response)) {
      notify(true);
      return response;
    }
  } catch (thrown) {
    if (request.signal.aborted) throw thrown;
  }
  notify(false);
  throw new Problem(0, "offline", "The server cannot be reached");
}

/** Whether a proxy answers that it cannot reach the server. */
function ofProxy(response: Response): boolean {
  return [502, 503, 504].includes(response.status) && !response.headers.get("Content-Type")?.startsWith("application/problem+json");
}

function notify(reachable: boolean): void {
  for (const watcher of watchers) watcher(reachable);
}
