import type { App, Component, InjectionKey } from "vue";
import { inject } from "vue";
import type { RouteRecordRaw } from "vue-router";
import type { Ids } from "./names";

/** What a module adds to the console. `src/shell/modules.ts` lists those that there are. */
export interface Module {
  readonly name: string;
  readonly routes: readonly RouteRecordRaw[];
  readonly menu: readonly MenuEntry[];
  readonly subjects?: readonly Subject[];
  /** Given as a function, those of a module that shows something of the subjects of all modules. */
  readonly panels?: readonly Panel[] | ((subjects: readonly Subject[]) => readonly Panel[]);
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

/** A kind of object that a module has, for views that speak of the objects of all modules, such as histories. */
export interface Subject {
  /** As the API calls it: the kind of a change's subject. */
  readonly kind: string;
  /** The beginning of the keys of all queries about such objects. */
  readonly key: readonly unknown[];
  /** The fields of the API that hold the id of one. */
  readonly fields: readonly string[];
  /** What these objects are called, by their ids, also those that the reader may not see. */
  readonly useNames?: (ids: Ids) => (id: number) => string;
}

/**
 * A part of another module's view: what users are granted is shown on a user's page by the module of grants. The
 * component takes the subject's id as the property `id`.
 *
 * It is a tab on a user's page, a view of an organization's, a section of the others. A folded section is closed at first,
 * and its component is made when it is opened.
 */
export interface Panel {
  /** The kind of the subject that the view shows. */
  readonly at: string;
  readonly name: string;
  /** A message key. */
  readonly label: string;
  readonly permission: string;
  readonly component: Component;
  readonly order: number;
  readonly folded?: boolean;
}

const subjectsKey: InjectionKey<readonly Subject[]> = Symbol("subjects");
const panelsKey: InjectionKey<readonly Panel[]> = Symbol("panels");

/** Lets the views of an app ask for what the modules declare. */
export function provideModules(app: App, modules: readonly Module[]): void {
  const subjects = modules.flatMap((m) => m.subjects ?? []);
  app.provide(subjectsKey, subjects);
  app.provide(panelsKey, modules.flatMap(({ panels }) => (typeof panels === "function" ? panels(subjects) : (panels ?? []))));
}

/** The subjects of all modules. */
export function useSubjects(): readonly Subject[] {
  return inject(subjectsKey, []);
}

/** The panels of all modules for one kind of view, in their order. */
export function usePanels(at: Panel["at"]): readonly Panel[] {
  return inject(panelsKey, []).filter((p) => p.at === at).sort((a, b) => a.order - b.order);
}
