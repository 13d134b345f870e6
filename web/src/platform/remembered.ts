/** A choice that this browser keeps. Where it keeps nothing (private windows), nothing is lost but the choice. */
export function remembered<T extends string>(name: string, values: readonly T[]) {
  const key = `erp.${name}`;
  return {
    get(): T | null {
      try {
        const value = localStorage.getItem(key);
        return values.find((v) => v === value) ?? null;
      } catch {
        return null;
      }
    },
    set(value: T): void {
      try {
        localStorage.setItem(key, value);
      } catch {
        // see above
      }
    },
  };
}
