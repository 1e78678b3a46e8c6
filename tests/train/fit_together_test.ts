import { match, ok, throws } from "node:assert/strict";
import { isaDitPresets } from "../../lib/models/isa_dit/mod.ts";
import { videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import {
  checkClipsFit,
  checkInitFits,
  checkStart,
  checkVaeFits,
  ditTrainPresets,
  vaeTrainPresets,
} from "../../lib/train/mod.ts";
import { isa4d } from "../support/cli.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const { tiny, small } = ditTrainPresets;

Deno.test("presets: a VideoVAE and an ISA-DiT of one name fit together", () => {
  const both = Object.keys(ditTrainPresets).filter((name) => Object.hasOwn(vaeTrainPresets, name));
  ok(both.length >= 4, `${both}`);
  for (const name of both) {
    checkVaeFits(ditTrainPresets[name], { path: name, config: vaeTrainPresets[name].model });
  }
});

Deno.test("what does not fit is named with its numbers and what would do", () => {
  throws(
    () => checkVaeFits(small, { path: "v", config: videoVaePresets.tiny }),
    /"v" has latentChannels 4, the model 16: .* add --set model\.latentChannels=4/,
  );
  throws(
    () => checkInitFits(tiny, { path: "w", config: isaDitPresets.small }),
    /"w" are of another model: latentChannels 16 there, 4 here, .* leave --init out/,
  );
  checkInitFits(ditTrainPresets["small-grid"], { path: "w", config: isaDitPresets.small });
  const clips = { name: "c", width: 64, height: 64, frames: 17 };
  checkClipsFit(small, clips, videoVaePresets.small);
  throws(
    () => checkClipsFit(small, { ...clips, width: 72 }, videoVaePresets.small),
    /"c" are 72×64, .* squares of 32 pixels: 64×64 would do/,
  );
  throws(
    () => checkClipsFit(small, { ...clips, frames: 8 }, videoVaePresets.small),
    /have 8 frames, the longest window of --config takes 17: .* at most 3/,
  );
});

Deno.test("an image encoder of CLIP's weights neither learns nor starts from nothing by accident", () => {
  const own = small.model;
  const clip = { ...own, imageEncoderWeights: "clip" } as const;
  const start = (model: typeof own) => checkStart({ ...small, model }, false);
  throws(() => start(clip), /CLIP's, .* --init .* --set model\.imageEncoderWeights=own/);
  start(own);
  const begin = (model: typeof own, config: typeof own) =>
    checkInitFits({ model }, { path: "w", config });
  throws(() => begin(own, clip), /"clip" in "w", "own" in the model: .*Weights=clip$/);
  throws(() => begin(clip, own), /"own" in "w", "clip" in the model: .*Weights=own$/);
  begin(clip, clip);
  begin({ ...own, identityGlobal: false }, clip);
});

Deno.test("isa4d train dit: what does not fit is said before a clip is encoded", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const clips = ["synth", "-o", "data", "--clips", "1", "-W", "32", "-H", "32", "--frames", "5"];
    await isa4d(clips, { cwd: folder });
    const before = namesIn(`${folder}/data`);
    const train = async (...args: string[]) => {
      const own = ["--data", "data", "--vae", "video_vae.safetensors", "--output", "run"];
      const { code, stderr } = await isa4d(["train", "dit", ...own, ...args], { cwd: folder });
      ok(code !== 0, stderr);
      ok(namesIn(`${folder}/data`).length === before.length, "nothing is encoded");
      return stderr;
    };
    match(await train("--config", "small"), /latentChannels 4, the model 16/);
    match(await train("--config", "small-lora"), /name them with --init/);
    const other = ["--init", "isa_dit.safetensors", "--set", "model.layers=1"];
    match(await train("--config", "tiny", ...other), /layers 2 there, 1 here/);
  }));
