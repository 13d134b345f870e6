import type { Module } from "@/platform/module";
import { messages } from "./messages";

/** Roles, grants, and why somebody may do something. */
export const access: Module = {
  name: "access",
  routes: [],
  menu: [],
  messages,
};
