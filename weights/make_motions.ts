/**
 * Makes `weights/motions.safetensors`, the motion capture that synthetic people and `builtin:mocap-…`
 * use, from DeepMimic's clips in the PyPI wheel `pybullet` and CMU's recordings in the Debian package
 * `assimp-testmodels`: `deno task assets:motions`, or
 * `deno run -A weights/make_motions.ts [folder of humanoid3d_*.txt] [folder of 01_0*.bvh] [output]`.
 * @module
 */
import { join } from "node:path";
import {
  type CaptureName,
  capturesPath,
  loadMotion,
  packCaptures,
  readBody,
} from "../lib/data/mod.ts";
import { type BodyMesh, type Motion, motionFrame, resampleMotion } from "../lib/geometry/mod.ts";
import { writeSafetensors } from "../lib/io/mod.ts";
import { debianFolder, wheelFolder } from "./sources.ts";

/** Frames a second of the asset. */
const FPS = 25;

/** What of a file becomes a clip. */
interface Cut {
  readonly file: string;
  /** Seconds; default all. */
  readonly span?: readonly [number, number];
  /** How often a cycle is gone through. */
  readonly cycles?: number;
}

const CUTS: Readonly<Record<CaptureName, Cut>> = {
  "mocap-walk": { file: "walk", cycles: 4 },
  "mocap-run": { file: "run", cycles: 5 },
  "mocap-jump": { file: "jump" },
  "mocap-dance": { file: "dance_a" },
  "mocap-dance-wide": { file: "dance_b" },
  "mocap-kick": { file: "kick" },
  "mocap-punch": { file: "punch" },
  "mocap-spin": { file: "spin" },
  "mocap-spin-kick": { file: "spinkick" },
  "mocap-cartwheel": { file: "cartwheel" },
  "mocap-backflip": { file: "backflip" },
  "mocap-roll": { file: "roll" },
  "mocap-crawl": { file: "crawl" },
  "mocap-rise": { file: "getup_faceup" },
  "mocap-rise-face-down": { file: "getup_facedown", span: [0.5, Infinity] },
  "mocap-leaps": { file: "01_01", span: [0.1, 7] },
  "mocap-hops": { file: "01_01", span: [14, 22.9] },
  // Between these the actor climbs and hangs on bars that are not there.
  "mocap-ready": { file: "01_03", span: [0.1, 3.3] },
  "mocap-stroll": { file: "01_03", span: [11.4, 15.3] },
  "mocap-look": { file: "01_03", span: [16.8, 20.4] },
  "mocap-turn": { file: "01_03", span: [34.3, 37.5] },
};

/** Every frame's lowest height may go up by so much in half of that time, seconds. */
const SETTLE = 0.3;

const [clipsFolder, bvhFolder, output = capturesPath] = Deno.args;
const deepMimic = clipsFolder ??
  join(await wheelFolder("pybullet", "pybullet_data/data/motions/"), "pybullet_data/data/motions");
const cmu = bvhFolder ??
  join(await debianFolder("assimp-testmodels"), "usr/share/assimp/models/BVH");
const body = await readBody();
const clips = new Map<string, Motion>();
for (const [name, { file, span, cycles = 1 }] of Object.entries(CUTS)) {
  const path = /^\d/.test(file)
    ? join(cmu, `${file}.bvh`)
    : join(deepMimic, `humanoid3d_${file}.txt`);
  const { motion } = await loadMotion(path, { body });
  const [start, end] = span ?? [0, Infinity];
  const seconds = Math.min(end, (motion.frames - 1) / motion.fps) - start;
  const frames = Math.floor(seconds * FPS + 1e-6) + 1;
  const cut = resampleMotion(repeated(motion, cycles), {
    fps: FPS,
    start,
    frames: (frames - 1) * cycles + 1,
  });
  clips.set(name, fromOrigin(settled(cut, body)));
  console.error(`${name}: ${clips.get(name)!.frames} frames`);
}
const { tensors, metadata } = packCaptures(clips);
await writeSafetensors(output, tensors, metadata);
console.error(output);

/** One cycle after the other; its last frame is the first of the next. */
function repeated(motion: Motion, cycles: number): Motion {
  const { fps, poses, translations } = motion;
  const each = motion.frames - 1;
  const frames = each * cycles + 1;
  const out = {
    fps,
    frames,
    poses: new Float32Array(frames * 72),
    translations: new Float32Array(frames * 3),
  };
  for (let frame = 0; frame < frames; frame++) {
    const round = Math.min(cycles - 1, Math.floor(frame / each)), at = frame - round * each;
    out.poses.set(poses.subarray(at * 72, at * 72 + 72), frame * 72);
    for (let axis = 0; axis < 3; axis++) {
      const far = translations[each * 3 + axis] - translations[axis];
      out.translations[frame * 3 + axis] = translations[at * 3 + axis] +
        (axis === 1 ? 0 : round * far);
    }
  }
  return out;
}

/**
 * On the floor: what bodies of other proportions sink in or float by changes slowly, so that jumps stay.
 * Nothing sinks in, since a mean of minima over windows around a frame is below the frame's own value.
 */
function settled(motion: Motion, body: BodyMesh): Motion {
  const heights = Array.from({ length: motion.frames }, (_, frame) => {
    const { vertices } = body.pose(motionFrame(motion, frame));
    return body.bodyFaces.reduce((low, v) => Math.min(low, vertices[v * 3 + 1]), Infinity);
  });
  const reach = Math.round(SETTLE * motion.fps);
  const around = <T>(values: readonly T[], frame: number) =>
    values.slice(Math.max(0, frame - reach), frame + reach + 1);
  const minima = heights.map((_, frame) => Math.min(...around(heights, frame)));
  const floor = minima.map((_, frame) => {
    const near = around(minima, frame);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
  const translations = motion.translations.map((value, i) =>
    i % 3 === 1 ? value - floor[Math.floor(i / 3)] : value
  );
  return { ...motion, translations };
}

function fromOrigin(motion: Motion): Motion {
  const [x, , z] = motion.translations;
  return {
    ...motion,
    translations: motion.translations.map((value, i) => value - [x, 0, z][i % 3]),
  };
}
