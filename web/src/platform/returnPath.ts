/** The page to open after signing in: a path of the console, never another site's. */
export function returnPath(query: unknown): string {
  return typeof query === "string" && /^\/(?![/\\])/.test(query) ? query : "/";
}
