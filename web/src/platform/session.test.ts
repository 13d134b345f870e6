import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { renewWith } from "./api";
import { useSession } from "./session";

type Body = [status: number, body: unknown];

/** Answers by path; a path that is not named is not signed in. */
function serve(bodies: Record<string, Body>): void {
  vi.stubGlobal("fetch", (request: Request) => {
    const [status, body] = bodies[new URL(request.url).pathname] ?? [401, { code: "not_signed_in", detail: "", request_id: "r" }];
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json" } }));
  });
}

const permission = (name: string) => ({ permission: name, everywhere: true, organizations: [], departments: [] });

beforeEach(() => setActivePinia(createPinia()));
afterEach(() => vi.unstubAllGlobals());

describe("coming back to a tab", () => {
  test("shows what was granted and ended meanwhile", async () => {
    const session = useSession();
    serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [200, [permission("user.read")]] });
    await session.load();
    serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [200, [permission("role.read")]] });
    expect(await session.refresh()).toBe(true);
    expect([session.may("user.read"), session.may("role.read")]).toEqual([false, true]);
  });

  test("tells when somebody else has signed in, and takes nothing of theirs over", async () => {
    const session = useSession();
    serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [200, []] });
    await session.load();
    serve({ "/auth/me": [200, { id: 8, email: "b@example.com" }], "/auth/permissions": [200, [permission("user.delete")]] });
    expect(await session.refresh()).toBe(false);
    expect([session.me?.id, session.may("user.delete")]).toEqual([7, false]);
  });

  test("says so when the password must be changed first", async () => {
    const session = useSession();
    serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [200, []] });
    await session.load();
    serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [403, { code: "identity.password_change_required", detail: "", request_id: "r" }] });
    expect(await session.refresh()).toBe(true);
    expect(session.mustChange).toBe(true);
  });
});

test("a session that is over already counts as signed out", async () => {
  const session = useSession();
  serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [200, []] });
  await session.load();
  serve({});
  await session.signOut();
  expect(session.me).toBeNull();
});

test("of whom it is not known what they may do, nobody is signed in, and it is asked again", async () => {
  const session = useSession();
  serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [503, { code: "database_unavailable", detail: "", request_id: "r" }] });
  await expect(session.load()).rejects.toMatchObject({ code: "database_unavailable" });
  expect([session.me, session.known]).toEqual([null, false]);
  serve({ "/auth/me": [200, { id: 7, email: "a@example.com" }], "/auth/permissions": [200, [permission("user.read")]] });
  await session.load();
  expect([session.me?.id, session.known, session.may("user.read")]).toEqual([7, true, true]);
});

test("a browser that keeps no cookie is told so, and nobody is asked to sign in again", async () => {
  const session = useSession();
  renewWith(() => Promise.reject(new Error("must not be asked")));
  serve({ "/auth/session": [200, {}] });
  await expect(session.signIn("a@example.com", "b")).rejects.toMatchObject({ code: "no_cookie" });
  renewWith(() => Promise.resolve(false));
});
