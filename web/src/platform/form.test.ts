import { beforeEach, describe, expect, test, vi } from "vitest";
import { fieldErrors, leadToRefusal, leadToHalfTyped, orNull, otherErrors, useForm } from "./form";
import { addMessages, speak } from "./i18n";
import { messages } from "./messages";
import { Problem } from "./problem";

const refused = new Problem(422, "validation_failed", "Some fields are not valid", "r1", [
  { location: "body.name", code: "blank", message: "must not be blank" },
  { location: "body.name", code: "too_short", message: "a second one" },
  { location: "body.permissions[3]", code: "unknown_permission", message: "is no permission" },
  { location: "query.limit", code: "too_large", message: "expected number <= 1000" },
]);

beforeEach(() => {
  addMessages(messages);
  speak("ko");
});

describe("what the server says of fields", () => {
  test("is said at the field, in the reader's language, the first of each", () => {
    expect(fieldErrors(refused, ["name", "permissions"])).toEqual({ name: "공백만 입력할 수 없습니다.", permissions: "없는 권한입니다." });
  });

  test("is said in English, too", () => {
    speak("en");
    expect(fieldErrors(refused, ["name"])).toEqual({ name: "must not be blank" });
  });

  test("that the form does not have is said all the same", () => {
    expect(otherErrors(refused, ["name"])).toEqual(["권한: 없는 권한입니다.", "limit: 너무 큽니다."]);
  });

  test("by a code of its own is said at the field that it is about", () => {
    const taken = new Problem(400, "stale", "This was changed", "r1");
    expect(fieldErrors(taken, ["name"], { stale: "name" }).name).toContain("다른 사람이 수정했습니다");
  });

  test("holds the bound where the server tells it", () => {
    const short = new Problem(422, "validation_failed", "", "", [{ location: "body.password", code: "too_short", message: "", params: { min: 9 } }]);
    expect(fieldErrors(short, ["password"])).toEqual({ password: "9자 이상이어야 합니다." });
    const empty = new Problem(422, "validation_failed", "", "", [{ location: "body.name", code: "too_short", message: "", params: { min: 1 } }]);
    expect(fieldErrors(empty, ["name"])).toEqual({ name: "입력하세요." });
  });
});

describe("a form", () => {
  test("knows what was changed, and forgets it when that is taken back", () => {
    const form = useForm({ name: "한빛병원", description: "", permissions: ["user.read"] });
    expect(form.dirty.value).toBe(false);
    form.values.description = "종합병원";
    form.values.permissions.push("user.update");
    expect(form.changed()).toEqual({ description: "종합병원", permissions: ["user.read", "user.update"] });
    form.values.description = "";
    form.values.permissions.pop();
    expect(form.dirty.value).toBe(false);
  });

  test("begins anew", () => {
    const form = useForm({ name: "" });
    form.values.name = "typed";
    form.begin({ name: "stored" });
    expect([form.values.name, form.dirty.value]).toEqual(["stored", false]);
  });

  test("is stored once at a time, and keeps what was typed when it is refused", async () => {
    const form = useForm({ name: "" });
    form.values.name = "  ";
    let stored = 0;
    const slow = () => new Promise<void>((resolve) => setTimeout(() => (stored++, resolve()), 5));
    const [first, second] = await Promise.all([form.submit(slow), form.submit(slow)]);
    expect([first, second, stored]).toEqual([true, false, 1]);
    expect(await form.submit(() => Promise.reject(refused))).toBe(false);
    expect(form.errors.value.name).toBe("공백만 입력할 수 없습니다.");
    expect(form.values.name).toBe("  ");
  });
});

test("a blank text is none", () => {
  expect([orNull(" "), orNull(" a ")]).toEqual([null, " a "]);
});

describe("the focus after a refusal", () => {
  const lead = (html: string) => {
    document.body.innerHTML = `<form>${html}</form>`;
    leadToRefusal(document.querySelector("form"));
    return document.activeElement?.id;
  };

  test("is at the field that is wrong", () => {
    expect(lead('<div id="said" tabindex="-1"><div role="alert"></div></div><input><input id="wrong" aria-invalid="true">')).toBe("wrong");
  });

  test("is at what is said of the whole, though the alert itself takes no focus", () => {
    expect(lead('<div id="said" tabindex="-1"><div role="alert"></div></div><input>')).toBe("said");
    expect(lead('<section id="conflict" role="alert" tabindex="-1"></section><input>')).toBe("conflict");
  });
});

describe("what means nothing", () => {
  test("is no empty field: who stores is led to the day that is none, which is to say so", () => {
    document.body.innerHTML = '<form><input id="other"><input id="day" type="date"></form>';
    const form = document.querySelector("form");
    expect(leadToHalfTyped(form)).toBe(false);
    const day = document.querySelector<HTMLInputElement>("#day")!;
    Object.defineProperty(day, "validity", { value: { badInput: true } }); // as a browser has it for the 31st of February
    const asked = vi.spyOn(day, "checkValidity");
    expect([leadToHalfTyped(form), document.activeElement?.id]).toEqual([true, "day"]);
    expect(asked).toHaveBeenCalled();
  });
});
