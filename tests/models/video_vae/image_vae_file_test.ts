import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { writeJson, writeSafetensors } from "../../../lib/io/mod.ts";
import {
  framesToVideo,
  imageVaeConfig,
  loadImageVae,
  videoToFrames,
  VideoVae,
  videoVaePresets,
} from "../../../lib/models/video_vae/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import { liveTensors, narrow, noGrad, scope, toFloat32 } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { imageVaeTensors, readImageVaeFixture, writeImageVae } from "../../support/image_vae.ts";

const fixture = await readImageVaeFixture();

/** Largest difference between bytes. */
function farthest(a: Uint8Array, b: Uint8Array): number {
  equal(a.length, b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

Deno.test("loadImageVae: latents and pixels are diffusers', from either layout", async () => {
  await withFolder(async (folder) => {
    const before = liveTensors();
    const { picture, pixels, mean } = fixture;
    for (const [layout, prefix] of [["diffusers", ""], ["single file", "first_stage_model."]]) {
      const path = join(folder, "vae.safetensors");
      await writeImageVae(path, layout as "diffusers" | "single file", { prefix });
      const vae = await loadImageVae(path);
      deepEqual(vae.config.channels, [32, 32, 32, 64]);
      deepEqual([vae.config.blocksPerLevel, vae.temporalFactor, vae.spatialFactor], [1, 4, 8]);
      deepEqual([vae.config.latentShift, vae.config.latentScale], [0.0609, 1.5305]);
      const [own, restored] = noGrad(() =>
        scope(() => {
          const video = framesToVideo({ ...picture, count: 1, fps: 1 });
          const back = vae.decode(vae.encode(video));
          return [
            toFloat32(vae.encodePosterior(video).mean),
            videoToFrames(back, { fps: 1 }).data,
          ] as const;
        })
      );
      const worst = Math.max(...own.map((value, i) => Math.abs(value - mean[i])));
      ok(worst < 1e-4, `${layout}: latents differ by ${worst}`);
      ok(farthest(restored, pixels.data) <= 1, `${layout}: ${farthest(restored, pixels.data)}`);
      vae.vars.dispose();
    }
    equal(liveTensors(), before);
  });
});

for (const timeKernel of [1, 3] as const) {
  Deno.test(`loadImageVae: where nothing moves every frame comes back as its own image, kernels of ${timeKernel}`, async () => {
    await withFolder((folder) => stillFrames(join(folder, "vae.safetensors"), timeKernel));
  });
}

async function stillFrames(path: string, timeKernel: 1 | 3): Promise<void> {
  await writeImageVae(path, "diffusers");
  const vae = await loadImageVae(path, { timeKernel });
  const { picture, pixels } = fixture;
  const still = new Uint8Array(5 * picture.data.length);
  for (let frame = 0; frame < 5; frame++) still.set(picture.data, frame * picture.data.length);
  noGrad(() =>
    scope(() => {
      const back = vae.decode(
        vae.encode(framesToVideo({ ...picture, count: 5, fps: 8, data: still })),
      );
      for (let frame = 0; frame < 5; frame++) {
        const { data } = videoToFrames(narrow(back, 2, frame, 1), { fps: 8 });
        ok(farthest(data, pixels.data) <= 1, `frame ${frame}`);
      }
    })
  );
  vae.vars.dispose();
}

Deno.test("loadImageVae: a folder of diffusers says where its latents lie", async () => {
  await withFolder(async (folder) => {
    await writeImageVae(join(folder, "diffusion_pytorch_model.safetensors"), "diffusers");
    const facts = { _class_name: "AutoencoderKL", scaling_factor: 0.3611, shift_factor: 0.1159 };
    await writeJson(join(folder, "config.json"), { ...facts, norm_num_groups: 16 });
    const { config, vars } = await loadImageVae(folder);
    deepEqual(
      [config.latentScale, config.latentShift, config.normGroups],
      [0.3611, 0.1159, 16],
    );
    vars.dispose();
  });
});

Deno.test("loadImageVae: a file that is something else, or lacks a tensor, gets one clear line", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const whole = imageVaeTensors(fixture, "diffusers");
    const before = liveTensors();
    const refused = async (change: (tensors: typeof whole) => void, message: RegExp) => {
      const tensors = new Map(whole);
      change(tensors);
      await writeSafetensors(path, tensors);
      await rejects(loadImageVae(path), message);
    };
    const one = whole.get("encoder.conv_out.bias")!;
    await refused(
      (t) => t.delete("decoder.conv_out.bias"),
      /x\.safetensors": .*1 missing \(decoder/,
    );
    await refused((t) => t.set("encoder.more", one), /1 unexpected \(encoder\.more\)/);
    await refused((t) => t.set("quant_conv.weight", one), /without quant_conv/);
    await refused(
      (t) => t.delete("encoder.conv_in.weight"),
      /holds no image VAE: no encoder\.conv_in/,
    );
    await refused(
      (t) => t.set("decoder.conv_norm_out.bias", { ...one, shape: [2, 16] }),
      /conv_norm_out\.bias \[2,16\], expected \[32\]/,
    );
    await writeImageVae(path, "diffusers");
    await Deno.truncate(path, 100_000);
    await rejects(loadImageVae(path), /truncated\?/);
    equal(liveTensors(), before);
  });
});

Deno.test("imageVaeConfig: SD3's own sizes are the preset's", () => {
  using vars = Vars.root({ device: "meta" });
  new VideoVae(vars, videoVaePresets.sd3);
  const open = () => {
    throw new Error("only sizes are looked at");
  };
  const tensors = new Map([...vars.named()].map(([name, { shape }]) => {
    const flat = shape.length === 5 ? [shape[0], shape[1], shape[3], shape[4]] : shape;
    return [name, { dtype: "float32" as const, shape: flat, open }] as const;
  }));
  deepEqual(imageVaeConfig({ layout: "diffusers", tensors }), videoVaePresets.sd3);
});
