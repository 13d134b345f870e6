import { mount } from "@vue/test-utils";
import { beforeEach, describe, expect, test } from "vitest";
import { addMessages, i18n, speak } from "../i18n";
import { messages } from "../messages";
import { Problem } from "../problem";
import QueryState from "./QueryState.vue";

const away = new Problem(503, "not_ready", "");

beforeEach(() => {
  addMessages(messages);
  speak("ko");
});

function state(props: { loading: boolean; problem: Problem | null; empty?: boolean }) {
  const mounted = mount(QueryState, { props, slots: { default: "<input />", empty: "<button />" }, global: { plugins: [i18n] } });
  const shows = () => ["[role=status]", "[role=alert]", "input", "button"].filter((part) => mounted.find(part).exists());
  return { mounted, shows };
}

describe("a view that cannot be read", () => {
  test("says so while it has nothing to show, and that it loads before", async () => {
    const { mounted, shows } = state({ loading: true, problem: null });
    expect(shows()).toEqual(["[role=status]"]);
    await mounted.setProps({ loading: false, problem: away });
    expect(shows()).toEqual(["[role=alert]"]);
  });

  test("keeps what it shows, and what was typed there, when it cannot be read anew", async () => {
    const { mounted, shows } = state({ loading: false, problem: null });
    const field = mounted.find("input");
    await field.setValue("typed");
    await mounted.setProps({ problem: away });
    expect(shows()).toEqual(["[role=alert]", "input"]);
    expect(mounted.find("input").element).toBe(field.element);
    expect(mounted.find("input").element.value).toBe("typed");
    expect(mounted.html().indexOf("alert")).toBeLessThan(mounted.html().indexOf("input"));
    await mounted.setProps({ problem: null });
    expect(mounted.find("input").element).toBe(field.element);
  });

  test("keeps nothing of what was shown before something else was loaded", async () => {
    const { mounted, shows } = state({ loading: false, problem: null });
    await mounted.setProps({ loading: true });
    await mounted.setProps({ loading: false, problem: away });
    expect(shows()).toEqual(["[role=alert]"]);
  });

  test("is shown all the same where it says that there is something, which was read before", () => {
    expect(state({ loading: false, problem: away, empty: false }).shows()).toEqual(["[role=alert]", "input"]);
  });

  test("does not say that there is nothing, where that is not known", async () => {
    const { mounted, shows } = state({ loading: false, problem: null, empty: false });
    await mounted.setProps({ problem: away, empty: true });
    expect(shows()).toEqual(["[role=alert]"]);
  });
});
