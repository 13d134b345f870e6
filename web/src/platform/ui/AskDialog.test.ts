import { mount } from "@vue/test-utils";
import { afterEach, expect, test } from "vitest";
import { nextTick } from "vue";
import { ask, asked } from "../ask";
import { addMessages, i18n, speak } from "../i18n";
import { messages } from "../messages";
import AskDialog from "./AskDialog.vue";

addMessages(messages);
addMessages({ ko: { test: { title: "삭제", text: "아래에 부서가 {n}개 있습니다." } }, en: { test: { title: "Delete", text: "There is {n} department. | There are {n} departments." } } });
const dialog = mount(AskDialog, { global: { plugins: [i18n] }, attachTo: document.body });
afterEach(() => asked.value?.answer(false));

test.each([
  ["en", 1, "There is 1 department."],
  ["en", 3, "There are 3 departments."],
  ["ko", 3, "아래에 부서가 3개 있습니다."],
] as const)("speaks in %s of %d as of that many", async (language, n, says) => {
  speak(language);
  void ask({ title: "test.title", text: "test.text", params: { n }, confirm: "remove" });
  await nextTick();
  await nextTick();
  expect(document.querySelector(".ask__text")?.textContent).toBe(says);
  expect(dialog.exists()).toBe(true);
});
