import { access } from "@/access";
import { history } from "@/history";
import { identity } from "@/identity";
import { organization } from "@/organization";
import type { Module } from "@/platform/module";

/** All modules that there are. A new one is one more line here. */
export const modules: readonly Module[] = [organization, identity, access, history];
