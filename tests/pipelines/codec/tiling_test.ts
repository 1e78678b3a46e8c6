import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type Frames, streamOf } from "../../../lib/io/mod.ts";
import {
  blendWeights,
  loadVideoVae,
  tileGrid,
  tileSpans,
  VideoVae,
  videoVaePresets,
} from "../../../lib/models/video_vae/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  decodeLatents,
  encodeClip,
  findWeights,
  reconstructClip,
} from "../../../lib/pipelines/mod.ts";
import { setObserver } from "../../../lib/tensor/call.ts";
import { liveBytes, liveTensors } from "../../../lib/tensor/mod.ts";

/** A checkered disc that moves over drifting waves. */
function scenery(width: number, height: number, count: number): Frames {
  const data = new Uint8Array(width * height * count * 3);
  for (let i = 0; i < data.length; i++) {
    const [c, pixel] = [i % 3, Math.floor(i / 3)];
    const [x, y] = [pixel % width, Math.floor(pixel / width) % height];
    const t = Math.floor(pixel / width / height);
    const inside = Math.hypot(x - width * (0.3 + 0.05 * t), y - height / 2) < height / 4;
    const checker = (Math.floor(x / 9) + Math.floor(y / 9)) % 2 === 0;
    data[i] = inside
      ? (checker ? 40 + 90 * c : 220 - 70 * c)
      : 128 + 60 * Math.sin(x / 17 + c) + 50 * Math.sin(y / 23 + t / 3);
  }
  return { width, height, count, fps: 8, data };
}

async function collect(frames: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  return await Array.fromAsync(frames);
}

/** Over all frames, in dB. */
function psnr(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  let error = 0;
  for (const [k, frame] of a.entries()) {
    for (let i = 0; i < frame.length; i++) error += (frame[i] - b[k][i]) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / (error / (a.length * a[0].length)));
}

/** A net of few channels whose PCA is empty. */
function smallVae(): { vae: VideoVae; vars: Vars } {
  const vars = Vars.root({ seed: 1 });
  const config = { ...videoVaePresets["small-full"], channels: [16, 16, 16], normGroups: 4 };
  return { vae: new VideoVae(vars, config), vars };
}

Deno.test("tiles: they cover any length evenly, and their weights sum up to 1 everywhere", () => {
  for (const length of [1, 7, 16, 17, 31, 48, 97]) {
    for (const tile of [4, 7, 16]) {
      const spans = tileSpans(length, tile);
      for (const scale of [1, 8]) {
        const sums = new Float64Array(length * scale);
        for (const [i, { start, size }] of spans.entries()) {
          ok(size === Math.min(tile, length) && start >= 0 && start + size <= length);
          const weights = blendWeights(spans, i, scale);
          ok(weights.every((weight) => weight > 0));
          weights.forEach((weight, at) => sums[start * scale + at] += weight);
        }
        ok(sums.every((sum) => Math.abs(sum - 1) < 1e-6), `${length} in tiles of ${tile}`);
      }
    }
  }
});

Deno.test("tiles: auto cuts only what would need much memory, a number always, off never", () => {
  const { sd3, small } = videoVaePresets;
  const large = { width: 1408, height: 768 };
  equal(tileGrid(small, large, "auto"), undefined);
  equal(tileGrid(sd3, { width: 512, height: 512 }, "auto"), undefined);
  const grid = tileGrid(sd3, large, "auto")!;
  ok(grid.columns.length > 1 && grid.columns[0].size * 8 >= 256);
  equal(tileGrid(sd3, large, "off"), undefined);
  deepEqual(tileGrid(small, { width: 150, height: 60 }, 64), {
    rows: [{ start: 0, size: 8 }],
    columns: [{ start: 0, size: 8 }, { start: 6, size: 8 }, { start: 11, size: 8 }],
  });
});

Deno.test("tiles: the shipped VideoVAE gives what it gives whole, at 45 dB or more", async () => {
  const live = liveTensors();
  const vae = await loadVideoVae((await findWeights("small")).videoVae);
  const clip = scenery(188, 148, 7);
  const whole = await encodeClip(vae, streamOf(clip), { tiling: "off" });
  const expected = await collect(decodeLatents(vae, whole, { tiling: "off" }));
  for (const chunk of [1, 4]) {
    const tiled = await collect(decodeLatents(vae, whole, { tiling: 96, chunk }));
    equal(tiled.length, 7);
    const decoded = psnr(tiled, expected);
    ok(decoded >= 45, `decoding: ${decoded} dB`);
    const latents = await encodeClip(vae, streamOf(clip), { tiling: 96, chunk });
    deepEqual(latents.latents.shape, whole.latents.shape);
    const encoded = psnr(await collect(decodeLatents(vae, latents, { tiling: "off" })), expected);
    ok(encoded >= 45, `encoding: ${encoded} dB`);
    latents.latents.dispose();
  }
  const pairs = await Array.fromAsync(reconstructClip(vae, streamOf(clip), { tiling: 96 }));
  deepEqual(pairs[6].original, clip.data.subarray(6 * 188 * 148 * 3));
  ok(psnr(pairs.map(({ restored }) => restored), expected) >= 45);
  whole.latents.dispose();
  vae.vars.dispose();
  equal(liveTensors(), live);
});

Deno.test("tiles: memory does not grow with the picture", async () => {
  const { vae, vars } = smallVae();
  /** Most bytes alive at any operator, beyond weights and the latents that are the result. */
  const peak = async (side: number): Promise<number> => {
    const before = liveBytes();
    let most = 0;
    const observed = setObserver(() => {
      most = Math.max(most, liveBytes());
    });
    try {
      const clip = streamOf(scenery(side, side, 5));
      const stored = await encodeClip(vae, clip, { tiling: 64, chunk: 1 });
      const latents = stored.latents.shape.reduce((a, b) => a * b) * 4;
      await collect(decodeLatents(vae, stored, { tiling: 64, chunk: 1 }));
      stored.latents.dispose();
      // While they are joined, the latents are there twice.
      return most - before - 2 * latents;
    } finally {
      setObserver(observed);
    }
  };
  const [small, large] = [await peak(80), await peak(160)];
  ok(large <= 1.1 * small, `${small} bytes at 80×80, ${large} at 160×160`);
  vars.dispose();
});

Deno.test("tiles: an abort and a consumer that leaves free everything; tiles too small are refused", async () => {
  const { vae, vars } = smallVae();
  const live = liveTensors();
  const clip = streamOf(scenery(96, 96, 5));
  const stored = await encodeClip(vae, clip, { tiling: 64 });
  for await (const _ of decodeLatents(vae, stored, { tiling: 64 })) break;
  const controller = new AbortController();
  const aborted = encodeClip(vae, clip, {
    ...{ tiling: 64, chunk: 1, signal: controller.signal },
    onFrames: () => controller.abort(new Error("enough")),
  });
  await rejects(aborted, /enough/);
  await rejects(encodeClip(vae, clip, { tiling: 8 }), /tiles of 8 pixels are too small/);
  stored.latents.dispose();
  equal(liveTensors(), live);
  vars.dispose();
});
