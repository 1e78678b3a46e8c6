import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { loadVideoVae, VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { liveTensors, noGrad, scope, toArray } from "../../lib/tensor/mod.ts";
import { fitPca, pcaFitDefaults } from "../../lib/train/fit_pca.ts";
import { trainVae, type VaeQuality } from "../../lib/train/train_vae.ts";
import { parseVaeTrainConfig, type VaeTrainConfig } from "../../lib/train/train_vae_config.ts";
import { type MaskedClip, wholeClip } from "../../lib/train/train_vae_data.ts";

/** A soft disc that moves over a gradient; the disc is the person. */
function discClip(seed: number, frames: number = 9): MaskedClip {
  const side = 32;
  const data = new Uint8Array(frames * side * side * 3);
  const mask = new Uint8Array(frames * side * side);
  for (let i = 0; i < mask.length; i++) {
    const [f, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    const distance = Math.hypot(y - 16 + 4 * Math.sin(seed), x - 6 - 2 * f - seed % 5);
    const inside = 1 / (1 + Math.exp(distance - 6));
    mask[i] = distance < 6 ? 255 : 0;
    for (let c = 0; c < 3; c++) {
      const ground = 60 + 4 * x * (c === 0 ? 1 : 0.5) + 2 * y * (c === 1 ? 1 : 0.2);
      data[i * 3 + c] = ground + inside * ((seed * 37 + c * 71) % 100 - 20);
    }
  }
  return { frames: { width: side, height: side, count: frames, fps: 8, data }, mask };
}

const clips = Array.from({ length: 8 }, (_, i) => discClip(i));

Deno.test("fitPca: the sampled blocks have unit variance in every channel, uncorrelated", async () => {
  const before = liveTensors();
  const options = { ...pcaFitDefaults, stillShare: 0, personShare: 0, blocksPerClip: 128 };
  const fit = await fitPca(clips, options);
  equal(fit.blocks, 8 * 128);
  ok(fit.explained > 0.9 && fit.explained <= 1, `explained ${fit.explained}`);
  const vae = VideoVae.fromPca(fit.basis);
  noGrad(() =>
    scope(() => {
      // All blocks of all clips: what was sampled from, with the same frequency.
      const sums = new Float64Array(16);
      const squares = new Float64Array(16);
      let count = 0;
      for (const clip of clips) {
        const z = toArray(vae.encode(wholeClip(clip, { step: 8 }).video)) as Float32Array; // [1,16,3,4,4]
        for (let c = 0; c < 16; c++) {
          for (let i = 16; i < 48; i++) {
            sums[c] += z[c * 48 + i];
            squares[c] += z[c * 48 + i] ** 2;
          }
        }
        count += 32;
      }
      for (let c = 0; c < 16; c++) {
        const variance = squares[c] / count - (sums[c] / count) ** 2;
        ok(Math.abs(variance - 1) < 0.35, `channel ${c}: variance ${variance}`);
      }
    })
  );
  vae.vars.dispose();
  for (const value of Object.values(fit.basis)) value.dispose();
  equal(liveTensors(), before);
});

const config: VaeTrainConfig = parseVaeTrainConfig({
  model: {
    ...videoVaePresets.small,
    latentChannels: 2,
    channels: [16, 16, 16],
    normGroups: 4,
    blocksPerLevel: 1,
  },
  settings: {
    steps: 60,
    learningRate: 3e-4,
    warmup: 5,
    emaDecay: 0.9,
    checkpointEvery: 30,
    compute: "float32",
  },
  loss: { latentNoise: 0 },
  augment: { share: 0 },
  batch: 2,
  size: 32,
  frames: 5,
  pca: { blocksPerClip: 160 },
});

Deno.test("trainVae: a decoder net on the PCA latent comes closer to its clips than the PCA alone", async () => {
  const out = await Deno.makeTempDir();
  const reports: (VaeQuality & { step: number })[] = [];
  const before = liveTensors();
  const step = await trainVae(config, {
    out,
    clips,
    validation: clips,
    onValidation: (report) => reports.push(report),
  });
  equal(step, 60);
  deepEqual(reports.map((report) => report.step), [0, 30, 60]);
  ok(reports[2].psnr > reports[0].psnr, `PSNR ${reports[0].psnr} → ${reports[2].psnr}`);
  equal(liveTensors(), before);
  const vae = await loadVideoVae(`${out}/vae.safetensors`);
  deepEqual(vae.config, config.model);
  vae.vars.dispose();
  await Deno.remove(out, { recursive: true });
});

Deno.test("trainVae: a resumed run ends where an unbroken one ends", async () => {
  const [whole, broken] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const short = { ...config, settings: { ...config.settings, steps: 6, checkpointEvery: 3 } };
  await trainVae(short, { out: whole, clips });
  const stop = new AbortController();
  await trainVae(short, {
    out: broken,
    clips,
    signal: stop.signal,
    onStep: ({ step }) => step === 3 && stop.abort(),
  });
  equal(await trainVae(short, { out: broken, clips, resume: "auto" }), 6);
  const [a, b] = await Promise.all(
    [whole, broken].map((folder) => Deno.readFile(`${folder}/vae.safetensors`)),
  );
  deepEqual(a, b);
  for (const folder of [whole, broken]) await Deno.remove(folder, { recursive: true });
});

Deno.test("trainVae: with an encoder net all terms of the objective have gradients", async () => {
  const out = await Deno.makeTempDir();
  const full = {
    ...config,
    model: { ...config.model, encoderResidual: true, latentChannels: 4 },
    settings: { ...config.settings, steps: 2 },
  };
  const losses: number[] = [];
  await trainVae(full, { out, clips, onStep: ({ loss }) => losses.push(loss) });
  ok(losses.every(Number.isFinite), `losses ${losses}`);
  await Deno.remove(out, { recursive: true });
});

Deno.test("trainVae: latents that do not split into sub-latents are refused with their numbers", async () => {
  const out = await Deno.makeTempDir();
  const odd = { ...config, model: { ...config.model, encoderResidual: true } };
  await rejects(trainVae(odd, { out, clips }), /2 latent channels do not split into 4 sub-latents/);
  await Deno.remove(out, { recursive: true });
});
