/**
 * `./denow run -A bench/track.ts [CLIPS] [FIRST] [--outlines]`: rendered people before still and
 * turning cameras, written as videos, tracked, and compared with what was rendered. Prints one JSON
 * record a clip: joints after a similarity of each frame and after one rigid move of the whole clip
 * (millimetres), joints in the picture (pixels), the focal length over the true one, overlap of body and
 * mask, how fast feet slide that truly stand (metres a second), and milliseconds a frame. FIRST, 20 by
 * default, is the first clip's number: what is tuned on some is measured on others. `--outlines` fits
 * the body's edges to the masks' too.
 * @module
 */
import { join } from "node:path";
import {
  HELD_OUT_SEED,
  readBody,
  readCaptures,
  readTextured,
  renderClip,
  type SynthClip,
} from "../lib/data/mod.ts";
import {
  alignPoints,
  applySimilarity,
  type Camera,
  JOINT_NAMES,
  meanDistance,
  motionFrame,
  projectPoints,
} from "../lib/geometry/mod.ts";
import { writeVideo } from "../lib/io/mod.ts";
import { trackClip, type TrackedClip } from "../lib/track/mod.ts";

const motions = [
  ...["mocap-walk", "mocap-dance", "mocap-dance-wide"],
  ...["mocap-spin", "mocap-kick", "mocap-stroll"],
];
/** Of the body that is compared: hands and toes are left out. */
const COMPARED = 22;
/** A foot that truly moves slower than this stands, metres a second. */
const STANDS = 0.15;

const body = await readBody();
const textured = await readTextured("mixed");
const captures = await readCaptures();
const [count = 6, first = 20] = Deno.args.filter((arg) => !arg.startsWith("-")).map(Number);
const outlines = Deno.args.includes("--outlines");
const folder = await Deno.makeTempDir({ prefix: "isa4d-track-" });
try {
  for (let n = 0; n < count; n++) {
    for (const turns of [false, true]) {
      const name = motions.filter((name) => captures.has(name))[n % motions.length];
      const clip = rendered(n, { name, turns });
      const path = join(folder, `${n}-${turns}.mp4`);
      await writeVideo(path, clip.frames, { crf: 12 });
      const began = performance.now();
      const track = await trackClip(path, { body, cache: join(folder, "cache"), outlines });
      const ms = (performance.now() - began) / clip.frames.count;
      console.log(JSON.stringify({
        ...{ clip: n, motion: name, camera: turns ? "turns" : "stands", found: track.camera.kind },
        ...errorsOf(clip, track),
        ms: Math.round(ms),
      }));
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

function rendered(n: number, { name, turns }: { name: string; turns: boolean }): SynthClip {
  const motion = captures.get(name);
  const options = {
    ...{ seed: HELD_OUT_SEED + first + n, width: 640, height: 480, kind: "video" as const },
    ...{ motion: motion && { ...motion, frames: Math.min(48, motion.frames) }, textured },
  };
  const still = renderClip(body, options);
  if (!turns) return still;
  const last = still.cameras.length - 1;
  const cameras = still.cameras.map((camera, f) => turned(camera, 0.2 * (f / last - 0.5)));
  return renderClip(body, { ...options, cameras });
}

/** A camera turned about its own upright axis. */
function turned(camera: Camera, by: number): Camera {
  const [c, s] = [Math.cos(by), Math.sin(by)];
  const turn = [c, 0, s, 0, 1, 0, -s, 0, c];
  const product = (m: ArrayLike<number>, columns: number) =>
    Float64Array.from({ length: 3 * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return [0, 1, 2].reduce((sum, k) => sum + turn[row * 3 + k] * m[k * columns + column], 0);
    });
  return {
    ...camera,
    rotation: product(camera.rotation, 3),
    translation: product(camera.translation, 1),
  };
}

function errorsOf(
  { persons: [{ poses }], cameras, frames: { fps } }: SynthClip,
  { motion, shape, cameras: found, fits }: TrackedClip,
) {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const truth = poses.map((pose) => body.poseJoints(pose).subarray(0, COMPARED * 3));
  const own = poses.map((_, f) =>
    body.poseJoints({ ...motionFrame(motion, f), shape }).subarray(0, COMPARED * 3)
  );
  const aligned = own.map((joints, f) =>
    meanDistance(applySimilarity(alignPoints(joints, truth[f]), joints), truth[f])
  );
  const pixels = own.map((joints, f) => {
    const [a, b] = [projectPoints(found[f], joints).uv, projectPoints(cameras[f], truth[f]).uv];
    const off = Array.from(
      { length: COMPARED },
      (_, j) => Math.hypot(a[j * 2] - b[j * 2], a[j * 2 + 1] - b[j * 2 + 1]),
    );
    return mean(off);
  });
  const [all, there] = [own, truth].map((frames) =>
    Float32Array.from(frames.flatMap((one) => [...one]))
  );
  const rigid = alignPoints(all, there, { rigid: true });
  const speeds = (["left_ankle", "right_ankle"] as const).flatMap((name) => {
    const at = JOINT_NAMES.indexOf(name) * 3;
    const speed = (joints: readonly Float32Array[], f: number) =>
      fps * Math.hypot(...[0, 1, 2].map((c) => joints[f + 1][at + c] - joints[f][at + c]));
    return truth.slice(1).map((_, f) => f).filter((f) => speed(truth, f) < STANDS)
      .map((f) => speed(own, f));
  });
  return {
    paMm: Math.round(1000 * mean(aligned)),
    worldMm: Math.round(1000 * meanDistance(applySimilarity(rigid, all), there)),
    pixels: Number(mean(pixels).toFixed(1)),
    focal: Number((found[0].fy / cameras[0].fy).toFixed(2)),
    overlap: Number(mean(fits.map(({ overlap = 0 }) => overlap)).toFixed(2)),
    slide: speeds.length === 0 ? null : Number(mean(speeds).toFixed(2)),
  };
}
