/// <reference lib="dom" />
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { decodeImage } from "../../lib/io/mod.ts";
import { GallerySite } from "../../lib/viewer/mod.ts";
import { isa4d } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { inBrowser, openPage, whileViewed, withBrowser } from "./browser.ts";
import { clip, writeGridResult, writePictures, writeResult } from "./results.ts";

const scripts = { gallery: "", result: "" };

/** A batch of three seeds, one of them in a folder of its own, and files that are wrong. */
async function writeMany(folder: string): Promise<void> {
  await Deno.mkdir(join(folder, "more"));
  await writeResult(folder, "a.mp4", { seed: 1 });
  await writeResult(folder, "b.gif", { seed: 2, camera: "static" });
  await writeResult(folder, "more/c.mp4", { seed: 3 });
  await Deno.writeTextFile(join(folder, "a.mp4.metrics.json"), '{"psnr": 21.5}');
  await Deno.writeTextFile(join(folder, "broken.mp4"), "no video");
  await writeResult(folder, "gone.webm");
  await Deno.remove(join(folder, "gone.webm"));
}

Deno.test("gallery: all results of a folder and below, by settings and measures; bad files are named", () =>
  withFolder(async (folder) => {
    await writeMany(folder);
    const site = new GallerySite(folder, { scripts, spare: folder });
    const { results, fields, leftOut } = await site.list();
    deepEqual(results.map(({ name }) => name), ["a.mp4", "b.gif", "more/c.mp4"]);
    const valuesOf = (name: string) =>
      results.map(({ values }) => values[fields.findIndex((field) => field.name === name)]);
    deepEqual(valuesOf("seed"), ["1", "2", "3"]);
    deepEqual(valuesOf("PSNR (dB)"), ["21.5", null, null]);
    deepEqual(valuesOf("camera"), ["orbit:deg=60", "static", "orbit:deg=60"]);
    deepEqual(valuesOf("folder"), [null, null, "more"]);
    deepEqual(valuesOf("reference"), ["me.png", "me.png", "me.png"]);
    match(results[0].again, /^isa4d generate --from \S+\/a\.mp4 -o again\.mp4$/);
    deepEqual(leftOut.map(({ name }) => name), ["broken.mp4", "gone.webm"]);
    match(leftOut[0].reason, /cannot read "broken\.mp4" as a video/);
    match(leftOut[1].reason, /"gone\.webm" is a record, but its video/);
  }));

Deno.test("gallery: a grid stands there once, numbered pictures are one result", () =>
  withFolder(async (folder) => {
    await writeGridResult(folder);
    await writePictures(folder);
    const { results, leftOut } = await new GallerySite(folder, { scripts, spare: folder }).list();
    deepEqual(results.map(({ name }) => name), ["frames", "grid.mp4"]);
    match(results[1].again, /^isa4d grid /);
    deepEqual(leftOut, []);
  }));

Deno.test("gallery: pictures, videos and pages are given by number, others' files never", () =>
  withFolder(async (folder) => {
    await writeMany(folder);
    const site = new GallerySite(folder, { scripts, spare: folder });
    const numbers = new Map((await site.list()).results.map(({ name, id }) => [name, id]));
    const [a, b] = [numbers.get("a.mp4")!, numbers.get("b.gif")!];
    for (const [what, height] of [["thumb", 270], ["picture", clip.height]] as const) {
      const picture = await site.answer(`${what}/${b}`);
      equal(picture?.kind, "bytes");
      if (picture?.kind !== "bytes") return;
      equal((await decodeImage(picture.bytes, "p", { minSide: 1 })).height, height);
    }
    deepEqual(await site.answer(`video/${a}`), {
      ...{ kind: "file", path: join(folder, "a.mp4"), type: "video/mp4" },
    });
    const played = await site.answer(`video/${b}`);
    ok(played?.kind === "file" && played.path !== join(folder, "b.gif"));
    deepEqual(await site.answer(`video/${b}`), played);
    const page = await site.answer(`result/${a}/`);
    ok(page?.kind === "page" && page.html.includes("<title>a.mp4</title>"));
    equal((await site.answer(`result/${a}/video/0`))?.kind, "file");
    for (const path of ["thumb/99", `result/${a}`, `result/${a}/video/1`, "video/../me.png", "x"]) {
      equal(await site.answer(path), undefined, path);
    }
    await Deno.writeTextFile(join(folder, "a.mp4"), "no video");
    const refused = await site.answer(`thumb/${a}`);
    ok(refused?.kind === "refusal" && refused.status === 422);
    match(refused.text, /cannot read "[^"]*a\.mp4" as a video/);
    // What is asked for again finds what has come since.
    await writeResult(folder, "later.mp4");
    const again = await site.list();
    deepEqual(again.results.find(({ name }) => name === "b.gif")!.id, b);
    ok(again.results.some(({ name }) => name === "later.mp4"));
  }));

Deno.test("isa4d view FOLDER: without results it ends, and flags of one result are refused", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "empty"));
    await Deno.writeTextFile(join(folder, "empty/a.mp4"), "no video");
    for (
      const [args, expected, text] of [
        [
          ["empty"],
          1,
          /a\.mp4 is not shown: .*\nisa4d view: "[^"]*empty" holds no result: expected/,
        ],
        [["empty", "--html", "p.html"], 2, /--html is for one result: leave it out for a folder/],
        [["empty", "--live", "--metrics", "m.json"], 2, /--metrics is for one result: .*--live/],
        [["none/now.png", "--live"], 1, /there is no folder "[^"]*none"/],
      ] as const
    ) {
      const { code, stderr } = await isa4d(["view", ...args], { cwd: folder });
      equal(code, expected, stderr);
      match(stderr.replace(/^bundling.*\n/gm, ""), text);
    }
  }));

inBrowser(
  "page: a folder of results is looked through, played, filtered, sorted, and each opened",
  () =>
    withFolder(async (folder) => {
      await writeMany(folder);
      const stderr = await whileViewed([folder], folder, (address) =>
        withBrowser(async (browser) => {
          const desktop = { width: 1000, height: 700, until: ".card img" };
          const { page, complaints, requests } = await openPage(browser, address, desktop);
          const cards = page.locator(".card .name");
          deepEqual(await cards.allTextContents(), ["a.mp4", "b.gif", "more/c.mp4"]);
          match(await page.locator(".notes").innerText(), /^2 files are not shown/);
          match((await page.locator(".card").first().textContent())!, /seed1/);
          ok(!(await page.locator(".card").first().textContent())!.includes("fps"));

          await page.locator(".card button").nth(1).hover();
          await page.waitForFunction(() => document.querySelector("video")!.currentTime > 0);
          await page.mouse.move(5, 5);
          await page.locator(".card video").waitFor({ state: "detached" });

          await page.locator(".query input").fill("seed>1");
          deepEqual(await cards.allTextContents(), ["b.gif", "more/c.mp4"]);
          await page.locator(".query input").fill("");
          await page.getByLabel("camera", { exact: true }).selectOption({ label: "static (1)" });
          deepEqual(await cards.allTextContents(), ["b.gif"]);
          await page.getByRole("button", { name: "Show all" }).click();
          await page.getByLabel("Sort by", { exact: true }).selectOption({ label: "seed" });
          await page.getByRole("button", { name: "Greatest first" }).click();
          deepEqual(await cards.allTextContents(), ["more/c.mp4", "b.gif", "a.mp4"]);
          await page.reload();
          deepEqual(await cards.allTextContents(), ["more/c.mp4", "b.gif", "a.mp4"]);

          await page.locator(".card button").last().click();
          const details = page.locator("dialog[open]");
          match(await details.innerText(), /isa4d generate --from \S+\/a\.mp4 -o again\.mp4/);
          const marked = await details.locator(".differs dt").allInnerTexts();
          for (const name of ["seed", "camera", "PSNR (dB)"]) ok(marked.includes(name), name);
          ok(!marked.includes("steps"));
          const [own] = await Promise.all([
            page.waitForEvent("popup"),
            details.getByRole("link").click(),
          ]);
          await own.locator(".transport").waitFor();
          equal(await own.title(), "a.mp4");
          await page.keyboard.press("Escape");
          await details.waitFor({ state: "detached" });
          deepEqual(complaints, []);
          ok(requests.every((url) => url.startsWith(address)), `${requests}`);
        }));
      match(stderr, /note: broken\.mp4 is not shown: cannot read/);
    }),
);

inBrowser(
  "page: of hundreds of results only those in sight are asked for",
  () =>
    withFolder(async (folder) => {
      const first = await writeResult(folder, "r-0.mp4");
      const record = await Deno.readTextFile(`${first}.json`);
      for (let i = 1; i < 300; i++) {
        await Deno.copyFile(first, join(folder, `r-${i}.mp4`));
        await Deno.writeTextFile(
          join(folder, `r-${i}.mp4.json`),
          record.replace('"seed": 0', `"seed": ${i}`),
        );
      }
      await whileViewed([folder], folder, (address) =>
        withBrowser(async (browser) => {
          const desktop = { width: 1000, height: 700, until: ".card img" };
          const { page, complaints, requests } = await openPage(browser, address, desktop);
          equal(await page.locator(".card").count(), 300);
          const thumbs = () => requests.filter((url) => url.includes("/thumb/")).length;
          await page.waitForFunction(() => document.querySelector("img")!.naturalWidth > 0);
          ok(thumbs() < 100, `${thumbs()}`);
          await page.locator(".card").last().scrollIntoViewIfNeeded();
          await page.waitForFunction(() =>
            [...document.querySelectorAll("img")].at(-1)!.naturalWidth > 0
          );
          match(await (await page.locator(".card").last().textContent())!, /seed299/);
          deepEqual(complaints, []);
        }));
    }),
);
