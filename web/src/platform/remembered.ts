/** A choice that this browser keeps. Where it keeps nothing (private windows), nothing is lost but the choice. */
export function remembered<T extends string>(name: string, values: readonly T[] | ((value: string) => value is T)) {
  const key = `erp.${name}`;
  return {
    get(): T | null {
      try {
        const value = localStorage.getItem(key);
        if (typeof values === "function") return value !== null && values(value) ? value : null;
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
