import { OfficeBuilding } from "@element-plus/icons-vue";
import type { Module } from "@/platform/module";
import { messages } from "./messages";

/** Organizations and their department trees. */
export const organization: Module = {
  name: "organization",
  routes: [
    { path: "/organizations", name: "organizations", component: () => import("./OrganizationsView.vue"), meta: { title: "organization.organizations" } },
  ],
  menu: [
    { to: "organizations", label: "organization.organizations", hint: "organization.organizationsHint", icon: OfficeBuilding, permission: "organization.read", order: 10 },
  ],
  messages,
};
