import { defineAsyncComponent, type FunctionalComponent, h } from "vue";
import type { Module, Panel } from "@/platform/module";
import type { HistoryOf } from "./changes";
import { messages } from "./messages";

const ChangeList = defineAsyncComponent(() => import("./ChangeList.vue"));

function panel(of: HistoryOf): Panel {
  const list = (id: number) => h(ChangeList, { of, id });
  const component: FunctionalComponent<{ id: number }> = ({ id }) => (isSection(of) ? list(id) : h("section", { class: "card" }, list(id)));
  component.props = ["id"];
  return { at: of, name: "history", label: "history.title", permission: "audit.read", component, order: 90, folded: isSection(of) };
}

/** Whether the history is a section among others; else it is a part of the page by itself. */
function isSection(of: HistoryOf): boolean {
  return of !== "organization" && of !== "user";
}

/** Who changed what, on the pages of what was changed. */
export const history: Module = {
  name: "history",
  routes: [],
  menu: [],
  panels: (["organization", "department", "user", "role", "grant"] as const).map(panel),
  messages,
};
