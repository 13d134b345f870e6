import { expect, test } from "vitest";
import { agentName } from "./agent";

const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  ["Chrome, Windows", `${windows} Chrome/131.0.0.0 Safari/537.36`],
  ["Edge, Windows", `${windows} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`],
  ["Whale, Windows", `${windows} Chrome/130.0.0.0 Whale/4.29.282.14 Safari/537.36`],
  ["Firefox, Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"],
  ["Internet Explorer, Windows", "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko"],
  ["Safari, macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"],
  ["Safari, iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"],
  ["Chrome, iPad", "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1"],
  ["Samsung Internet, Android", "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36"],
  ["Chrome, Linux", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36"],
  ["Chrome, ChromeOS", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"],
])("a browser reads as %s", (name, userAgent) => {
  expect(agentName(userAgent)).toBe(name);
});

test("a program is called what it calls itself, without its version", () => {
  expect(agentName("curl/7.88.1")).toBe("curl");
  expect(agentName("python-requests/2.31.0")).toBe("python-requests");
  expect(agentName("Go-http-client/1.1")).toBe("Go-http-client");
});

test("what says nothing has no name, and what says too much is cut", () => {
  expect(agentName("")).toBe("");
  expect(agentName("   ")).toBe("");
  expect(agentName("x".repeat(300))).toHaveLength(40);
});
