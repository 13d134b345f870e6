import type { Module } from "@/platform/module";
import { messages } from "./messages";

/** Users, signing in, and one's own account. */
export const identity: Module = {
  name: "identity",
  routes: [
    { path: "/sign-in", name: "sign-in", component: () => import("./SignInView.vue"), meta: { title: "identity.signIn", open: true } },
    { path: "/password-reset", name: "password-reset", component: () => import("./ResetView.vue"), meta: { title: "identity.reset.title", open: true } },
    { path: "/first-password", name: "first-password", component: () => import("./FirstPasswordView.vue"), meta: { title: "identity.first.title", open: true } },
    { path: "/account", name: "account", component: () => import("./AccountView.vue"), meta: { title: "identity.account.title" } },
  ],
  menu: [],
  messages,
};
