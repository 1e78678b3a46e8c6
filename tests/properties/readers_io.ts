/**
 * Readers of tensors, arrays and pictures, each with a file that it reads.
 * @module
 */
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import {
  encodeJpeg,
  encodeNpy,
  encodePng,
  imageSize,
  listTensors,
  type Origin,
  probeVideo,
  readAlpha,
  readImage,
  readNpy,
  readNpz,
  readSafetensors,
  readTensor,
  readVideo,
  readVideoMetadata,
  unpackWeights,
  writeVideo,
} from "../../lib/io/mod.ts";
import { chumpyGlobals, readObjectNpz, readPickle, scipyGlobals } from "../../lib/io/pickle/mod.ts";
import { readMarks } from "../../lib/pipelines/record/mod.ts";
import joblib from "../fixtures/pickle/joblib.json" with { type: "json" };
import { ramps } from "../support/pictures.ts";
import { fixture, floats, type ReaderCase, stored, text, written } from "./reader_case.ts";

async function readTensors(path: string): Promise<void> {
  const { tensors } = await listTensors(path);
  for (const place of tensors.values()) await readTensor(place);
}

const tensorFiles: readonly ReaderCase[] = [
  {
    name: "safetensors",
    file: "a.safetensors",
    sample: () => written("a.safetensors", stored),
    read: readSafetensors,
  },
  {
    name: "safetensors, as a listing",
    file: "a.safetensors",
    sample: () => written("a.safetensors", stored),
    read: readTensors,
  },
  {
    name: "packed weights",
    file: "a.safetensors",
    sample: () => written("a.safetensors", stored),
    read: async (path) => unpackWeights((await readSafetensors(path)).tensors),
  },
  {
    name: "an index of shards",
    file: "a.safetensors.index.json",
    sample: () => text({ metadata: {}, weight_map: { b: "b.safetensors" } }),
    beside: (folder) => stored(join(folder, "b.safetensors")),
    read: readTensors,
  },
  {
    name: "PyTorch's older files",
    file: "a.pt",
    sample: () => fixture("io/torch_old.pt"),
    read: readTensors,
  },
  {
    name: "PyTorch's zip",
    file: "a.pt",
    sample: () => fixture("io/torch.pt"),
    read: readTensors,
  },
];

const arrays: readonly ReaderCase[] = [
  { name: "npy", file: "a.npy", sample: () => encodeNpy(floats([3, 4])), read: readNpy },
  { name: "npz", file: "a.npz", sample: () => fixture("io/numpy.npz"), read: readNpz },
  { name: "packed npz", file: "a.npz", sample: () => fixture("io/compressed.npz"), read: readNpz },
  {
    name: "npz of objects",
    file: "a.npz",
    sample: () => fixture("motion/champ.npz"),
    read: (path) => readObjectNpz(path, { names: ["smpl", "camera"] }),
  },
  {
    name: "pickle",
    file: "a.pkl",
    sample: () => fixture("body/flame.pkl"),
    read: (path) => readPickle(path, { globals: { ...scipyGlobals, ...chumpyGlobals } }),
  },
  {
    name: "joblib's arrays",
    file: "a.pkl",
    sample: () => Uint8Array.fromBase64(Object.values(joblib.files)[0]),
    read: (path) => readPickle(path),
  },
  {
    name: "gzipped joblib",
    file: "a.pkl",
    sample: async () => gzipSync(await fixture("body/flame.pkl")),
    read: (path) => readPickle(path, { globals: { ...scipyGlobals, ...chumpyGlobals } }),
  },
];

const origin: Origin = {
  ...{ sourceType: "trainedAlgorithmicMedia", creatorTool: "isa4d" },
  ingredients: [{ file: "a.png", digitalSourceType: "digitalCapture" }],
};
const png = () => encodePng(ramps({ width: 24, height: 16, count: 1 }), { origin });
const video = (name: string) => () =>
  written(name, (path) => writeVideo(path, ramps({ count: 3 }), { metadata: "{}", origin }));

const pictures: readonly ReaderCase[] = [
  { name: "PNG", file: "a.png", sample: png, read: (path) => readImage(path) },
  {
    name: "JPEG",
    file: "a.jpg",
    sample: async () =>
      new Uint8Array(await encodeJpeg(ramps({ width: 24, height: 16, count: 1 }))),
    read: (path) => readImage(path),
  },
  { name: "an image's size", file: "a.png", sample: png, read: imageSize },
  {
    name: "an image's opacity",
    file: "a.png",
    sample: png,
    read: (path) => readAlpha(path, { width: 8, height: 8 }),
  },
  { name: "GIF", file: "a.gif", sample: video("a.gif"), read: (path) => readImage(path) },
  { name: "animated WebP", file: "a.webp", sample: video("a.webp"), read: (p) => readVideo(p) },
  { name: "a WebP's facts", file: "a.webp", sample: video("a.webp"), read: readVideoMetadata },
  { name: "a GIF's facts", file: "a.gif", sample: video("a.gif"), read: readVideoMetadata },
  ...["a.mp4", "a.webm", "a.gif"].flatMap((file): ReaderCase[] => [
    { name: `facts of ${file}`, file, sample: video(file), read: probeVideo, runs: 2 },
    { name: `frames of ${file}`, file, sample: video(file), read: (p) => readVideo(p), runs: 2 },
  ]),
  { name: "marks of a.png", file: "a.png", sample: png, read: readMarks },
  ...["a.mp4", "a.gif", "a.webp"].map((file): ReaderCase => ({
    ...{ name: `marks of ${file}`, file, sample: video(file), read: readMarks },
  })),
];

/** All of them. */
export const ioReaders: readonly ReaderCase[] = [...tensorFiles, ...arrays, ...pictures];
