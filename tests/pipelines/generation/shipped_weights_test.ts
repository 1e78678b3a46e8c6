import { ok } from "node:assert/strict";
import { HELD_OUT_SEED, readBody, renderClip } from "../../../lib/data/mod.ts";
import { foreground, maskIou } from "../../../lib/eval/mod.ts";
import { findWeights, generateClip, Models, throughVae } from "../../../lib/pipelines/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";

Deno.test("weights/small: a person never seen stands where body and camera say", async () => {
  const before = liveTensors();
  {
    using models = await Models.load(await findWeights("small"));
    const body = await readBody();
    const clip = renderClip(body, { seed: HELD_OUT_SEED + 1, frames: 9 });
    const sampling = { steps: 8, cfgScale: 1, flowShift: 1, seed: 0 };
    const made = await generateClip(models, body, clip, sampling);
    const background = throughVae(models, clip.background);
    const iou = maskIou(foreground(made.data, background.data), clip.mask);
    ok(iou > 0.5, `IoU ${iou}`);
  }
  ok(liveTensors() === before, `${liveTensors() - before} tensors left`);
});
