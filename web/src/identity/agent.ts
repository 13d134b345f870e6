/** The browsers and programs that are known by name. The first that fits counts: most claim to be others as well. */
const programs: readonly [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bWhale\//, "Whale"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bKAKAOTALK\b/i, "KakaoTalk"],
  [/\bNAVER\(/, "NAVER"],
  [/\bOPR\/|\bOpera\b/, "Opera"],
  [/\bFxiOS\/|\bFirefox\//, "Firefox"],
  [/\bCriOS\/|\b(Headless)?Chrome\//, "Chrome"],
  [/\bMSIE |\bTrident\//, "Internet Explorer"],
  [/\bVersion\/[\d.]+ .*Safari\//, "Safari"],
];

const systems: readonly [RegExp, string][] = [
  [/\bWindows\b/, "Windows"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** What a request was sent with, in a few words: "Chrome, Windows"; a program by its own name; "" for what says nothing. */
export function agentName(userAgent: string): string {
  const browser = firstOf(programs, userAgent);
  const system = firstOf(systems, userAgent);
  if (browser) return system ? `${browser}, ${system}` : browser;
  return (/^[^\s/(;]+/.exec(userAgent.trim())?.[0] ?? "").slice(0, 40);
}

function firstOf(known: readonly [RegExp, string][], userAgent: string): string | undefined {
  return known.find(([sign]) => sign.test(userAgent))?.[1];
}
