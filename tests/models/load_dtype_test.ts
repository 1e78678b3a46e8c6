import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { loadIsaDit } from "../../lib/models/isa_dit/mod.ts";
import {
  loadVideoVae,
  startVideoVae,
  VideoVae,
  videoVaePresets,
} from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { liveBytes, liveTensors, scope, to, toNumbers } from "../../lib/tensor/mod.ts";
import { withFolder } from "../support/folders.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

for (
  const [name, file, load] of [
    ["loadIsaDit", "isa_dit.safetensors", loadIsaDit],
    ["loadVideoVae", "video_vae.safetensors", loadVideoVae],
  ] as const
) {
  Deno.test(`${name}: weights come as the dtype asked for, rounded from the file's, in half the memory`, () =>
    withFolder(async (folder) => {
      await writeTinyWeights(folder);
      const path = join(folder, file);
      const before = liveTensors();
      const { vars: full } = await load(path);
      const whole = liveBytes();
      const { vars: half } = await load(path, { dtype: "bfloat16" });
      const buffers = [...half.named().values()].filter(({ dtype }) => dtype !== "bfloat16");
      const kept = buffers.reduce((sum, { numel }) => sum + numel, 0);
      const all = [...half.named().values()].reduce((sum, { numel }) => sum + numel, 0);
      equal(liveBytes() - whole, 2 * (all - kept) + 4 * kept);
      scope(() => {
        for (const [key, value] of half.named()) {
          const wanted = to(full.named().get(key)!, { dtype: value.dtype });
          deepEqual(toNumbers(value), toNumbers(wanted), key);
        }
      });
      full.dispose();
      half.dispose();
      equal(liveTensors(), before);
    }));
}

Deno.test("startVideoVae: takes what the file has; the rest begins as in a fresh model", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const path = join(folder, "video_vae.safetensors");
    const before = liveTensors();
    const config = { ...videoVaePresets.tiny, priorDecoder: videoVaePresets["prior"].priorDecoder };
    const stored = await loadVideoVae(path);
    const started = await startVideoVae(path, config, { seed: 7 });
    const fresh = new VideoVae(Vars.root({ seed: 7 }), config);
    equal(started.vars.named().size > stored.vars.named().size, true);
    for (const [name, value] of started.vars.named()) {
      const from = stored.vars.named().get(name) ?? fresh.vars.named().get(name)!;
      deepEqual(toNumbers(value), toNumbers(from), name);
    }
    for (const { vars } of [stored, started, fresh]) vars.dispose();
    equal(liveTensors(), before);
  }));
