/**
 * Readers of what isa4d keeps for itself: states of runs that were cut, checkpoints, caches, packs. Each
 * comes with a file that it reads.
 * @module
 */
import { join } from "node:path";
import { packPeople, packPlaces } from "../../lib/data/mod.ts";
import { readTexturedPeople } from "../../lib/data/textured_people.ts";
import { readPlaces } from "../../lib/data/photographed_places.ts";
import { InputError } from "../../lib/errors.ts";
import {
  encodeJpeg,
  readSafetensors,
  type TensorToStore,
  writeSafetensors,
} from "../../lib/io/mod.ts";
import { openClipVision } from "../../lib/models/image_encoder/mod.ts";
import { inspectCheckpoint } from "../../lib/pipelines/checkpoints/mod.ts";
import { recover, writeSampling } from "../../lib/pipelines/record/resume.ts";
import { parseRecord } from "../../lib/pipelines/record/provenance.ts";
import { disposeAll, ones } from "../../lib/tensor/mod.ts";
import { keepMarks, recallMarks } from "../../lib/track/clip/marks_file.ts";
import { recallWatched } from "../../lib/track/clip/watched_file.ts";
import { readSeen, writeSeen } from "../../lib/track/seen_file.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/train/checkpoint.ts";
import { ramps } from "../support/pictures.ts";
import { fixture, fixturePath, type ReaderCase, text, written } from "./reader_case.ts";

const hashed = [{ path: "a.png", sha256: "0".repeat(64) }];
const record = {
  ...{ format: "isa4d-generation", version: 1, inputs: hashed, weights: hashed },
  job: {
    reference: { image: "a.png", pose: "a.json" },
    persons: [{ motion: "builtin:walk" }],
    ...{ width: 32, height: 32, frames: 5, output: "out.mp4" },
  },
  versions: { isa4d: "0.1.0", deno: "2.9.8" },
};

async function writeState(path: string): Promise<void> {
  using sample = ones([1, 2, 1, 2, 2]);
  using before = ones([1, 2, 1, 2, 2]);
  await writeSampling(path, { done: 2, state: { sample, history: [before] } }, record);
}

async function readState(path: string): Promise<void> {
  const found = await recover(path, {
    record: parseRecord(JSON.stringify(record), path),
    device: "cpu",
  });
  if (found?.kind === "sampling") disposeAll(found.saved.state);
  if (found?.kind === "latents") found.stored.latents.dispose();
}

const checkpointName = "step-0000003.safetensors";

async function writeCheckpoint(path: string): Promise<void> {
  using weight = ones([3, 2]);
  const groups = { model: new Map([["a.weight", weight]]) };
  await saveCheckpoint(join(path, ".."), 3, { groups, facts: { config: "{}", guard: "{}" } });
}

async function readCheckpoint(path: string): Promise<void> {
  using weight = ones([3, 2]);
  await loadCheckpoint(path, { model: new Map([["a.weight", weight]]) });
}

const points = (count: number) => Float32Array.from({ length: count }, (_, i) => i % 7);
const seen = (path: string) =>
  writeSeen(path, {
    frames: [{
      ...{ index: 0, width: 8, height: 6 },
      persons: [{
        ...{ id: 1, box: { x: 1, y: 1, width: 4, height: 4 }, score: 0.9 },
        body: {
          ...{ image: points(99), world: points(99) },
          ...{ visibility: points(33), presence: points(33) },
        },
        leftHand: { image: points(63), world: points(63), score: 0.5 },
        mask: { width: 8, height: 6, data: new Uint8Array(48).fill(255, 12, 30) },
      }],
    }],
    following: { persons: [], last: 1 } as never,
  });

const watched = {
  ...{ width: 8, height: 6, count: 1 },
  camera: { homographies: [[1, 0, 0, 0, 1, 0, 0, 0, 1]], rotations: [[1, 0, 0, 0, 1, 0, 0, 0, 1]] },
  scene: { path: "a.png", left: 0, top: 0, width: 8, height: 6, filled: 0 },
};

const marked = { person: 1, first: 0, xy: [1, 2, 3, 4] };

/** Damaged ones count as none. */
async function readMarks(path: string): Promise<void> {
  const found = await recallMarks(path);
  if (!found) throw new InputError(`"${path}" is not there, or damaged`);
  if (found.some(({ xy }) => xy.length === 0)) throw new Error("a mark that is nowhere");
}

/** See {@linkcode readMarks}. */
async function readWatched(path: string): Promise<void> {
  const found = await recallWatched(path.replace(/\.json$/, ""));
  if (!found) throw new InputError(`"${path}" is not there, or damaged`);
}

const jpeg = () => encodeJpeg(ramps({ width: 32, height: 32, count: 1 }));

async function people(path: string): Promise<void> {
  const { tensors, metadata } = packPeople([{
    ...{
      name: "a",
      heldOut: false,
      skin: [200, 160, 140],
      pictures: [new Uint8Array(await jpeg())],
    },
    shape: points(10),
    rest: points(9),
    joints: new Uint8Array(12),
    weights: points(12),
    faces: Uint32Array.of(0, 1, 2),
    uv: points(6),
    faceTextures: new Uint8Array(1),
    faceOnHead: new Uint8Array(1),
  }]);
  await writeSafetensors(path, tensors, metadata);
}

async function places(path: string): Promise<void> {
  const picture = new Uint8Array(await jpeg());
  const { tensors, metadata } = packPlaces([
    {
      name: "a",
      heldOut: false,
      radius: 5,
      brightest: [0, 1, 0],
      light: points(27),
      picture,
    } as never,
  ]);
  await writeSafetensors(path, tensors, metadata);
}

/** The fixture's names and shapes; what the numbers are does not matter here. */
async function writeClip(path: string): Promise<void> {
  const { metadata } = await readSafetensors(fixturePath("image_encoder/clip.safetensors"));
  const shapes = Object.entries<number[]>(JSON.parse(metadata.shapes));
  await writeSafetensors(path, new Map(shapes.map(([name, shape]) => [name, zerosOf(shape)])));
}

function zerosOf(shape: number[]): TensorToStore {
  const bytes = new Uint8Array(4 * shape.reduce((product, size) => product * size, 1));
  return { dtype: "float32", shape, bytes };
}

/** All of them. */
export const keptReaders: readonly ReaderCase[] = [
  {
    name: "the state of a generation that was cut",
    file: "out.mp4.resume.safetensors",
    sample: () => written("out.mp4.resume.safetensors", writeState),
    read: readState,
  },
  {
    name: "a checkpoint of a training",
    file: checkpointName,
    sample: () => written(checkpointName, writeCheckpoint),
    read: readCheckpoint,
  },
  {
    name: "what was seen in a clip",
    file: "seen-000000.npz",
    sample: () => written("seen-000000.npz", seen),
    read: readSeen,
  },
  {
    name: "what a clip's camera did",
    file: "a.json",
    sample: () => text(watched),
    read: readWatched,
    beside: async (folder) => {
      await Deno.writeTextFile(join(folder, "a.png"), "a");
      await keepMarks(join(folder, "a.npz"), [marked]);
    },
  },
  {
    name: "what was followed on a clip's persons",
    file: "a.npz",
    sample: () => written("a.npz", (path) => keepMarks(path, [marked, marked])),
    read: readMarks,
  },
  {
    name: "textured people",
    file: "people.safetensors",
    sample: () => written("people.safetensors", people),
    read: readTexturedPeople,
    runs: 5,
  },
  {
    name: "photographed places",
    file: "places.safetensors",
    sample: () => written("places.safetensors", places),
    read: readPlaces,
    runs: 5,
  },
  {
    name: "CLIP's vision tower",
    file: "clip.safetensors",
    sample: () => written("clip.safetensors", writeClip),
    beside: (folder) =>
      Deno.copyFile(fixturePath("image_encoder/clip_config.json"), join(folder, "config.json")),
    read: openClipVision,
  },
  {
    name: "a checkpoint's models",
    file: "sd3.safetensors",
    sample: () => fixture("isa_dit/sd3.safetensors"),
    read: inspectCheckpoint,
  },
];
