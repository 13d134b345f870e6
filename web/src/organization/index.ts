import { OfficeBuilding, Share } from "@element-plus/icons-vue";
import type { Module } from "@/platform/module";
import { departmentsKey } from "./departments";
import { messages } from "./messages";
import { useNamedDepartments, useNamedOrganizations } from "./names";
import { organizationsKey } from "./organizations";

/** Organizations and their department trees. */
export const organization: Module = {
  name: "organization",
  routes: [
    { path: "/organizations", name: "organizations", component: () => import("./OrganizationsView.vue"), meta: { title: "organization.organizations" } },
    { path: "/departments", name: "departments", component: () => import("./DepartmentsView.vue"), meta: { title: "department.departments" } },
    { path: "/organizations/:id(\\d+)", name: "organization", component: () => import("./OrganizationView.vue"), meta: { title: "department.departments" } },
  ],
  menu: [
    { to: "organizations", label: "organization.organizations", hint: "organization.organizationsHint", icon: OfficeBuilding, permission: "organization.read", order: 10 },
    { to: "departments", label: "department.departments", hint: "department.departmentsHint", icon: Share, permission: "department.read", order: 20 },
  ],
  subjects: [
    { kind: "organization", key: organizationsKey, fields: ["organization_id"], useNames: useNamedOrganizations },
    { kind: "department", key: departmentsKey, fields: ["department_id", "parent_id"], useNames: useNamedDepartments },
  ],
  messages,
};
