import { afterEach, describe, expect, test, vi } from "vitest";
import { answer, api, cursorOf, everyItem, renewWith, watchReachability } from "./api";
import { Problem } from "./problem";

afterEach(() => {
  vi.unstubAllGlobals();
  renewWith(() => Promise.resolve(false));
});

function respond(...responses: (Response | Error)[]) {
  const sent: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    sent.push(request);
    const next = responses.shift();
    return next instanceof Error || next === undefined ? Promise.reject(next ?? new Error("asked once too often")) : Promise.resolve(next);
  });
  return sent;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const problem = (status: number, code: string) =>
  json(status, { type: "about:blank", title: "", status, detail: "a sentence", code, request_id: "r1" }, { "Content-Type": "application/problem+json" });

test("every item of a list comes from all its pages, also from those that hold fewer than were asked for", async () => {
  const link = (after: string) => ({ Link: `</roles/?after=${after}&limit=1000>; rel="next"` });
  const pages = () => [json(200, [{ id: 1 }], link("b")), json(200, [{ id: 2 }, { id: 3 }], link("c")), json(200, [{ id: 4 }])];
  const load = (after: { after?: string }) => answer(api.GET("/roles", { params: { query: { limit: 1000, ...after } } }));

  const sent = respond(...pages());
  expect((await everyItem(load)).data.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  expect(sent.map((request) => new URL(request.url).searchParams.get("after"))).toEqual([null, "b", "c"]);

  respond(...pages());
  const some = await everyItem(load, 2);
  expect([some.data.length, some.next]).toEqual([3, "c"]);
});

describe("a Link header", () => {
  test("gives the next page's cursor", () => {
    expect(cursorOf('</departments/?after=eyJzIjoiaWQifQ&limit=1>; rel="next"')).toBe("eyJzIjoiaWQifQ");
    expect(cursorOf('</style.css>; rel=preload, </users/?after=abc>; rel=next')).toBe("abc");
    expect(cursorOf('</erp/users/?q=a%26b&after=x%2By>; rel="next"')).toBe("x+y");
  });

  test("of the last page gives none", () => {
    expect(cursorOf(null)).toBeNull();
    expect(cursorOf('</users/?after=a>; rel="prev"')).toBeNull();
  });
});

describe("an answer", () => {
  test("holds what the headers say of it", async () => {
    respond(json(200, [{ id: 1 }], { ETag: '"3"', Link: '</users/?after=abc>; rel="next"', "X-Total-Count": "120" }));
    expect(await answer(api.GET("/users"))).toEqual({ data: [{ id: 1 }], etag: '"3"', next: "abc", total: 120 });
    respond(json(200, [{ id: 1 }], { "X-Total-Count": "10000", "X-Total-Count-Exact": "false" }));
    expect(await answer(api.GET("/users"))).toEqual({ data: [{ id: 1 }], etag: null, next: null, total: 10000, more: true });
  });

  test("that refuses is thrown as a problem", async () => {
    respond(problem(409, "in_use"));
    await expect(answer(api.DELETE("/users/{id}", { params: { path: { id: 1 } } }))).rejects.toMatchObject({ status: 409, code: "in_use", requestId: "r1" });
  });

  test("of a proxy that cannot reach the server is as good as none, and one of the server's own is not", async () => {
    const told: boolean[] = [];
    watchReachability((reachable) => told.push(reachable));
    respond(new Response("<h1>Bad Gateway</h1>", { status: 502, statusText: "Bad Gateway" }), problem(503, "database_unavailable"));
    await expect(answer(api.GET("/users"))).rejects.toMatchObject({ code: "offline" });
    await expect(answer(api.GET("/users"))).rejects.toMatchObject({ status: 503, code: "database_unavailable" });
    expect(told).toEqual([false, true]);
  });

  test("that is none of ours is a problem too", async () => {
    respond(new Response("<h1>Not here</h1>", { status: 404, statusText: "Not Found" }));
    await expect(answer(api.GET("/users"))).rejects.toMatchObject({ status: 404, code: "unreadable" });
  });

  test("that does not come is the problem offline, and is told", async () => {
    const told: boolean[] = [];
    watchReachability((reachable) => told.push(reachable));
    respond(new TypeError("Failed to fetch"), json(200, []));
    await expect(answer(api.GET("/users"))).rejects.toMatchObject({ code: "offline", passes: true });
    await answer(api.GET("/users"));
    expect(told).toEqual([false, true]);
  });
});

describe("a session that is over", () => {
  test("is renewed once for all who wait, and their requests are sent again with what they held", async () => {
    const sent = respond(problem(401, "identity.session_over"), problem(401, "identity.session_over"), json(201, { id: 5 }), json(200, []));
    let renewals = 0;
    renewWith(() => new Promise((resolve) => setTimeout(() => resolve(++renewals > 0), 5)));
    const [created] = await Promise.all([answer(api.POST("/organizations", { body: { name: "한빛병원" } })), answer(api.GET("/users"))]);
    expect(created.data).toEqual({ id: 5 });
    expect(renewals).toBe(1);
    expect(await sent[2]!.json()).toEqual({ name: "한빛병원" });
  });

  test("that is not renewed is a problem", async () => {
    respond(problem(401, "not_signed_in"));
    await expect(answer(api.GET("/users"))).rejects.toBeInstanceOf(Problem);
  });

  test("is another thing than a password that is refused", async () => {
    respond(problem(401, "identity.sign_in_refused"));
    renewWith(() => Promise.reject(new Error("must not be asked")));
    await expect(answer(api.POST("/auth/session", { body: { email: "a", password: "b" } }))).rejects.toMatchObject({ code: "identity.sign_in_refused" });
  });
});
