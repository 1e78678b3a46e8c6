/**
 * Every reader of files, with a file that it reads. A new reader is one row here or in readers_io.ts.
 * @module
 */
import { zipSync } from "fflate";
import { inflateSync } from "node:zlib";
import { join } from "node:path";
import {
  bodyPath,
  loadCameras,
  loadMotion,
  openDataset,
  readBody,
  readVideoIndex,
  type VideoIndex,
  writeBvh,
  writeDataset,
} from "../../lib/data/mod.ts";
import { readSmplBody } from "../../lib/data/body_smpl_file.ts";
import { readMotionFile } from "../../lib/data/motions/read_motion_file.ts";
import type { Motion } from "../../lib/geometry/mod.ts";
import { encodeNpy, writeSafetensors } from "../../lib/io/mod.ts";
import { openState } from "../../lib/models/state/mod.ts";
import { manifestPath, readManifest } from "../../lib/pipelines/checkpoints/manifest.ts";
import { readLatents } from "../../lib/pipelines/record/latents_file.ts";
import { readEvalRecord } from "../../lib/report/eval_records.ts";
import { readTrainLog } from "../../lib/report/train_log_file.ts";
import {
  fixture,
  fixturePath,
  floats,
  type ReaderCase,
  stored,
  text,
  written,
} from "./reader_case.ts";
import { ioReaders } from "./readers_io.ts";
import { jobReaders } from "./readers_jobs.ts";
import { keptReaders } from "./readers_kept.ts";

const frames = [0, 1, 2];
const ourBody = readBody();
const smplBody = readSmplBody(fixturePath("body/smpl.npz"));
const amass = () =>
  zipSync({
    "poses.npy": encodeNpy(floats([3, 156])),
    "trans.npy": encodeNpy(floats([3, 3])),
    "betas.npy": encodeNpy(floats([16])),
    "mocap_framerate.npy": encodeNpy({ ...floats([]), data: Float32Array.of(30) }),
    // Not packed, so that changes reach the arrays.
  }, { level: 0 });

/** As a job reads it: laid onto a body with SMPL's joints. */
const readTrack = async (path: string) => await loadMotion(path, { body: await smplBody });

/** A frame of DeepMimic's humanoid: place, then turns of joints. */
const humanoid = [
  ...[0, 1, 0],
  ...[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
  ...[1, 0, 0, 0, 0.1, 1, 0, 0, 0, 1, 0, 0, 0, 0.1],
  ...[1, 0, 0, 0, 0.1, 1, 0, 0, 0, 1, 0, 0, 0, 0.1],
];

const still: Motion = {
  ...{ fps: 25, frames: 2 },
  poses: new Float32Array(2 * 72).fill(0.1),
  translations: new Float32Array(2 * 3),
};

const motions: readonly ReaderCase[] = [
  {
    name: "our motion",
    file: "a.json",
    sample: () =>
      text({
        format: "isa4d-motion",
        fps: 8,
        poses: frames.map((frame) => new Array(72).fill(frame / 10)),
        translations: frames.map((frame) => [frame, 0, 0.5]),
      }),
    read: (path) => readMotionFile({ path }),
  },
  { name: "AMASS", file: "a.npz", sample: amass, read: (path) => readMotionFile({ path }) },
  {
    name: "champ's motion",
    file: "a.npz",
    sample: () => fixture("motion/champ.npz"),
    read: readTrack,
  },
  {
    name: "PHALP's tracks",
    file: "a.pkl",
    // Unpacked, so that changes reach the pickle.
    sample: async () => new Uint8Array(inflateSync(await fixture("motion/phalp.pkl"))),
    read: readTrack,
  },
  {
    name: "WHAM's tracks",
    file: "a.pkl",
    sample: () => fixture("motion/wham.pkl"),
    read: readTrack,
  },
  {
    name: "TRAM's track",
    file: "a.npy",
    sample: () => fixture("motion/tram/hps/hps_track_0.npy"),
    read: readTrack,
  },
  {
    name: "BVH",
    file: "a.bvh",
    sample: () =>
      written("a.bvh", async (path) => await writeBvh(path, still, { body: await ourBody })),
    read: (path) => readMotionFile({ path }),
  },
  {
    name: "DeepMimic's clip",
    file: "a.txt",
    sample: () => text({ Loop: "wrap", Frames: frames.map(() => [0.05, ...humanoid]) }),
    read: (path) => readMotionFile({ path }),
  },
  {
    name: "a pose",
    file: "a.json",
    sample: () =>
      text({
        ...{ format: "isa4d-pose", translation: [0, 0, 0], shape: [1] },
        pose: new Array(72).fill(0.1),
      }),
    read: (path) => readMotionFile({ path }),
  },
  {
    name: "TRAM's cameras",
    file: "camera.npy",
    sample: () => fixture("motion/tram/camera.npy"),
    beside: async (folder) => {
      await Deno.mkdir(join(folder, "hps"));
      const track = "hps/hps_track_0.npy";
      await Deno.copyFile(fixturePath(`motion/tram/${track}`), join(folder, track));
    },
    read: (path) => readTrack(join(path, "../hps/hps_track_0.npy")),
  },
  {
    name: "GVHMR's results",
    file: "a.pt",
    sample: () => fixture("motion/gvhmr.pt"),
    read: readTrack,
  },
];

const camera = {
  fx: 30,
  fy: 30,
  cx: 16,
  cy: 12,
  rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  translation: [0, 0, 3],
};

const readFittedCameras = (path: string) =>
  loadCameras(path, { width: 32, height: 24, frames: 5, fps: 8 });

const cameras: readonly ReaderCase[] = [
  {
    name: "our cameras",
    file: "a.json",
    sample: () =>
      text({ format: "isa4d-cameras", width: 32, height: 24, fps: 8, frames: [camera, camera] }),
    read: readFittedCameras,
  },
  {
    name: "RealEstate10K",
    file: "a.txt",
    sample: () => fixture("geometry/realestate10k.txt"),
    read: readFittedCameras,
  },
  {
    name: "COLMAP's pictures",
    file: "images.txt",
    sample: () => fixture("geometry/colmap/images.txt"),
    beside: (folder) =>
      Deno.copyFile(fixturePath("geometry/colmap/cameras.txt"), join(folder, "cameras.txt")),
    read: readFittedCameras,
  },
  {
    name: "COLMAP's cameras",
    file: "cameras.txt",
    sample: () => fixture("geometry/colmap/cameras.txt"),
    beside: (folder) =>
      Deno.copyFile(fixturePath("geometry/colmap/images.txt"), join(folder, "images.txt")),
    read: (path) => readFittedCameras(join(path, "../images.txt")),
  },
  {
    name: "NeRF's transforms",
    file: "transforms.json",
    sample: () => {
      const matrix = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 3], [0, 0, 0, 1]];
      const frames = [{ file_path: "images/1.png", transform_matrix: matrix }];
      return text({ camera_angle_x: 0.8, w: 32, h: 24, fps: 8, frames });
    },
    read: readFittedCameras,
  },
];

/** As `readBody` does, which reads our body each time. */
const readSmpl = async (path: string) => await readSmplBody(path, await ourBody);

const bodies: readonly ReaderCase[] = [
  {
    name: "our body",
    file: "a.safetensors",
    sample: () => Deno.readFile(bodyPath),
    runs: 2,
    read: readBody,
  },
  {
    name: "SMPL body, npz",
    file: "a.npz",
    sample: () => fixture("body/smpl.npz"),
    read: readSmpl,
  },
  {
    name: "SMPL body, pkl",
    file: "a.pkl",
    sample: () => fixture("body/smpl.pkl"),
    read: readSmpl,
  },
  {
    name: "FLAME body",
    file: "a.pkl",
    sample: () => fixture("body/flame.pkl"),
    read: readSmpl,
  },
];

const clipSize = { width: 16, height: 16, frames: 2, fps: 8 };
const writeClips = (folder: string) =>
  writeDataset({ ...clipSize, out: folder, clips: 1, seed: 0, shardSize: 1, workers: 1 });

async function readClip(folder: string): Promise<void> {
  using dataset = await openDataset(folder);
  if (dataset.count > 0) await dataset.clip(0);
}

const datasets: readonly ReaderCase[] = [
  {
    name: "a data set's index",
    file: "index.json",
    sample: () => written("index.json", (path) => writeClips(join(path, ".."))),
    beside: writeClips,
    read: (path) => readClip(join(path, "..")),
  },
  {
    name: "a data set's shard",
    file: "shard-00000.safetensors",
    sample: () => written("shard-00000.safetensors", (path) => writeClips(join(path, ".."))),
    beside: writeClips,
    read: (path) => readClip(join(path, "..")),
  },
];

async function openTensors(path: string): Promise<void> {
  const { tensors } = await openState(path);
  for (const tensor of tensors.values()) tensor.open().dispose();
}

const latents = (path: string) => {
  const tensor = { dtype: "float32" as const, shape: [1, 2, 1, 2, 2], bytes: new Uint8Array(32) };
  const clip = JSON.stringify({ frames: 1, width: 16, height: 16, fps: 8 });
  return writeSafetensors(path, new Map([["latents", tensor]]), { kind: "latents", clip });
};

const steps = [1, 2].map((step) => JSON.stringify({ step, loss: 1 / step, lr: 1e-3, seconds: 1 }));

const ownFiles: readonly ReaderCase[] = [
  {
    name: "latents",
    file: "a.safetensors",
    sample: () => written("a.safetensors", latents),
    read: async (path) => (await readLatents(path)).latents.dispose(),
  },
  {
    name: "a model's state",
    file: "a.safetensors",
    sample: () => written("a.safetensors", stored),
    read: openTensors,
  },
  {
    name: "a model's state in PyTorch's zip",
    file: "a.pt",
    sample: () => fixture("io/torch.pt"),
    read: openTensors,
  },
  {
    name: "the manifest of weights",
    file: "manifest.json",
    sample: () => Deno.readFile(manifestPath),
    read: readManifest,
  },
  {
    name: "an index of videos",
    file: "videos.json",
    sample: () => new TextEncoder().encode(JSON.stringify(videoIndex)),
    read: readVideoIndex,
  },
  {
    name: "a training's log",
    file: "log.jsonl",
    sample: () => new TextEncoder().encode(steps.join("\n") + "\n"),
    read: readTrainLog,
  },
  {
    name: "a measurement's record",
    file: "video.json",
    sample: () => new TextEncoder().encode(JSON.stringify(measurement)),
    read: readEvalRecord,
  },
];

const measurement = {
  ...{ format: "isa4d-eval", version: 1, kind: "video", protocol: { frames: [2] } },
  videos: [{ name: "a", frames: 2, scores: { psnr: 20 }, byFrame: { psnr: [19, null] } }],
  worst: [{ file: "worst-1.png", pair: "a", frame: 0, score: "psnr", value: 19 }],
};

const videoIndex: VideoIndex = {
  format: "isa4d-videos",
  version: 1,
  root: ".",
  complete: true,
  videos: [{
    files: [{ path: "a.mp4", size: 3, modified: 5 }],
    entry: { path: "a.mp4", width: 32, height: 24, frames: 5, fps: 8, body: ["a.body.npz"] },
    leftOut: [{ path: "a.mask.mp4", why: "4 frames, the video has 5" }],
  }],
};

/** All of them. */
export const readers: readonly ReaderCase[] = [
  ...ioReaders,
  ...motions,
  ...cameras,
  ...bodies,
  ...datasets,
  ...ownFiles,
  ...jobReaders,
  ...keptReaders,
];
