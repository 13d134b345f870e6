import { password } from "./hospital";
import { enter, expect, test, watch } from "./test";

test("a session that is ended elsewhere asks for the password in the middle of a form, and goes on where it was", async ({ erp, browser, page }) => {
  const email = "two.devices@example.com";
  const { id } = await erp.admin.post("/users/", { email, full_name: "한서윤", password });
  await erp.admin.put(`/users/${id}/roles/1`);

  const elsewhere = await browser.newContext({ locale: "ko-KR", userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1" });
  const faults = watch(elsewhere);
  const phone = await elsewhere.newPage();
  await enter(phone, erp, "/organizations", email, password);
  await phone.getByRole("button", { name: "기관 등록" }).first().click();
  await phone.getByRole("dialog").getByLabel("이름").fill("두 기기 병원");

  await enter(page, erp, "/account", email, password);
  const session = page.getByRole("listitem").filter({ hasText: "iPhone" });
  await session.getByRole("button", { name: /로그아웃/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: /로그아웃/ }).click();
  await expect(session).toHaveCount(0);

  await phone.getByRole("dialog").getByRole("button", { name: "만들기" }).click();
  const again = phone.getByRole("dialog", { name: "다시 로그인하세요" });
  await expect(again).toContainText(email);
  await again.getByLabel("비밀번호", { exact: true }).fill("not this one");
  await again.getByRole("button", { name: "로그인", exact: true }).click();
  await expect(again.getByRole("alert")).toContainText("이메일이나 사번, 비밀번호가 틀렸거나");
  await again.getByLabel("비밀번호", { exact: true }).fill(password);
  await again.getByRole("button", { name: "로그인", exact: true }).click();

  // What was on its way is sent again, once.
  await expect(phone.getByRole("row", { name: /두 기기 병원/ })).toHaveCount(1);
  expect(faults).toEqual([]);
  await elsewhere.close();
});

test("signing out ends the session on the server, and leaves nothing for the next one", async ({ erp, page }) => {
  const email = "leaves@example.com";
  const { id } = await erp.admin.post("/users/", { email, full_name: "오하준", password });
  await erp.admin.put(`/users/${id}/roles/1`);
  await enter(page, erp, "/organizations", email, password);
  const cookie = (await page.context().cookies()).find((c) => c.name === `erp-session-${new URL(erp.url).port}`)!;
  expect([cookie.httpOnly, cookie.sameSite]).toEqual([true, "Strict"]);

  await page.getByRole("button", { name: /오하준/ }).click();
  await page.getByRole("menuitem", { name: "로그아웃" }).click();
  await expect(page.getByRole("heading", { name: "로그인" })).toBeVisible();
  const taken = await fetch(`${erp.url}/auth/me`, { headers: { Authorization: `Bearer ${cookie.value}` } });
  expect(taken.status).toBe(401);

  await page.goto(`${erp.url}/frontend/organizations`);
  await expect(page.getByRole("heading", { name: "로그인" })).toBeVisible();
});

test("somebody to whom nothing was granted is told so, and offered nothing", async ({ erp, page }) => {
  const email = "newcomer@example.com";
  await erp.admin.post("/users/", { email, full_name: "임지호", password });
  await enter(page, erp, "/", email, password);
  await expect(page.getByRole("heading", { name: "아직 받은 권한이 없습니다" })).toBeVisible();
  await expect(page.getByRole("navigation").getByRole("link")).toHaveText(["시작"]);
  await page.goto(`${erp.url}/frontend/organizations`);
  await expect(page.getByRole("alert")).toContainText("이 작업을 할 권한이 없습니다");
  await expect(page.getByRole("button", { name: "기관 등록" })).toHaveCount(0);
});

test("another tab that signs in as somebody else takes this one along", async ({ erp, page }) => {
  const others = await erp.admin.post("/users/", { email: "shares.a.machine@example.com", full_name: "문예준", password });
  await erp.admin.put(`/users/${others.id}/roles/3`);
  await enter(page, erp, "/organizations");
  await expect(page.getByRole("button", { name: "기관 등록" }).first()).toBeVisible();
  const tab = await page.context().newPage();
  await enter(tab, erp, "/", "shares.a.machine@example.com", password);
  await page.bringToFront();
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(page.getByRole("button", { name: /문예준/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "기관 등록" })).toHaveCount(0);
});

test("whoever signs out in one tab has left the others, and what is typed there is nobody else's to send", async ({ erp, page, context }) => {
  for (const [email, name] of [["leaves.tabs@example.com", "배수아"], ["comes.after@example.com", "노은우"]] as const) {
    const { id } = await erp.admin.post("/users/", { email, full_name: name, password });
    await erp.admin.put(`/users/${id}/roles/1`);
  }
  await enter(page, erp, "/users", "leaves.tabs@example.com", password);
  const typing = await context.newPage();
  await typing.goto(`${erp.url}/frontend/organizations`);
  await typing.getByRole("button", { name: "기관 등록" }).first().click();
  await typing.getByRole("dialog").getByLabel("이름").fill("누구의 병원");
  const leaving = await context.newPage();
  await leaving.goto(`${erp.url}/frontend/`);
  await leaving.getByRole("button", { name: /배수아/ }).click();
  await leaving.getByRole("menuitem", { name: "로그아웃" }).click();
  await expect(leaving.getByRole("heading", { name: "로그인" })).toBeVisible();

  await expect(page.getByRole("heading", { name: "로그인" })).toBeVisible();
  await expect(typing.getByRole("dialog", { name: "다시 로그인하세요" })).toBeVisible();

  await typing.getByRole("button", { name: "다른 계정으로 로그인" }).click();
  await typing.getByRole("dialog", { name: "저장하지 않은 내용이 있습니다" }).getByRole("button", { name: "계속 입력" }).click();
  await expect(typing.getByRole("dialog", { name: "다시 로그인하세요" })).toBeVisible();

  await leaving.getByLabel("이메일").fill("comes.after@example.com");
  await leaving.getByLabel("비밀번호", { exact: true }).fill(password);
  await leaving.getByRole("button", { name: "로그인", exact: true }).click();
  await expect(typing.getByRole("button", { name: /노은우/ })).toBeVisible();
  await expect(typing.getByRole("dialog")).toHaveCount(0);
  expect(await erp.admin.get<unknown[]>(`/organizations/?q=${encodeURIComponent("누구의 병원")}`)).toEqual([]);
});
