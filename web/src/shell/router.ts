import { nextTick } from "vue";
import { createRouter, createWebHistory, type RouteLocationNormalized, type Router } from "vue-router";
import { ready } from "@/platform/api";
import type { Module } from "@/platform/module";
import { failed } from "@/platform/notice";
import { useSession } from "@/platform/session";
import { mayLeave } from "@/platform/unsaved";
import HomeView from "./HomeView.vue";

declare module "vue-router" {
  interface RouteMeta {
    /** A message key: the view's name in the browser's title. */
    title?: string;
    /** Shown without sign-in, and without the frame. */
    open?: boolean;
  }
}

/** The routes of the shell and of all modules, with their guards. */
export function makeRouter(modules: readonly Module[]): Router {
  const router = createRouter({
    history: createWebHistory(new URL(document.baseURI).pathname),
    routes: [
      { path: "/", name: "home", component: HomeView, meta: { title: "shell.home" } },
      ...modules.flatMap((m) => m.routes),
      { path: "/:path(.*)*", name: "nowhere", component: () => import("./NowhereView.vue"), meta: { title: "shell.nowhere" } },
    ],
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }), // a filter or a part of the same view leaves it where it is
  });

  let newest: unknown; // of the ways that somebody wants to go
  router.beforeEach(async (to, from) => {
    const session = useSession();
    newest = to;
    const mayGo = !leaves(to, from) || (await mayLeave());
    if (newest !== to) return true; // another one has overtaken it, and the router drops it; refused, the browser's history would be put back for it
    if (!mayGo) return false;
    if (to.meta.open) return true;
    if (!session.me) return { name: "sign-in", query: to.fullPath === "/" ? {} : { to: to.fullPath } };
    if (session.mustChange) return { name: "first-password", query: to.fullPath === "/" ? {} : { to: to.fullPath } };
    return true;
  });

  // Screen readers announce the new page, and the keyboard continues from its title.
  router.afterEach((to, from) => {
    sessionStorage.removeItem(loadedAnew);
    if (from.matched.length > 0 && to.path !== from.path) void nextTick(() => document.getElementById("page-title")?.focus({ preventScroll: true }));
  });
  router.onError((error, to) => void loadAnew(error, router.resolve(to).href));
  return router;
}

/**
 * Whether a navigation replaces the page: another path, or another `view` of the same object. Filters and selections do not.
 */
function leaves(to: RouteLocationNormalized, from: RouteLocationNormalized): boolean {
  return to.name !== from.name || to.path !== from.path || to.query.view !== from.query.view;
}

const loadedAnew = "erp.loaded-anew";

/**
 * After an update of the server, an open page may request assets that no longer exist: then the target page is reloaded. If
 * the server cannot be reached, a message says so; a second failure is an error.
 */
async function loadAnew(error: unknown, href: string): Promise<void> {
  if (!(error instanceof TypeError) && !/preload|import/i.test(String(error))) throw error;
  if (!(await ready())) return failed("shell.notOpened");
  if (sessionStorage.getItem(loadedAnew) === href) throw error;
  sessionStorage.setItem(loadedAnew, href);
  location.assign(href);
}
