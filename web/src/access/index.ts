import { Key, QuestionFilled, Tickets } from "@element-plus/icons-vue";
import { defineAsyncComponent } from "vue";
import type { Module } from "@/platform/module";
import { grantsKey } from "./grants";
import { messages } from "./messages";
import { useNamedRoles } from "./names";
import { rolesKey } from "./roles";

/** Roles, grants, and the check of permissions. */
export const access: Module = {
  name: "access",
  routes: [
    {
      path: "/roles",
      children: [
        { path: "", name: "roles", component: () => import("./RolesView.vue"), meta: { title: "access.roles" } },
        { path: ":id(\\d+|new)", name: "role", component: () => import("./RoleView.vue"), meta: { title: "access.theRole" } },
      ],
    },
    { path: "/grants", name: "grants", component: () => import("./GrantsView.vue"), meta: { title: "access.grants" } },
    { path: "/why", name: "why", component: () => import("./WhyView.vue"), meta: { title: "access.why.title" } },
  ],
  menu: [
    { to: "roles", label: "access.roles", hint: "access.rolesHint", icon: Key, permission: "role.read", order: 40 },
    { to: "grants", label: "access.grants", hint: "access.grantsHint", icon: Tickets, permission: "grant.read", order: 50 },
    { to: "why", label: "access.why.title", hint: "access.why.hint", icon: QuestionFilled, permission: "grant.read", order: 60 },
  ],
  panels: [{ at: "user", name: "grants", label: "access.ofUser", permission: "grant.read", component: defineAsyncComponent(() => import("./UserGrants.vue")), order: 10 }],
  subjects: [
    { kind: "role", key: rolesKey, fields: ["role_id"], useNames: useNamedRoles },
    { kind: "grant", key: grantsKey, fields: [] },
  ],
  messages,
};
