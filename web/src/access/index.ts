import { Key } from "@element-plus/icons-vue";
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
  ],
  menu: [{ to: "roles", label: "access.roles", hint: "access.rolesHint", icon: Key, permission: "role.read", order: 40 }],
  messages,
};
