import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { openDataset, writeDataset } from "../../lib/data/mod.ts";
import { loadSynthImageNet, loadSynthPerceptual } from "../../lib/models/perceptual/mod.ts";
import { loadSynthVideoNet } from "../../lib/models/video_features/mod.ts";
import { liveTensors, rand, scope, toNumbers } from "../../lib/tensor/mod.ts";
import {
  featuresTrainPresets,
  parseFeaturesTrainConfig,
  trainFeatures,
} from "../../lib/train/features/mod.ts";
import { withFolder } from "../support/folders.ts";

/** Two tiny clips. */
async function writeClips(folder: string): Promise<string> {
  const out = join(folder, "data");
  await writeDataset({ out, clips: 2, seed: 4, width: 32, height: 32, frames: 5 });
  return out;
}

const config = (net: "image" | "video", steps: number) =>
  parseFeaturesTrainConfig({
    ...featuresTrainPresets[net],
    batch: 2,
    clips: 2,
    settings: { ...featuresTrainPresets[net].settings, steps, warmup: 2, checkpointEvery: steps },
    video: { channels: [8, 8, 8, 16], frames: 5, size: 16 },
  });

Deno.test("trainFeatures: both networks learn two clips, are measured, and load without their heads", () =>
  withFolder(async (folder) => {
    const path = await writeClips(folder);
    const before = liveTensors();
    for (const [net, steps] of [["image", 6], ["video", 24]] as const) {
      using data = await openDataset(path);
      const losses: number[] = [];
      const reports: Readonly<Record<string, number>>[] = [];
      const out = join(folder, net);
      await trainFeatures(config(net, steps), {
        ...{ out, data, validation: data },
        onStep: ({ loss }) => losses.push(loss),
        onValidation: ({ quality }) => reports.push(quality),
      });
      equal(losses.length, steps);
      const third = steps / 3;
      const [begin, end] = [losses.slice(0, third), losses.slice(-third)].map(meanOf);
      ok(end < begin, `${net}: ${begin} → ${end}`);
      equal(reports.length, 1);
      ok(Object.values(reports[0]).every(Number.isFinite));
    }
    const image = await loadSynthImageNet(join(folder, "image/features.safetensors"));
    scope(() => {
      const { joints, cover } = image.net.look(rand([1, 3, 48, 32]));
      deepEqual([joints.shape, cover.shape], [[1, 24, 16, 11], [1, 1, 16, 11]]);
      ok(toNumbers(cover).every((share) => share >= 0 && share <= 1));
    });
    image.vars.dispose();
    const distance = await loadSynthPerceptual(join(folder, "image/features.safetensors"));
    scope(() => {
      const [a, b] = [rand([1, 3, 32, 32]), rand([1, 3, 32, 32])];
      equal(toNumbers(distance.lpips.forward(a, a))[0], 0);
      ok(toNumbers(distance.lpips.forward(a, b))[0] > 0);
    });
    distance.vars.dispose();
    const video = await loadSynthVideoNet(join(folder, "video/features.safetensors"));
    equal(video.net.dimensions, 16);
    video.vars.dispose();
    await rejects(
      loadSynthVideoNet(join(folder, "image/features.safetensors")),
      /synth_image_net/,
    );
    equal(liveTensors(), before);
  }));

Deno.test("trainFeatures: clips that are too short, and wrong settings, are named", () =>
  withFolder(async (folder) => {
    using data = await openDataset(await writeClips(folder));
    const long = { ...config("video", 1), video: { ...config("video", 1).video, frames: 9 } };
    await rejects(
      trainFeatures(long, { out: join(folder, "x"), data }),
      /clips of 5 frames, the network takes 9/,
    );
    throws(() => parseFeaturesTrainConfig({ net: "sound" }), /training config: net/);
    match(JSON.stringify(featuresTrainPresets.image), /"steps":1500/);
  }));

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
