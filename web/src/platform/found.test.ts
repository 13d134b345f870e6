import { expect, test } from "vitest";
import { nothingFound } from "./found";
import { addMessages, speak } from "./i18n";
import { messages } from "./messages";
import { Problem } from "./problem";

addMessages(messages);

test("a search that failed does not say that nobody is there", () => {
  speak("ko");
  expect(nothingFound(null, "list.nothing")).toBe("조건에 맞는 것이 없습니다");
  expect(nothingFound(new Problem(503, "database_unavailable", ""), "list.nothing")).toContain("데이터베이스가 응답하지 않습니다");
  expect(nothingFound(new Problem(403, "forbidden", ""), "list.nothing")).toBe("이 작업을 할 권한이 없습니다.");
});
