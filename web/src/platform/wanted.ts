/** Where somebody wanted to go before signing in: a path of ours, never another site's. */
export function wanted(query: unknown): string {
  return typeof query === "string" && /^\/(?![/\\])/.test(query) ? query : "/";
}
