/**
 * The motion capture in the repository: `weights/motions.safetensors`, made by
 * `weights/make_motions.ts`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { InputError } from "../../errors.ts";
import { JOINT_NAMES, type JointName, type Motion } from "../../geometry/mod.ts";
import { checkShipped, readSafetensors, type TensorToStore } from "../../io/mod.ts";
import type { NamedMotion } from "../synth/mod.ts";

/** Where the repository keeps its motion capture. */
export const capturesPath: string = fileURLToPath(
  new URL("../../../weights/motions.safetensors", import.meta.url),
);

/** Names of the clips, as `builtin:NAME` takes them. */
export const captureNames = [
  "mocap-walk",
  "mocap-run",
  "mocap-jump",
  "mocap-dance",
  "mocap-dance-wide",
  "mocap-kick",
  "mocap-punch",
  "mocap-spin",
  "mocap-spin-kick",
  "mocap-cartwheel",
  "mocap-backflip",
  "mocap-roll",
  "mocap-crawl",
  "mocap-rise",
  "mocap-rise-face-down",
  "mocap-leaps",
  "mocap-hops",
  "mocap-ready",
  "mocap-stroll",
  "mocap-look",
  "mocap-turn",
] as const;

/** One of {@link captureNames}. */
export type CaptureName = typeof captureNames[number];

/** Metres and radians that one step of the stored integers is. */
const STEP = { metres: 1e-3, radians: Math.PI / 32767 };

/** Packs clips of one rate; joints that never turn are left out. */
export function packCaptures(
  clips: ReadonlyMap<string, Motion>,
): { tensors: Map<string, TensorToStore>; metadata: Record<string, string> } {
  const all = [...clips.values()];
  const joints = JOINT_NAMES.filter((_, joint) =>
    all.some(({ poses }) => poses.some((value, i) => i % 72 - i % 3 === joint * 3 && value !== 0))
  );
  const frames = all.reduce((sum, motion) => sum + motion.frames, 0);
  const poses = Int16Array.from(all.flatMap((motion) => storedPoses(motion, joints)));
  const places = Int16Array.from(
    all.flatMap(({ translations }) =>
      [...translations].map((value) => Math.round(value / STEP.metres))
    ),
  );
  const stored = (numbers: Int16Array, shape: number[]): TensorToStore => ({
    dtype: "int16",
    shape,
    bytes: new Uint8Array(numbers.buffer),
  });
  return {
    tensors: new Map([
      ["poses", stored(poses, [frames, joints.length, 3])],
      ["translations", stored(places, [frames, 3])],
    ]),
    metadata: {
      format: "isa4d-captures",
      fps: String(all[0].fps),
      joints: JSON.stringify(joints),
      clips: JSON.stringify([...clips].map(([name, { frames }]) => [name, frames])),
    },
  };
}

function storedPoses({ poses, frames }: Motion, joints: readonly JointName[]): number[] {
  return Array.from({ length: frames }, (_, frame) =>
    joints.flatMap((name) => {
      const at = frame * 72 + JOINT_NAMES.indexOf(name) * 3;
      return [...poses.subarray(at, at + 3)].map((value) => Math.round(value / STEP.radians));
    })).flat();
}

let kept: Promise<Map<string, Motion>> | undefined;

/** Reads all clips, once. Throws InputError where the file is missing or another one. */
export function readCaptures(): Promise<ReadonlyMap<string, Motion>> {
  return kept ??= unpackCaptures(capturesPath);
}

/** All clips as motions to draw from. */
export async function namedCaptures(): Promise<NamedMotion[]> {
  const clips = await readCaptures();
  return [...clips].map(([motionName, motion]) => ({ motion, motionName, nominal: true }));
}

async function unpackCaptures(path: string): Promise<Map<string, Motion>> {
  await checkShipped(path);
  const { tensors, metadata } = await readSafetensors(path);
  const [poses, places] = ["poses", "translations"].map((name) => tensors.get(name));
  if (metadata.format !== "isa4d-captures" || !poses || !places) {
    throw new InputError(`"${path}" holds no motion capture, expected what make_motions.ts writes`);
  }
  const numbers = ({ bytes }: { bytes: Uint8Array }) => new Int16Array(bytes.slice().buffer);
  const [turns, metres] = [numbers(poses), numbers(places)];
  const joints: JointName[] = JSON.parse(metadata.joints);
  const fps = Number(metadata.fps);
  const clips = new Map<string, Motion>();
  let first = 0;
  for (const [name, frames] of JSON.parse(metadata.clips) as [string, number][]) {
    const out = new Float32Array(frames * 72);
    for (let frame = 0; frame < frames; frame++) {
      joints.forEach((joint, place) => {
        for (let k = 0; k < 3; k++) {
          out[frame * 72 + JOINT_NAMES.indexOf(joint) * 3 + k] =
            turns[((first + frame) * joints.length + place) * 3 + k] * STEP.radians;
        }
      });
    }
    const translations = Float32Array.from(
      metres.subarray(first * 3, (first + frames) * 3),
      (value) => value * STEP.metres,
    );
    clips.set(name, { fps, frames, poses: out, translations });
    first += frames;
  }
  return clips;
}
