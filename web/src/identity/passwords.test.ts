import { expect, test } from "vitest";
import { fieldErrors } from "@/platform/form";
import { addMessages, speak } from "@/platform/i18n";
import { messages } from "@/platform/messages";
import { problemOf } from "@/platform/problem";
import { requireSame } from "./passwords";

addMessages(messages);

test("a new password that was typed in two ways is refused at the field that repeats it", () => {
  speak("ko");
  expect(() => requireSame("two cats", "two cats")).not.toThrow();
  try {
    requireSame("two cats", "two cat");
    expect.unreachable();
  } catch (thrown) {
    expect(fieldErrors(problemOf(thrown), ["new_password", "repeated"])).toEqual({ repeated: "두 번 입력한 비밀번호가 서로 다릅니다." });
  }
});
