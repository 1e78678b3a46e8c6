import { equal, ok, throws } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "../../../lib/io/mod.ts";
import { inflateImageVae, VideoVae, videoVaePresets } from "../../../lib/models/video_vae/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  cat,
  liveTensors,
  narrow,
  noGrad,
  reshape,
  scope,
  stack,
  type Tensor,
  tensor,
} from "../../../lib/tensor/mod.ts";
import { assertClose, loadFixture } from "../../support/fixtures.ts";

const fixture = "video_vae/image_vae.safetensors";

/** The weights of make_image_vae.py, by the names and sizes that diffusers gave them. */
async function imageWeights(): Promise<Map<string, Tensor>> {
  const path = fileURLToPath(new URL(`../../fixtures/${fixture}`, import.meta.url));
  const { metadata } = await readSafetensors(path);
  return new Map(
    metadata.names.split("\n").map((line) => {
      const [name, sizes] = line.split(/ (?=\[)/);
      return [name, wave(name, JSON.parse(sizes) as number[])];
    }),
  );
}

function wave(name: string, shape: number[]): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const phase = name.length + [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const scale = 1 / Math.sqrt(shape.length > 1 ? count / shape[0] : count);
  const offset = shape.length === 1 && name.endsWith("weight") ? 1 : 0;
  const values = Float32Array.from(
    { length: count },
    (_, i) => scale * Math.sin(1.7 * i + phase) + offset,
  );
  return tensor(values, { shape });
}

/** A fresh inflation of the fixture's image VAE. */
async function inflated(vars: Vars): Promise<VideoVae> {
  const vae = new VideoVae(vars, videoVaePresets.tiny);
  const weights = await imageWeights();
  inflateImageVae(vars, weights);
  for (const weight of weights.values()) weight.dispose();
  return vae;
}

Deno.test("VideoVae: inflated, it encodes and decodes a single image as diffusers' image VAE", async () => {
  using vars = Vars.root();
  const vae = await inflated(vars);
  const expected = await loadFixture(fixture);
  noGrad(() =>
    scope(() => {
      const image = expected.get("image")!;
      const [B, C, H, W] = image.shape;
      const { mean, logvar } = vae.encodePosterior(reshape(image, [B, C, 1, H, W]));
      const asImage = (x: Tensor) => reshape(x, [B, x.shape[1], x.shape[3], x.shape[4]]);
      assertClose(asImage(mean), expected.get("mean")!, 1e-4, "mean");
      assertClose(asImage(logvar), expected.get("logvar")!, 1e-4, "logvar");
      assertClose(
        asImage(vae.decode(vae.normalise(mean))),
        expected.get("decoded")!,
        1e-4,
        "image",
      );
    })
  );
  for (const value of expected.values()) value.dispose();
});

Deno.test("VideoVae: inflated, where nothing moves every frame comes back as its own image", async () => {
  using vars = Vars.root();
  const vae = await inflated(vars);
  const expected = await loadFixture(fixture);
  noGrad(() =>
    scope(() => {
      const still = stack(Array.from({ length: 9 }, () => expected.get("image")!), 2);
      const back = vae.decode(vae.encode(still));
      equal(back.shape[2], 9);
      for (let frame = 0; frame < 9; frame++) {
        const one = reshape(narrow(back, 2, frame, 1), [2, 3, 24, 16]);
        assertClose(one, expected.get("decoded")!, 1e-4, `frame ${frame}`);
      }
    })
  );
  for (const value of expected.values()) value.dispose();
});

Deno.test("VideoVae: inflated, a cut does not reach back, and frames 4k after it are their images", async () => {
  using vars = Vars.root();
  const vae = await inflated(vars);
  const expected = await loadFixture(fixture);
  noGrad(() =>
    scope(() => {
      const [a, b] = [0, 1].map((i) =>
        reshape(narrow(expected.get("image")!, 0, i, 1), [1, 3, 1, 24, 16])
      );
      // Five frames of one image, then four of another: the cut lies between two latents.
      const video = cat([...Array(5).fill(a), ...Array(4).fill(b)] as Tensor[], 2);
      const back = vae.decode(vae.encode(video));
      [0, 0, 1].forEach((image, k) => {
        const one = reshape(narrow(back, 2, 4 * k, 1), [1, 3, 24, 16]);
        assertClose(one, narrow(expected.get("decoded")!, 0, image, 1), 1e-4, `frame ${4 * k}`);
      });
    })
  );
  for (const value of expected.values()) value.dispose();
});

Deno.test("inflateImageVae: names that do not fit are all listed and nothing is written", async () => {
  using vars = Vars.root();
  new VideoVae(vars, videoVaePresets.tiny);
  const before = liveTensors();
  const weights = await imageWeights();
  const convIn = weights.get("encoder.conv_in.weight")!;
  weights.delete("encoder.conv_in.weight");
  weights.set("quant_conv.weight", convIn);
  throws(
    () => inflateImageVae(vars, weights),
    /1 missing \(encoder\.conv_in\.weight\); 1 unexpected \(quant_conv\.weight\)/,
  );
  for (const weight of weights.values()) weight.dispose();
  equal(liveTensors(), before);
  ok(vars.countParameters() > 0);
});
