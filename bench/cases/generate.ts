/** From conditions to the bytes of all frames: sampling with guidance, then decoding. */

import type { IsaDitConditions, IsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import type { VideoVaeConfig } from "../../lib/models/video_vae/mod.ts";
import { decodeLatents, sampleLatents } from "../../lib/pipelines/mod.ts";
import { generator, type Tensor, tensor } from "../../lib/tensor/mod.ts";
import { type BenchCase, readInputs, readSpec, repeated, writeInputs, writeSpec } from "./case.ts";
import { loadDit, makeDit, randomConditions } from "./dit.ts";
import { loadVae, makeVae } from "./vae.ts";

interface GenerateSpec {
  readonly kind: "generate";
  readonly dit: IsaDitConfig;
  readonly vae: VideoVaeConfig;
  readonly frames: number;
  readonly side: number;
  readonly job: {
    readonly steps: number;
    readonly cfgScale: number;
    readonly flowShift: number;
    readonly seed: number;
  };
}

const VAE_FILE = "vae.safetensors";

function generateCase(frames: number, steps: number): BenchCase {
  return {
    name: `generate-${frames}`,
    summary: `${frames} frames of 128×128, ${steps} steps with guidance, float32`,
    // Bytes of pictures: a value on the edge between two may go either way.
    tolerance: 2 / 255,
    async make(folder, tiny) {
      const dit = await makeDit(folder, tiny);
      const vae = await makeVae(folder, "shipped", { tiny, file: VAE_FILE });
      const [F, side] = tiny ? [5, 32] : [frames, 128];
      using random = generator(3, "cpu");
      const size = { B: 1, T: (F + 3) / 4, h: side / 8, w: side / 8 };
      const job = { steps: tiny ? 2 : steps, cfgScale: 2, flowShift: 1, seed: 4 };
      const spec: GenerateSpec = { kind: "generate", dit, vae, frames: F, side, job };
      await writeSpec(folder, spec);
      await writeInputs(folder, randomConditions(dit, size, random));
    },
    async load(folder) {
      const { dit, vae, frames, side, job } = await readSpec<GenerateSpec>(folder);
      const model = await loadDit(folder, dit);
      const decoder = await loadVae(folder, vae, VAE_FILE);
      const conditions = await readInputs(folder) as unknown as IsaDitConditions;
      return repeated(async (): Promise<Tensor> => {
        using latents = await sampleLatents(model, conditions, job);
        const stored = { latents, frames, width: side, height: side, fps: 8 };
        const bytes = new Uint8Array(frames * side * side * 3);
        let at = 0;
        for await (const picture of decodeLatents(decoder, stored, { chunk: 1 })) {
          bytes.set(picture, at);
          at += picture.length;
        }
        return tensor(bytes, { shape: [1, frames, side, side, 3], dtype: "uint8" });
      });
    },
  };
}

/** Whole generations. */
export const generateCases: readonly BenchCase[] = [
  generateCase(17, 8),
  generateCase(65, 4),
  generateCase(257, 2),
];
