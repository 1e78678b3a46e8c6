/**
 * A folder of weights as `generate` reads it, of the smallest models, with random values.
 * @module
 */
import { join } from "node:path";
import {
  IsaDit,
  type IsaDitConfig,
  isaDitPresets,
  saveIsaDit,
} from "../../lib/models/isa_dit/mod.ts";
import { saveVideoVae, VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { add_, generator, noGrad, randn, scope } from "../../lib/tensor/mod.ts";

/** Writes `video_vae.safetensors` and `isa_dit.safetensors` into `folder`; `change` is the ISA-DiT's. */
export async function writeTinyWeights(
  folder: string,
  change: Partial<IsaDitConfig> = {},
): Promise<void> {
  const vaeConfig = videoVaePresets.tiny;
  using vaeVars = Vars.root({ seed: 1 });
  await saveVideoVae(join(folder, "video_vae.safetensors"), new VideoVae(vaeVars, vaeConfig));
  const { latentChannels } = vaeConfig;
  const config = { ...isaDitPresets.tiny, latentChannels, ...change };
  using vars = Vars.root({ seed: 2 });
  new IsaDit(vars, config);
  wake(vars);
  await saveIsaDit(join(folder, "isa_dit.safetensors"), { config, vars });
}

/** A fresh model is silent: its gates and its last layer are zero. */
function wake(vars: Vars): void {
  using random = generator(3, "cpu");
  noGrad(() => {
    for (const tensor of vars.parameters().values()) {
      scope(() => add_(tensor, randn(tensor.shape, { generator: random }), { alpha: 0.05 }));
    }
  });
}
