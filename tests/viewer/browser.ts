/**
 * A real browser for tests, where the machine has one.
 * @module
 */
import { type Browser, chromium, type Page } from "playwright-core";

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
  { width, height, dark = false }: Viewport,
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
  await page.waitForFunction(() => {
    const video = document.querySelector("video");
    return video !== null && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  });
  return { page, complaints, requests };
}
