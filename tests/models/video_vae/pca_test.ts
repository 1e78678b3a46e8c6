import { equal, ok, rejects } from "node:assert/strict";
import { writeSafetensors } from "../../../lib/io/mod.ts";
import {
  loadVideoVae,
  type PcaBasis,
  saveVideoVae,
  VideoVae,
  videoVaeFacts,
  videoVaePresets,
} from "../../../lib/models/video_vae/mod.ts";
import {
  generator,
  liveTensors,
  narrow,
  noGrad,
  randn,
  scope,
  type Tensor,
  tensor,
  toArray,
} from "../../../lib/tensor/mod.ts";
import { assertClose } from "../../support/fixtures.ts";

const D = 3 * 4 * 8 * 8;

/** Channel c reads and writes value 47·c of a block, at scale c + 1; the decoder has no context. */
function unitBasis(): PcaBasis {
  const analysis = new Float32Array(16 * D);
  const synthesis = new Float32Array(D * 16 * 18);
  const still = new Float32Array(192 * 16 * 9);
  for (let c = 0; c < 16; c++) {
    const at = 47 * c;
    const inFrame = (at >> 8) * 64 + (at & 63);
    analysis[c * D + at] = 1 / (c + 1);
    synthesis[(at * 16 + c) * 18 + 9 + 4] = c + 1;
    still[(inFrame * 16 + c) * 9 + 4] = c + 1;
  }
  return {
    mean: tensor(new Float32Array(D).fill(0.25)),
    analysis: tensor(analysis, { shape: [16, D] }),
    synthesis: tensor(synthesis, { shape: [D, 16, 2, 3, 3] }),
    still: tensor(still, { shape: [192, 16, 1, 3, 3] }),
  };
}

function withPca<T>(work: (vae: VideoVae) => T, config = videoVaePresets.pca): T {
  const basis = unitBasis();
  const vae = VideoVae.fromPca(basis, config, { seed: 2 });
  try {
    return work(vae);
  } finally {
    vae.vars.dispose();
    for (const value of Object.values(basis)) value.dispose();
  }
}

function clip(frames: number): Tensor {
  using random = generator(1, "cpu");
  return randn([1, 3, frames, 16, 8], { generator: random });
}

Deno.test("Pca: channel c of latent k is its projection of frames 4k − 3 … 4k", () => {
  withPca((vae) =>
    noGrad(() =>
      scope(() => {
        const x = clip(5);
        const pixels = toArray(x) as Float32Array;
        const z = toArray(vae.encode(x)) as Float32Array; // [1,16,2,2,1]
        for (let c = 0; c < 16; c++) {
          const at = 47 * c;
          const [colour, t, row, column] = [at >> 8, (at >> 6) & 3, (at >> 3) & 7, at & 7];
          for (const [k, frame] of [[0, 0], [1, 1 + t]]) {
            const value = pixels[((colour * 5 + frame) * 16 + 8 + row) * 8 + column];
            const expected = (value - 0.25) / (c + 1);
            ok(Math.abs(z[(c * 2 + k) * 2 + 1] - expected) < 1e-5, `channel ${c}, latent ${k}`);
          }
        }
      })
    )
  );
});

Deno.test("Pca: decoding gives back what the basis holds", () => {
  withPca((vae) =>
    noGrad(() =>
      scope(() => {
        const x = clip(5);
        const [before, after] = [x, vae.decode(vae.encode(x))].map((v) =>
          toArray(v) as Float32Array
        );
        for (let c = 0; c < 16; c++) {
          const at = 47 * c;
          const [colour, t, row, column] = [at >> 8, (at >> 6) & 3, (at >> 3) & 7, at & 7];
          for (const frame of [0, 1 + t]) {
            const i = ((colour * 5 + frame) * 16 + 8 + row) * 8 + column;
            ok(Math.abs(after[i] - before[i]) < 1e-5, `channel ${c}, frame ${frame}`);
          }
        }
      })
    )
  );
});

Deno.test("VideoVae small: a fresh decoder net changes nothing, and the latent stays the PCA's", () => {
  const [z, x] = withPca((vae) => [vae.encode(clip(5)), vae.decode(vae.encode(clip(5)))]);
  withPca((vae) =>
    noGrad(() =>
      scope(() => {
        ok(vae.vars.countParameters() > 1e5);
        assertClose(vae.encode(clip(5)), z, 1e-6);
        assertClose(vae.decode(z), x, 1e-6);
      })
    ), videoVaePresets.small);
  z.dispose();
  x.dispose();
});

Deno.test("saveVideoVae: a saved model is loaded as it was, and foreign files are named", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/vae.safetensors`;
  const before = liveTensors();
  const basis = unitBasis();
  const vae = VideoVae.fromPca(basis, videoVaePresets.small);
  using vars = vae.vars;
  await saveVideoVae(path, vae, { step: "3" });
  const loaded = await loadVideoVae(path);
  equal(JSON.stringify(loaded.config), JSON.stringify(videoVaePresets.small));
  scope(() => {
    for (const [name, value] of loaded.vars.named()) {
      assertClose(value, vars.named().get(name)!, 0, name);
      equal(value.requiresGrad, false, name);
    }
    narrow(loaded.vars.named().get("pca.mean")!, 0, 0, 1);
  });
  loaded.vars.dispose();
  const state = vars.save();
  state.delete("pca.mean");
  await writeSafetensors(path, state, videoVaeFacts(vae.config));
  await rejects(loadVideoVae(path), /1 missing \(pca\.mean\)/);
  vars.dispose();
  for (const value of Object.values(basis)) value.dispose();
  equal(liveTensors(), before);
  await Deno.remove(folder, { recursive: true });
});
