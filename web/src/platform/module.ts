import type { Component, InjectionKey } from "vue";
import { inject } from "vue";
import type { RouteRecordRaw } from "vue-router";

/** What a module adds to the console. `src/shell/modules.ts` lists those that there are. */
export interface Module {
  readonly name: string;
  readonly routes: readonly RouteRecordRaw[];
  readonly menu: readonly MenuEntry[];
  readonly panels?: readonly Panel[];
  /** By language; merged into those of all modules. Names of codes stand below `problems`. */
  readonly messages: { readonly ko: Messages; readonly en: Messages };
}

export interface Messages {
  readonly [key: string]: string | Messages;
}

/** A way into a module from the menu and the start page. */
export interface MenuEntry {
  /** The name of the route. */
  readonly to: string;
  /** Message keys. */
  readonly label: string;
  readonly hint: string;
  readonly icon: Component;
  /** It is shown to those who hold this anywhere. */
  readonly permission: string;
  /** Entries stand in this order. */
  readonly order: number;
}

/**
 * A part of another module's view: what users are granted is shown on a user's page by the module of grants. The
 * component takes the subject's id as the property `id`.
 *
 * It is a tab on a user's page, a view of an organization's, a section of the others. A folded section is closed at first,
 * and its component is made when it is opened.
 */
export interface Panel {
  readonly at: "user" | "department" | "organization" | "role" | "grant";
  readonly name: string;
  /** A message key. */
  readonly label: string;
  readonly permission: string;
  readonly component: Component;
  readonly order: number;
  readonly folded?: boolean;
}

export const panelsKey: InjectionKey<readonly Panel[]> = Symbol("panels");

/** The panels of all modules for one kind of view, in their order. */
export function usePanels(at: Panel["at"]): readonly Panel[] {
  return inject(panelsKey, []).filter((p) => p.at === at).sort((a, b) => a.order - b.order);
}
