// Makes weights/features from what `isa4d train features` wrote, and measures what the frames of a data
// set have in common:
//   deno run -A weights/pack_features.ts image/features.safetensors video/features.safetensors DATA
import { join, resolve } from "node:path";
import { openDataset } from "../lib/data/mod.ts";
import { frameTensor } from "../lib/eval/mod.ts";
import {
  frameAt,
  packWeights,
  readSafetensors,
  type TensorToStore,
  writeJson,
  writeSafetensors,
} from "../lib/io/mod.ts";
import { loadSynthImageNet } from "../lib/models/perceptual/mod.ts";
import { makeManifest, manifestPath } from "../lib/pipelines/checkpoints/mod.ts";
import { mul, scope, sub } from "../lib/tensor/mod.ts";

const [image, video, data] = Deno.args;
if (!data) {
  console.error("usage: deno run -A weights/pack_features.ts IMAGE.safetensors VIDEO.safetensors DATA");
  Deno.exit(2);
}
const CLIPS = 200;
const folder = join(resolve(manifestPath, ".."), "features");
await Deno.mkdir(folder, { recursive: true });

const source = await readSafetensors(image);
const width = 192;
const rows = (values: Float32Array<ArrayBuffer>): TensorToStore => ({
  dtype: "float32",
  shape: [2, width],
  bytes: new Uint8Array(values.buffer),
});
const imagePath = join(folder, "synth_image_net.safetensors");
const writeImage = async (centre: Float32Array<ArrayBuffer>, spread: Float32Array<ArrayBuffer>) => {
  const tensors = new Map<string, TensorToStore>(source.tensors);
  tensors.set("centre", rows(centre));
  tensors.set("spread", rows(spread));
  await writeSafetensors(imagePath, packWeights(tensors), source.metadata);
};
await writeImage(new Float32Array(2 * width), new Float32Array(2 * width).fill(1));

const seen: Float32Array[][] = [[], []];
{
  using dataset = await openDataset(data);
  const { net, vars } = await loadSynthImageNet(imagePath);
  for (let i = 0; i < CLIPS; i++) {
    const { frames } = await dataset.clip(Math.floor(i * dataset.count / CLIPS));
    const { person, scene } = scope(() => {
      const picture = frameTensor(frameAt(frames, i % frames.count), frames);
      return net.looks(net.look(sub(mul(picture, 2), 1)));
    });
    if (person) seen[0].push(person);
    if (scene) seen[1].push(scene);
  }
  vars.dispose();
}
const each = (measure: (vectors: readonly Float32Array[], c: number) => number) =>
  Float32Array.from({ length: 2 * width }, (_, i) => measure(seen[Math.floor(i / width)], i % width));
const mean = (vectors: readonly Float32Array[], c: number): number =>
  vectors.reduce((sum, vector) => sum + vector[c], 0) / vectors.length;
const deviation = (vectors: readonly Float32Array[], c: number): number => {
  const middle = mean(vectors, c);
  const squares = vectors.reduce((sum, vector) => sum + (vector[c] - middle) ** 2, 0);
  return Math.max(1e-3, Math.sqrt(squares / vectors.length));
};
await writeImage(each(mean), each(deviation));

const clips = await readSafetensors(video);
await writeSafetensors(
  join(folder, "synth_video_net.safetensors"),
  packWeights(clips.tensors),
  clips.metadata,
);
await writeJson(manifestPath, await makeManifest());
console.error(`${folder}\n${manifestPath}`);
