/**
 * What feature networks learn from: rendered frames and clips, and what is known of them.
 * @module
 */
import { type Dataset, readBody, type SynthClip } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import {
  type BodyMesh,
  type Camera,
  JOINT_COUNT,
  matrixToAxisAngle,
  projectPoints,
} from "../../geometry/mod.ts";

/** Cells a side of the maps that the network of frames answers with. */
export const CELLS = 16;

/** A frame: where each joint is, what the person covers, and two colours. */
export interface FrameSample {
  /** rgb24, square, its side a multiple of `CELLS`. */
  readonly pixels: Uint8Array;
  readonly size: number;
  /** Cell of each joint, row-major; −1 outside the picture. */
  readonly joints: Int16Array;
  /** Share of each cell that the person covers. */
  readonly coverage: Float32Array;
  /** Mean colours of person and background, 0..1, [6]. */
  readonly colours: Float32Array;
}

/** A clip: its facts as numbers and as kinds. */
export interface ClipSample {
  /** rgb24, [frames, size, size, 3]. */
  readonly pixels: Uint8Array;
  /** Joints in three frames, depths, colours, the camera's way; see {@linkcode clipFacts}. */
  readonly facts: Float32Array;
  /** Number of the motion in the data set's list. */
  readonly motion: number;
  /** Number of the camera's movement in the data set's list. */
  readonly camera: number;
}

/** How many numbers {@linkcode ClipSample} has as `facts`. */
export const CLIP_FACTS: number = 3 * (JOINT_COUNT * 2 + 1) + 6 + 6;

/** One frame of each of the first `count` clips; which one derives from the clip's number. */
export async function frameSamples(dataset: Dataset, count: number): Promise<FrameSample[]> {
  const body = await readBody();
  const samples: FrameSample[] = [];
  for (let i = 0; i < Math.min(count, dataset.count); i++) {
    const clip = await dataset.clip(i);
    samples.push(frameSample(body, clip, (i * 7) % clip.frames.count));
  }
  return samples;
}

/** The first `count` clips, at half size or whatever `size` is. */
export async function clipSamples(
  dataset: Dataset,
  { count, frames, size }: {
    readonly count: number;
    readonly frames: number;
    readonly size: number;
  },
): Promise<ClipSample[]> {
  const body = await readBody();
  const { motions, cameraKinds } = dataset.index;
  const samples: ClipSample[] = [];
  for (let i = 0; i < Math.min(count, dataset.count); i++) {
    const clip = await dataset.clip(i);
    if (clip.frames.count < frames) {
      throw new InputError(
        `clips of ${clip.frames.count} frames, the network takes ${frames}`,
      );
    }
    samples.push({
      pixels: smaller(clip, frames, size),
      facts: clipFacts(body, clip, frames),
      motion: (motions as readonly string[]).indexOf(clip.motionName),
      camera: (cameraKinds as readonly string[]).indexOf(clip.cameraKind),
    });
  }
  return samples;
}

function frameSample(body: BodyMesh, clip: SynthClip, frame: number): FrameSample {
  const { width, height, data } = clip.frames;
  checkSquare(width, height, CELLS);
  const area = width * width;
  const mask = clip.mask.subarray(frame * area, (frame + 1) * area);
  const uv = jointPixels(body, clip, frame).uv;
  const cell = width / CELLS;
  const joints = new Int16Array(JOINT_COUNT).fill(-1);
  for (let j = 0; j < JOINT_COUNT; j++) {
    const [u, v] = [Math.floor(uv[2 * j] / cell), Math.floor(uv[2 * j + 1] / cell)];
    if (u >= 0 && u < CELLS && v >= 0 && v < CELLS) joints[j] = v * CELLS + u;
  }
  const coverage = new Float32Array(CELLS * CELLS);
  for (let i = 0; i < area; i++) {
    const [x, y] = [Math.floor(i % width / cell), Math.floor(Math.floor(i / width) / cell)];
    if (mask[i]) coverage[y * CELLS + x] += 1 / (cell * cell);
  }
  const pixels = data.slice(frame * area * 3, (frame + 1) * area * 3);
  return { pixels, size: width, joints, coverage, colours: meanColours(pixels, mask) };
}

/**
 * The numbers of a clip: joints −1..1 in its first, middle and last frame, the pelvis' log depth there;
 * mean colours of person and background; the last camera seen from the first, as rotation (axis-angle)
 * and way (metres).
 */
function clipFacts(body: BodyMesh, clip: SynthClip, frames: number): Float32Array {
  const facts = new Float32Array(CLIP_FACTS);
  let at = 0;
  const { width, height } = clip.frames;
  for (const frame of [0, frames >> 1, frames - 1]) {
    const { uv, depth } = jointPixels(body, clip, frame);
    for (let j = 0; j < JOINT_COUNT; j++) {
      facts[at++] = 2 * uv[2 * j] / width - 1;
      facts[at++] = 2 * uv[2 * j + 1] / height - 1;
    }
    facts[at++] = Math.log(Math.max(0.1, depth[0]));
  }
  const pixels = clip.frames.data.subarray(0, width * height * 3);
  facts.set(meanColours(pixels, clip.mask), at);
  facts.set(relativeCamera(clip.cameras[0], clip.cameras[frames - 1]), at + 6);
  return facts;
}

function jointPixels(body: BodyMesh, clip: SynthClip, frame: number) {
  const { pose, translation, shape = clip.shape } = clip.poses[frame];
  return projectPoints(clip.cameras[frame], body.poseJoints({ pose, translation, shape }));
}

/** R₂R₁ᵀ and t₂ − R₂R₁ᵀt₁. */
function relativeCamera(first: Camera, last: Camera): number[] {
  const rotation = Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return [0, 1, 2].reduce(
      (sum, k) => sum + last.rotation[row * 3 + k] * first.rotation[column * 3 + k],
      0,
    );
  });
  const way = [0, 1, 2].map((row) =>
    last.translation[row] - [0, 1, 2].reduce(
      (sum, k) => sum + rotation[row * 3 + k] * first.translation[k],
      0,
    )
  );
  return [...matrixToAxisAngle(rotation), ...way];
}

function meanColours(pixels: Uint8Array, mask: Uint8Array): Float32Array {
  const sums = new Float64Array(6);
  const counts = [0, 0];
  for (let i = 0; i < pixels.length / 3; i++) {
    const part = mask[i] ? 0 : 1;
    counts[part]++;
    for (let c = 0; c < 3; c++) sums[part * 3 + c] += pixels[3 * i + c];
  }
  return Float32Array.from(sums, (sum, i) => sum / Math.max(1, counts[i < 3 ? 0 : 1]) / 255);
}

/** Means of whole blocks of pixels. */
function smaller({ frames: { width, height, data } }: SynthClip, frames: number, size: number) {
  checkSquare(width, height, size);
  const block = width / size;
  const out = new Uint8Array(frames * size * size * 3);
  for (let i = 0; i < out.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % size, Math.floor(i / 3 / size) % size];
    const frame = Math.floor(i / 3 / size / size);
    let sum = 0;
    for (let b = 0; b < block * block; b++) {
      const [u, v] = [x * block + b % block, y * block + Math.floor(b / block)];
      sum += data[((frame * height + v) * width + u) * 3 + c];
    }
    out[i] = sum / block / block + 0.5;
  }
  return out;
}

function checkSquare(width: number, height: number, parts: number): void {
  if (width === height && width % parts === 0) return;
  throw new InputError(
    `clips of ${width}×${height}, expected square ones of a multiple of ${parts}`,
  );
}
