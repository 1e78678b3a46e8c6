/// <reference lib="dom" />
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { readImage } from "../../lib/io/mod.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { inBrowser, openPage, whileViewed, withBrowser } from "./browser.ts";
import { clip, writeGridResult, writeResult } from "./results.ts";

const desktop = { width: 1020, height: 640 } as const;
const phone = { width: 360, height: 740 } as const;

/** Writes the page of a result and returns its address. */
async function pageOf(folder: string, result: string): Promise<string> {
  const { code, stderr } = await isa4d(["view", result, "--html", "page.html"], { cwd: folder });
  equal(code, 0, stderr);
  return `file://${join(folder, "page.html")}`;
}

/** Waits until the bar below the stage names this frame and, where there are several, view. */
async function waitForPlace(page: Page, place: string): Promise<void> {
  await page.waitForFunction((place) => {
    const numbers = [...document.querySelectorAll(".transport b")].map((b) => b.textContent);
    return numbers.join(" ") === place;
  }, place);
}

/** Waits until the picture that is seen is that of a frame: frame k has a blue of 255·k/count. */
async function waitForPicture(page: Page, frame: number): Promise<void> {
  const blue = Math.floor(frame * 255 / clip.count);
  await page.waitForFunction((blue) => {
    const small = Object.assign(document.createElement("canvas"), { width: 4, height: 4 });
    const context = small.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(document.querySelector<HTMLCanvasElement>(".screen canvas")!, 0, 0, 4, 4);
    const { data } = context.getImageData(0, 0, 4, 4);
    const sum = data.reduce((total, value, i) => total + (i % 4 === 2 ? value : 0), 0);
    return Math.abs(sum / 16 - blue) < 12;
  }, blue);
}

/** How many colours a part of the page shows. */
async function coloursOf(page: Page, part: string, folder: string): Promise<number> {
  const path = join(folder, "part.png");
  await page.locator(part).screenshot({ path });
  const { data } = await readImage(path);
  const seen = new Set<number>();
  for (let i = 0; i < data.length; i += 3) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  return seen.size;
}

/** Whether the page is wider than the screen. */
function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

inBrowser(
  "page: from a file, alone: it draws, scrubs, plays, and asks nobody for anything",
  () =>
    withFolder(async (folder) => {
      await writeResult(folder);
      const byFrame = { psnr: [20, 21, 22, 21, 20] };
      const report = { name: "out.mp4", scores: { psnr: 20.8 }, byFrame };
      await Deno.writeTextFile(
        join(folder, "out.mp4.metrics.json"),
        JSON.stringify({ format: "isa4d-eval", version: 1, videos: [report] }),
      );
      const address = await pageOf(folder, "out.mp4");
      await withBrowser(async (browser) => {
        const { page, complaints, requests } = await openPage(browser, address, desktop);
        equal(await page.title(), "out.mp4");
        ok(await coloursOf(page, ".scene canvas", folder) > 100);

        const last = clip.count - 1;
        await waitForPlace(page, "0");
        await page.locator(".time input").fill("3");
        await waitForPlace(page, "3");
        await waitForPicture(page, 3);
        // Hovering waits until the page has come to rest: pictures may still push the strip about.
        const strip = page.locator(".strip");
        const { width, height } = (await strip.boundingBox())!;
        await strip.hover({ position: { x: width * 0.3, y: height / 2 } });
        await page.mouse.down();
        await waitForPlace(page, "1");
        await strip.hover({ position: { x: width * 0.99, y: height / 2 } });
        await page.mouse.up();
        await waitForPlace(page, `${last}`);
        await waitForPicture(page, last);

        for (
          const [key, where] of [["Home", 0], ["ArrowRight", 1], ["End", last], ["ArrowLeft", 3]]
        ) {
          await page.keyboard.press(String(key));
          await waitForPlace(page, `${where}`);
        }
        await page.keyboard.press("Space");
        await page.waitForFunction(() => !document.querySelector("video")!.paused);
        await page.keyboard.press("Space");
        await page.waitForFunction(() => document.querySelector("video")!.paused);
        await page.keyboard.press("?");
        match(await page.locator("dialog[open]").innerText(), /first or last frame/);
        await page.keyboard.press("Escape");
        await page.locator("dialog[open]").waitFor({ state: "detached" });

        match(await page.locator(".quality").innerText(), /PSNR \(dB\)\s+20\.8/);
        match(await page.locator(".settings").innerText(), /orbit:deg=60/);
        deepEqual(complaints, []);
        deepEqual(requests.filter((url) => !/^(data|blob):/.test(url)), [address]);
      });
    }),
);

inBrowser(
  "page: the scene through the camera, and its own light and dark",
  () =>
    withFolder(async (folder) => {
      const address = await pageOf(folder, await writeResult(folder));
      await withBrowser(async (browser) => {
        const { page, complaints } = await openPage(browser, address, { ...desktop, dark: true });
        const around = await page.locator(".scene canvas").screenshot();
        await page.keyboard.press("c");
        equal(await page.locator(".scene .frame").count(), 1);
        const through = await page.locator(".scene canvas").screenshot();
        ok(!around.equals(through));
        const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const dark = await paper();
        await page.keyboard.press("t");
        ok(await paper() !== dark);
        ok(!(await page.locator(".scene canvas").screenshot()).equals(through));
        deepEqual(complaints, []);
      });
    }),
);

inBrowser(
  "page: a served grid is walked over time and views, on a phone too",
  () =>
    withFolder(async (folder) => {
      await writeGridResult(folder);
      await whileViewed(["grid.mp4"], folder, async (own) => {
        await withBrowser(async (browser) => {
          const { page, complaints, requests } = await openPage(browser, own, phone);
          equal(await scrollsSideways(page), false);
          await waitForPlace(page, "0 0");
          await page.keyboard.press("ArrowDown");
          await waitForPlace(page, "0 1");
          await page.locator(".view input").fill("0");
          await waitForPlace(page, "0 0");
          const second = page.locator(".strip").nth(1);
          await second.scrollIntoViewIfNeeded();
          await second.click({ position: { x: 70, y: 10 } });
          await waitForPlace(page, "1 1");
          await waitForPicture(page, 1);
          match(await page.locator(".video figcaption").innerText(), /^View 1, given$/);
          deepEqual(complaints, []);
          ok(
            requests.every((url) => url.startsWith(own) || /^(data|blob):/.test(url)),
            `${requests}`,
          );
        });
      });
    }),
);
