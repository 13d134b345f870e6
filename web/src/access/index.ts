import { Key, Tickets } from "@element-plus/icons-vue";
import type { Module } from "@/platform/module";
import { messages } from "./messages";

/** Roles, grants, and why somebody may do something. */
export const access: Module = {
  name: "access",
  routes: [
    {
      path: "/roles",
      meta: { permission: "role.read" },
      children: [
        { path: "", name: "roles", component: () => import("./RolesView.vue"), meta: { title: "access.roles" } },
        { path: ":id(\\d+|new)", name: "role", component: () => import("./RoleView.vue"), meta: { title: "access.theRole" } },
      ],
    },
    { path: "/grants", name: "grants", component: () => import("./GrantsView.vue"), meta: { title: "access.grants", permission: "grant.read" } },
  ],
  menu: [
    { to: "roles", label: "access.roles", hint: "access.rolesHint", icon: Key, permission: "role.read", order: 40 },
    { to: "grants", label: "access.grants", hint: "access.grantsHint", icon: Tickets, permission: "grant.read", order: 50 },
  ],
  messages,
};
