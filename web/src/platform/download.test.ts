import { afterEach, expect, test, vi } from "vitest";
import { renewWith } from "./api";
import { download } from "./download";
import { refused } from "./notice";

vi.mock("./notice", () => ({ refused: vi.fn() }));

const followed: string[] = [];
vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
  followed.push(this.getAttribute("href")!);
});
const over = () => Promise.resolve(Response.json({ code: "identity.session_over", detail: "", request_id: "r" }, { status: 401 }));

afterEach(() => {
  vi.unstubAllGlobals();
  followed.length = 0;
});

test("a file is asked for once the session that was over is renewed", async () => {
  let alive = false;
  vi.stubGlobal("fetch", () => (alive ? Promise.resolve(Response.json({ id: 7 })) : over()));
  renewWith(() => {
    expect(followed).toEqual([]);
    return Promise.resolve((alive = true));
  });
  await download("/grants.csv?state=active");
  expect(followed).toEqual(["/grants.csv?state=active"]);
});

test("a file that is not to be had is not asked for, and the page says why", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await download("/grants.csv");
  expect(followed).toEqual([]);
  expect(vi.mocked(refused).mock.lastCall![0].code).toBe("offline");
});
