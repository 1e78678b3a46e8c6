/**
 * Weights of a VideoVAE that corrects the prior, of the smallest kind.
 * @module
 */
import { join } from "node:path";
import { saveVideoVae, VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { add_, generator, mul, noGrad, randn, scope } from "../../lib/tensor/mod.ts";

/** Writes weights without an ISA-DiT; their decoder changes nothing, or with `loud` everything. */
export async function writePriorDecoder(
  folder: string,
  { loud = false, knows = true } = {},
): Promise<string> {
  const config = {
    ...videoVaePresets.tiny,
    ...knows ? { priorDecoder: { patchSize: 4, channels: [8, 8], blocks: 1 } } : {},
  };
  using vars = Vars.root({ seed: 1 });
  const vae = new VideoVae(vars, config);
  using random = generator(3);
  if (loud) {
    noGrad(() =>
      scope(() => {
        for (const [name, weight] of vars.parameters()) {
          if (!name.startsWith("prior_decoder.")) continue;
          add_(weight, mul(randn([...weight.shape], { generator: random }), 0.1));
        }
      })
    );
  }
  await Deno.mkdir(folder, { recursive: true });
  await saveVideoVae(join(folder, "video_vae.safetensors"), vae);
  return folder;
}
