import { defineAsyncComponent, type FunctionalComponent, h } from "vue";
import type { Module, Panel, Subject } from "@/platform/module";
import { messages } from "./messages";

const ChangeList = defineAsyncComponent(() => import("./ChangeList.vue"));

function panel(of: Subject): Panel {
  const list = (id: number) => h(ChangeList, { of, id });
  const folded = isSection(of.kind);
  const component: FunctionalComponent<{ id: number }> = ({ id }) => (folded ? list(id) : h("section", { class: "card" }, list(id)));
  component.props = ["id"];
  return { at: of.kind, name: "history", label: "history.title", permission: "audit.read", component, order: 90, folded };
}

/** Whether the history is a section among others; else it is a part of the page by itself. */
function isSection(kind: string): boolean {
  return kind !== "organization" && kind !== "user";
}

/** Who changed what, on the pages of what was changed. */
export const history: Module = {
  name: "history",
  routes: [],
  menu: [],
  panels: (subjects) => subjects.map(panel),
  messages,
};
