import { beforeEach, expect, test } from "vitest";
import { ask, asked, type Question } from "./ask";
import { Problem } from "./problem";

const question = (title: string, run?: Question["run"]): Question => ({ title, text: "", confirm: "", run });
const shown = () => asked.value?.question.title ?? null;

/** An action that the test completes or refuses. */
function work() {
  let end: (why?: Problem) => void = () => {};
  const run = () => new Promise<void>((resolve, reject) => (end = (why) => (why ? reject(why) : resolve())));
  return { run, end: (why?: Problem) => end(why) };
}

beforeEach(() => {
  while (asked.value) asked.value.answer(false);
});

test("a question that another one overtakes is answered no", async () => {
  const first = ask(question("first"));
  const second = ask(question("second"));
  expect(await first).toBe(false);
  expect(shown()).toBe("second");
  asked.value!.answer(true);
  expect(await second).toBe(true);
  expect(shown()).toBeNull();
});

test("one that is asked while another's yes is being done is asked after it, and both are answered", async () => {
  const { run, end } = work();
  const first = ask(question("first", run));
  const done = asked.value!.confirm("");
  const second = ask(question("second"));
  expect(shown()).toBe("first");
  end();
  await done;
  expect(await first).toBe(true);
  expect(shown()).toBe("second");
  asked.value!.answer(true);
  expect(await second).toBe(true);
  expect(shown()).toBeNull();
});

test("of several that are asked meanwhile the last is asked", async () => {
  const { run, end } = work();
  void ask(question("first", run));
  const done = asked.value!.confirm("");
  const [second, third] = [ask(question("second")), ask(question("third"))];
  expect(await second).toBe(false);
  end();
  await done;
  expect(shown()).toBe("third");
  asked.value!.answer(false);
  expect(await third).toBe(false);
});

test("what was refused stays until it is read, and is answered no then", async () => {
  const { run, end } = work();
  const first = ask(question("first", run));
  const done = asked.value!.confirm("");
  const second = ask(question("second"));
  end(new Problem(403, "forbidden", ""));
  await expect(done).rejects.toThrow(Problem);
  expect(shown()).toBe("first");
  asked.value!.answer(false);
  expect(await first).toBe(false);
  expect(shown()).toBe("second");
  asked.value!.answer(true);
  expect(await second).toBe(true);
});
