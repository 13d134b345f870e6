import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";
import FoldedSection from "./FoldedSection.vue";

test("a folded section holds nothing before it is opened", async () => {
  const section = mount(FoldedSection, { props: { title: "이력" }, slots: { default: "<input />" } });
  expect(section.find("input").exists()).toBe(false);
  section.find("details").element.open = true;
  await section.find("details").trigger("toggle");
  expect(section.find("input").exists()).toBe(true);
});
