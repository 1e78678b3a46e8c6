/**
 * A real browser for tests, where the machine has one.
 * @module
 */
import { equal } from "node:assert/strict";
import { type Browser, chromium, type Page } from "playwright-core";
import { isa4d } from "../support/cli.ts";

/** Programs that may be there; `CHROMIUM` names another. */
const programs = [
  ...["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser's program; undefined where there is none. */
export function browserPath(): string | undefined {
  const named = Deno.env.get("CHROMIUM");
  const candidates = named ? [named] : programs;
  return candidates.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** A page and what it did besides being shown. */
export interface WatchedPage {
  readonly page: Page;
  /** What it wrote to the console as an error or warning, and what it threw. */
  readonly complaints: string[];
  /** Addresses that it asked for. */
  readonly requests: string[];
}

/** How a page is looked at. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** What is waited for, a selector; the picture of a video unless told. */
  readonly until?: string;
}

/** Runs `body` with a browser, and ends it. */
export async function withBrowser(body: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({
    executablePath: browserPath(),
    // Without a graphics card WebGL is drawn by the processor; as root there is no sandbox.
    args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  });
  try {
    await body(browser);
  } finally {
    await browser.close();
  }
}

/** Opens an address and waits until the page is there. */
export async function openPage(
  browser: Browser,
  address: string,
  { width, height, dark = false, until }: Viewport,
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    // Swiftshader tells that reading pixels back is slow.
    const driver = /GPU stall due to ReadPixels/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !driver) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address);
  if (until !== undefined) {
    await page.locator(until).first().waitFor();
    return { page, complaints, requests };
  }
  await page.waitForFunction(() => {
    const video = document.querySelector("video");
    return video !== null && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  });
  return { page, complaints, requests };
}

/** A test that needs a browser; without one it is left out, under a name that says so. */
export function inBrowser(name: string, fn: () => Promise<void>): void {
  if (browserPath() !== undefined) Deno.test(name, fn);
  else {
    Deno.test({
      name: `${name} (left out: no Chromium here, CHROMIUM names one)`,
      ignore: true,
      fn,
    });
  }
}

/** Serves `isa4d view` with these arguments while `body` looks at its address; returns its stderr. */
export async function whileViewed(
  args: readonly string[],
  cwd: string,
  body: (address: string) => Promise<void>,
): Promise<string> {
  const stop = new AbortController();
  const { promise: address, resolve } = Promise.withResolvers<string>();
  const ended = isa4d(["view", ...args], {
    ...{ cwd, signal: stop.signal },
    writeOut: (bytes) => Promise.resolve(resolve(new TextDecoder().decode(bytes).trim())),
  });
  try {
    await body(await Promise.race([address, ended.then(({ stderr }) => Promise.reject(stderr))]));
  } finally {
    stop.abort();
    await ended;
  }
  const { code, stderr } = await ended;
  equal(code, 0, stderr);
  return stderr;
}
