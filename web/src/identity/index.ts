import { User } from "@element-plus/icons-vue";
import { defineAsyncComponent } from "vue";
import type { Module } from "@/platform/module";
import { useSession } from "@/platform/session";
import { messages } from "./messages";
import { usersKey } from "./users";

/** Users, signing in, and the user's own account. */
export const identity: Module = {
  name: "identity",
  routes: [
    { path: "/sign-in", name: "sign-in", component: () => import("./SignInView.vue"), meta: { title: "identity.signIn", open: true } },
    { path: "/password-reset", name: "password-reset", component: () => import("./ResetView.vue"), meta: { title: "identity.reset.title", open: true } },
    {
      path: "/first-password",
      name: "first-password",
      component: () => import("./FirstPasswordView.vue"),
      meta: { title: "identity.first.title", open: true },
      beforeEnter: () => (useSession().me ? true : { name: "sign-in" }),
    },
    { path: "/account", name: "account", component: () => import("./AccountView.vue"), meta: { title: "identity.account.title" } },
    { path: "/users", name: "users", component: () => import("./UsersView.vue"), meta: { title: "identity.user.users" } },
    { path: "/users/:id(\\d+)", name: "user", component: () => import("./UserView.vue"), meta: { title: "identity.user.user" } },
  ],
  menu: [
    { to: "users", label: "identity.user.users", hint: "identity.user.usersHint", icon: User, permission: "user.read", order: 30 },
  ],
  panels: [
    { at: "department", name: "people", label: "identity.people.title", permission: "user.read", component: defineAsyncComponent(() => import("./DepartmentPeople.vue")), order: 10 },
  ],
  subjects: [{ kind: "user", key: usersKey, fields: ["user_id"] }],
  messages,
};
