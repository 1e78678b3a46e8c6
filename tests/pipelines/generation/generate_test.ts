import { framesToVideo, videoToFrames } from "../../../lib/models/video_vae/mod.ts";
import { deepEqual, equal, notEqual, rejects } from "node:assert/strict";
import { join } from "node:path";
import { writeSafetensors } from "../../../lib/io/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { findWeights, generate, type GenerateProgress } from "../../../lib/pipelines/mod.ts";
import { flopsOf } from "../../../lib/plan/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writeJobFiles } from "../../support/job_files.ts";
import { ramps } from "../../support/pictures.ts";

/** A small job on files of `folder`. */
const jobIn = (folder: string, change: object = {}) =>
  parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:walk" }],
    weights: join(folder, "weights"),
    ...{ width: 32, height: 32, frames: 6, steps: 2, output: "-" },
    ...change,
  });

Deno.test("generate: any number of frames, each stage reported to its end, nothing leaks", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    for (const frames of [1, 6]) {
      const job = jobIn(folder, { frames, background: "#204060" });
      const seen: GenerateProgress[] = [];
      let count = 0;
      await generate(job, await findWeights(job.weights), async (video) => {
        for await (const picture of video.frames) {
          equal(picture.length, 32 * 32 * 3);
          count++;
        }
      }, { onProgress: (progress) => seen.push(progress) });
      equal(count, frames);
      const last = (stage: string) => seen.filter((p) => p.stage === stage).at(-1)!;
      deepEqual([last("sampling").done, last("decoding").done], [2, frames]);
    }
    equal(liveTensors(), live);
  }));

Deno.test("generate: an abort and a consumer's own error end it, and nothing leaks", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    const job = jobIn(folder);
    const weights = await findWeights(job.weights);
    const controller = new AbortController();
    const aborted = generate(job, weights, () => Promise.resolve(), {
      onProgress: ({ stage }) => {
        if (stage === "sampling") controller.abort(new Error("enough"));
      },
      signal: controller.signal,
    });
    await rejects(aborted, /enough/);
    const failing = generate(job, weights, async ({ frames }) => {
      for await (const _ of frames) throw new Error("no more room");
    });
    await rejects(failing, /no more room/);
    equal(liveTensors(), live);
  }));

Deno.test("generate: LoRA files are added as strongly as asked, and others are refused by name", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    const part = (rows: number, columns: number) => ({
      dtype: "float32" as const,
      shape: [rows, columns],
      bytes: new Uint8Array(new Float32Array(rows * columns).fill(0.3).buffer),
    });
    const file = join(folder, "anna.safetensors");
    const parts = new Map([
      ["transformer_blocks.0.attn.to_v.lora_A.weight", part(2, 48)],
      ["transformer_blocks.0.attn.to_v.lora_B.weight", part(48, 2)],
    ]);
    await writeSafetensors(file, parts, { kind: "isa_dit_lora", rank: "2", alpha: "2" });
    const made = async (loras: object[]): Promise<string> => {
      const job = jobIn(folder, { lora: loras });
      const hashes: string[] = [];
      await generate(job, await findWeights(job.weights), async ({ frames }) => {
        for await (const picture of frames) hashes.push(picture.join());
      });
      return hashes.join();
    };
    const plain = await made([]);
    equal(await made([{ file, strength: 0 }]), plain);
    notEqual(await made([{ file }]), plain);
    const weights = join(folder, "weights", "isa_dit.safetensors");
    await rejects(
      made([{ file: weights }]),
      /isa_dit\.safetensors" holds no LoRA .* kind "isa_dit"/,
    );
    equal(liveTensors(), live);
  }));

Deno.test("pixels: frames become a video in −1..1 and come back unchanged", () => {
  const frames = ramps({ width: 16, height: 8, count: 3 });
  using video = framesToVideo(frames);
  deepEqual(video.shape, [1, 3, 3, 8, 16]);
  deepEqual(videoToFrames(video, { fps: 8 }), frames);
});

Deno.test("flops: products, convolutions and attention count two a multiply-add", () => {
  const flops = (op: string, inputs: number[][], output: number[]) =>
    flopsOf({ op, inputs, outputs: [output], bytes: 0 });
  equal(flops("aten::linear", [[2, 3, 8], [4, 8]], [2, 3, 4]), 2 * 2 * 3 * 4 * 8);
  equal(flops("aten::addmm", [[4], [3, 8], [8, 4]], [3, 4]), 2 * 3 * 4 * 8);
  equal(flops("aten::conv2d", [[1, 3, 8, 8], [5, 3, 3, 3]], [1, 5, 8, 8]), 2 * 5 * 64 * 27);
  const attention = [[1, 2, 7, 16], [1, 2, 9, 16], [1, 2, 9, 16]];
  equal(flops("aten::scaled_dot_product_attention", attention, [1, 2, 7, 16]), 2 * 2 * 7 * 9 * 32);
  equal(flops("aten::add.Tensor", [[8], [8]], [8]), 0);
});
