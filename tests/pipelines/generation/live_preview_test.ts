import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { imageSize, type Origin, readVideo, readXmp } from "../../../lib/io/mod.ts";
import { checkPreviewFile, isPreviewFile } from "../../../lib/pipelines/mod.ts";
import { LivePreview } from "../../../lib/pipelines/generation/live_preview.ts";
import { TimeShare } from "../../../lib/pipelines/generation/time_share.ts";
import { loadVideoVae } from "../../../lib/models/video_vae/mod.ts";
import { generator, liveTensors, randn } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writeTinyWeights } from "../../support/tiny_weights.ts";

Deno.test("time share: whatever work costs, it takes no more than its share once its cost is known", async () => {
  for (const cost of [1, 20, 140, 3000]) {
    let now = 0;
    const time = new TimeShare(0.03, () => now);
    let [done, spent] = [0, 0];
    for (let step = 0; step < 2000; step++) {
      now += 100;
      const did = await time.spend(10, () => {
        now += cost;
        return Promise.resolve();
      });
      if (!did) continue;
      done++;
      spent += cost;
      if (done > 1) ok(spent <= (now - spent) * 0.03, `${spent} of ${now}`);
    }
    const used = done > 1990 || spent > (now - spent) * 0.03 - 2 * cost;
    ok(done > 1 && used, `${done} times ${cost} of ${now}`);
  }
});

Deno.test("time share: work that takes longer now and then keeps within its share too", async () => {
  let now = 0;
  const time = new TimeShare(0.03, () => now);
  let [spent, done] = [0, 0];
  for (let step = 0; step < 5000; step++) {
    now += 100;
    const cost = done % 7 === 0 ? 25 : 5;
    const did = await time.spend(25, () => {
      now += cost;
      spent += cost;
      return Promise.resolve();
    });
    if (did) done++;
    ok(spent <= (now - spent) * 0.03, `${spent} of ${now} at ${step}`);
  }
  ok(done > 1000 && spent > now * 0.028, `${done} times, ${spent} of ${now}`);
});

Deno.test("live preview: each kind of file is a whole one after every step, marked, and nothing is left", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const vae = await loadVideoVae(join(folder, "video_vae.safetensors"), { device: "cpu" });
    const live = liveTensors();
    const random = generator(1, "cpu");
    const clip = { width: 32, height: 24, frames: 7, fps: 8 };
    const { latentChannels } = vae.config;
    const origin: Origin = {
      ...{ sourceType: "trainedAlgorithmicMedia", creatorTool: "isa4d 0", ingredients: [] },
    };
    for (const name of ["now.png", "now.jpg", "now.mp4"]) {
      const path = join(folder, name);
      equal(await isPreviewFile(path), false);
      const preview = new LivePreview(vae, { path, origin }, { clip, device: "cpu" });
      {
        using latents = randn([1, latentChannels, 3, 3, 4], { generator: random });
        await new Promise((resolve) => setTimeout(resolve, 60));
        await preview.see(latents, { step: 9, of: 9, elapsedMs: 0 });
        equal(await isPreviewFile(path), false, "after the last step");
        await preview.see(latents, { step: 1, of: 9, elapsedMs: 0 });
      }
      equal(await isPreviewFile(path), true, name);
      match((await readXmp(path))!.digitalSourceType!, /\/trainedAlgorithmicMedia$/);
      if (name === "now.mp4") equal((await readVideo(path)).count, 7);
      else deepEqual(await imageSize(path), { width: 32, height: 24 });
    }
    const notices: string[] = [];
    const lost = { path: "/proc/none/now.png", origin };
    const preview = new LivePreview(vae, lost, { clip, onNotice: (text) => notices.push(text) });
    using latents = randn([1, latentChannels, 1, 3, 4], { generator: random });
    for (const step of [1, 2]) await preview.see(latents, { step, of: 9, elapsedMs: 0 });
    equal(notices.length, 1);
    match(
      notices[0],
      /cannot write "\/proc\/none\/now\.png": .*; the run continues without a preview$/,
    );
    latents.dispose();
    random[Symbol.dispose]();
    equal(liveTensors(), live);
    vae.vars.dispose();
  }));

Deno.test("live preview: names that it cannot have are refused", () => {
  for (const name of ["now.png", "now.JPG", "now.gif", "a/now.webm"]) checkPreviewFile(name);
  for (const name of ["now", "now.txt", "%d.png", "-"]) {
    throws(() => checkPreviewFile(name), /expected a name ending in \.png, \.jpg, \.mp4/);
  }
});
