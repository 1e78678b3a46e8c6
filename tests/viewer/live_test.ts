/// <reference lib="dom" />
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { encodePng, type Origin, writePng, writeVideo } from "../../lib/io/mod.ts";
import { previewOrigin, previewText } from "../../lib/pipelines/generation/preview_facts.ts";
import { LiveSite, type LiveState } from "../../lib/viewer/mod.ts";
import { countdown, duration } from "../../lib/viewer/page/live/time.ts";
import { isa4dCommand } from "../support/cli.ts";
import { withFolder } from "../support/folders.ts";
import { smallJob, writeJobFiles } from "../support/job_files.ts";
import { ramps } from "../support/pictures.ts";
import { inBrowser, openPage, whileViewed, withBrowser } from "./browser.ts";
import { clip } from "./results.ts";

const origin: Origin = previewOrigin({
  ...{ sourceType: "trainedAlgorithmicMedia", creatorTool: "isa4d 0", ingredients: [] },
});

/** What a preview says of a step that took 200 ms, as those before it did. */
const said = (path: string, step: number, output?: string) =>
  previewText({ path, output }, { step, of: 9, elapsedMs: 200 * step }, {
    ...{ step: 1, of: 9, elapsedMs: 200 },
  });

/** Replaces a preview as generations do: by a rename. */
async function writePreview(path: string, step: number, output?: string): Promise<void> {
  const description = said(path, step, output);
  if (!path.endsWith(".png")) {
    return await writeVideo(path, ramps(clip), { origin, metadata: description });
  }
  const bytes = await encodePng(ramps(clip), { index: step % clip.count, origin, description });
  await Deno.writeFile(`${path}.part`, bytes);
  await Deno.rename(`${path}.part`, path);
}

async function stateOf(site: LiveSite): Promise<LiveState> {
  const answer = await site.answer("state");
  if (answer?.kind !== "bytes") throw new Error("no state");
  return JSON.parse(new TextDecoder().decode(answer.bytes));
}

async function clipState(site: LiveSite) {
  const state = await stateOf(site);
  if (state.kind !== "clip") throw new Error("no clip yet");
  return state;
}

Deno.test("live: a file that is not there yet is waited for, and followed when it is replaced", () =>
  withFolder(async (folder) => {
    for (const name of ["now.png", "now.mp4", "now.mkv"]) {
      const path = join(folder, name);
      const site = new LiveSite(path, { script: "", spare: join(folder, "spare.mp4") });
      deepEqual(await stateOf(site), { kind: "waiting" });
      await writePreview(path, 3);
      const first = await clipState(site);
      deepEqual(first.progress, { step: 3, of: 9, stepMs: 200 });
      equal(first.finished, false);
      equal(first.form, name.endsWith(".png") ? "picture" : "video");
      await writePreview(path, 4);
      const second = await clipState(site);
      deepEqual([second.progress?.step, second.version === first.version], [4, false]);
      for (const { version } of [first, second]) {
        const got = await site.answer(`clip/${version}`);
        ok(got?.kind === "bytes" && got.bytes.length > 100, name);
        equal(got.type, name.endsWith(".png") ? "image/png" : "video/mp4");
      }
      equal(await site.answer("clip/1-2-3"), undefined);
      await Deno.remove(path);
      equal((await clipState(site)).version, second.version);
    }
  }));

Deno.test("live: of a folder the newest preview, of a result its own; then the result itself", () =>
  withFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const site = (path: string) => new LiveSite(path, { script: "", spare: at(".spare.mp4") });
    await writePng(at("other.png"), ramps(clip));
    const [whole, own] = [site(folder), site(at("b.mp4"))];
    deepEqual(await stateOf(whole), { kind: "waiting" });
    await writePreview(at("a.png"), 2, at("a.mp4"));
    equal((await clipState(whole)).name, "a.png");
    deepEqual(await stateOf(own), { kind: "waiting" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writePreview(at("b.png"), 5, at("b.mp4"));
    equal((await clipState(whole)).name, "b.png");
    equal((await clipState(own)).progress?.step, 5);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writeVideo(at("b.mp4"), ramps(clip));
    for (const site of [whole, own]) {
      const { name, finished, form, progress } = await clipState(site);
      deepEqual([name, finished, form, progress], ["b.mp4", true, "video", undefined]);
    }
  }));

Deno.test("live: a file that is half written by others is no end; the last whole one stays", () =>
  withFolder(async (folder) => {
    const path = join(folder, "now.mkv");
    const site = new LiveSite(path, { script: "", spare: join(folder, "spare.mp4") });
    await writePreview(path, 2);
    const { version } = await clipState(site);
    await Deno.writeTextFile(path, "half");
    equal((await clipState(site)).version, version);
  }));

Deno.test("live: times are told as people say them", () => {
  equal(countdown({ step: 3, of: 9, stepMs: 200 }, 500), 700);
  equal(countdown({ step: 3, of: 9, stepMs: 200 }, 5000), 0);
  deepEqual([4400, 89_000, 200_000, 7_500_000].map(duration), [
    "4 s",
    "89 s",
    "3 min",
    "2 h 5 min",
  ]);
});

inBrowser(
  "page: a clip is followed while it is made, from before its begin to its end",
  () =>
    withFolder(async (folder) => {
      const path = join(folder, "now.png");
      await whileViewed(["--live", "now.png"], folder, (address) =>
        withBrowser(async (browser) => {
          const phone = { width: 400, height: 700, until: ".live" };
          const { page, complaints, requests } = await openPage(browser, address, phone);
          await page.getByText("waiting for the first picture").waitFor();
          await writePreview(path, 3, join(folder, "out.mp4"));
          await page.getByText("step 3 of 9").waitFor();
          const picture = () =>
            page.evaluate(() => {
              const { src, naturalWidth } = document.querySelector("img")!;
              return { src, naturalWidth };
            });
          const first = await picture();
          equal(first.naturalWidth, clip.width);
          match(await page.title(), /^3\/9 · now\.png$/);
          await writePreview(path, 6, join(folder, "out.mp4"));
          await page.getByText("step 6 of 9").waitFor();
          ok((await picture()).src !== first.src);
          await new Promise((resolve) => setTimeout(resolve, 20));
          await writeVideo(join(folder, "out.mp4"), ramps(clip));
          await page.getByText("out.mp4: finished").waitFor();
          await page.waitForFunction(() => document.querySelector("video")!.currentTime > 0);
          deepEqual(complaints, []);
          ok(requests.every((url) => url.startsWith(address)), `${requests}`);
        }));
    }),
);

Deno.test("isa4d generate --preview-file: its steps are seen by who follows it, and the end", () =>
  withFolder(async (cwd) => {
    await writeJobFiles(cwd);
    const site = new LiveSite(join(cwd, "now.png"), { script: "", spare: join(cwd, "s.mp4") });
    const child = new Deno.Command(isa4dCommand[0], {
      args: [
        ...[...isa4dCommand.slice(1), ...smallJob, "--steps", "60", "-o", "a.mp4"],
        ...["--preview-file", "now.png"],
      ],
      ...{ cwd, stdout: "null", stderr: "piped" },
    }).spawn();
    const steps = new Set<number>();
    const [{ code, stderr }] = await Promise.all([
      child.output(),
      (async () => {
        for (let asked = 0; asked < 1200; asked++) {
          const state = await stateOf(site);
          if (state.kind === "clip" && state.finished) return;
          if (state.kind === "clip" && state.progress) {
            equal(state.progress.of, 60);
            steps.add(state.progress.step);
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })(),
    ]);
    equal(code, 0, new TextDecoder().decode(stderr));
    ok(steps.size > 0);
    const { name, finished } = await clipState(site);
    deepEqual([name, finished], ["a.mp4", true]);
  }));
