import type { Schemas } from "./schema";

/** A violated rule of one field of a form. */
export type ProblemField = Schemas["ProblemField"];

type Params = Record<string, unknown>;

/**
 * What the server refused, or that it could not be reached. `code` is stable (docs/errors.md); besides the server's
 * there are two of our own: `offline`, when no answer came, and `unreadable`, when what came is none of ours.
 */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** The HTTP status, 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    /** The server's sentence, in English. */
    readonly detail: string,
    /** To be quoted when asking for help; empty when no answer came. */
    readonly requestId = "",
    readonly fields: readonly ProblemField[] = [],
    readonly params: Params = {},
    /** Seconds until another attempt makes sense, null when the server did not say. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }

  /** Whether it may pass by itself: the same request may succeed later. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** What was thrown, as a Problem: whatever is none is a fault of the console, and shown as such. */
export function problemOf(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem(0, "fault", thrown instanceof Error ? thrown.message : String(thrown));
}

/** The problem that an answer's body tells of. A proxy's own error page is `unreadable`. */
export function readProblem(response: Response, body: unknown): Problem {
  const requestId = response.headers.get("X-Request-Id") ?? "";
  const after = Number(response.headers.get("Retry-After"));
  const retryAfter = after > 0 ? after : null;
  if (!isProblem(body)) {
    return new Problem(response.status, "unreadable", `${response.status} ${response.statusText}`.trim(), requestId, [], {}, retryAfter);
  }
  return new Problem(response.status, body.code, body.detail, body.request_id, body.errors ?? [], body.params ?? {}, retryAfter);
}

function isProblem(body: unknown): body is Schemas["Problem"] {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}
