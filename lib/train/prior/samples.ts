// B clips, F frames, S side of the crops, K planes of the prior

/**
 * Samples of a prior decoder's training: windows of rendered clips, cut around a person, beside the
 * prior of the same window. Plain bytes, no tensors: they are drawn in workers.
 * @module
 */
import type { Dataset, SynthClip, SynthPerson } from "../../data/mod.ts";
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  projectPoints,
  Random,
} from "../../geometry/mod.ts";
import {
  drawPrior,
  heightInPicture,
  PACKED_PLANES,
  packPlanes,
  paintBody,
  type PaintedBody,
} from "../../prior/mod.ts";
import type { BatchPart } from "../distributed/mod.ts";
import { sampleSeed } from "../settings.ts";

/** A batch as bytes. */
export interface PriorBatch {
  /** The truth, rgb24, [B, F, S, S, 3]. */
  readonly video: Uint8Array<ArrayBuffer>;
  /** 1 on a person, [B, F, S, S]. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** Planes of the prior, colours and normals around 127.5, shares up to 255, [B, F, S, S, K]. */
  readonly planes: Uint8Array<ArrayBuffer>;
  readonly shape: readonly [B: number, F: number, H: number, W: number];
}

/** What decides on a batch besides the clips. */
export interface PriorSampleConfig {
  /** Side of the crops, pixels. */
  readonly size: number;
  readonly frames: number;
  /** Share of the samples whose reference pose is off, as estimated ones are. */
  readonly perturbedShare: number;
}

const K = PACKED_PLANES;

/** Draws this rank's part of a micro-batch. */
export async function drawPriorBatch(
  { datasets, body }: { readonly datasets: readonly Dataset[]; readonly body: BodyMesh },
  { size: S, frames: F, perturbedShare }: PriorSampleConfig,
  { seed, part }: { readonly seed: number; readonly part: BatchPart },
): Promise<PriorBatch> {
  const batch = emptyBatch(part.count, F, S, S);
  for (let i = 0; i < part.count; i++) {
    const random = new Random(sampleSeed(seed, part.first + i));
    const dataset = random.pick(datasets);
    const clip = await dataset.clip(random.int(dataset.count));
    const perturb = random.float() < perturbedShare ? random.fork("pose") : undefined;
    const painted = clip.persons.map((person) => paintPerson(body, person, perturb));
    const first = random.int(clip.frames.count - F + 1);
    const corner = cropAround(body, clip, { frame: first + (F >> 1), size: S, random });
    const look = { mirrored: random.float() < 0.5, order: random.pick(COLOUR_ORDERS) };
    for (let f = 0; f < F; f++) {
      const window = { frame: first + f, ...corner, width: S, height: S };
      writeWindow(clip, painted, window, look, frameOf(batch, i * F + f));
    }
  }
  return batch;
}

/** The first frames of a clip, whole, as one batch. */
export function wholeWindow(
  clip: SynthClip,
  body: BodyMesh,
  { frames: F }: { readonly frames: number },
): PriorBatch {
  const { width: W, height: H } = clip.frames;
  const painted = clip.persons.map((person) => paintPerson(body, person));
  const batch = emptyBatch(1, F, H, W);
  const look = { mirrored: false, order: COLOUR_ORDERS[0] };
  for (let frame = 0; frame < F; frame++) {
    const window = { frame, x: 0, y: 0, width: W, height: H };
    writeWindow(clip, painted, window, look, frameOf(batch, frame));
  }
  return batch;
}

function emptyBatch(B: number, F: number, H: number, W: number): PriorBatch {
  const pixels = B * F * H * W;
  return {
    video: new Uint8Array(pixels * 3),
    mask: new Uint8Array(pixels),
    planes: new Uint8Array(pixels * K),
    shape: [B, F, H, W],
  };
}

/** Frame `at` of all clips' frames in a row. */
function frameOf({ video, mask, planes, shape: [, , H, W] }: PriorBatch, at: number) {
  const part = (bytes: Uint8Array, channels: number) =>
    bytes.subarray(at * H * W * channels, (at + 1) * H * W * channels);
  return { video: part(video, 3), mask: part(mask, 1), planes: part(planes, K) };
}

/** Red, green and blue exchanged: clothes of more colours than were rendered. */
const COLOUR_ORDERS = [[0, 1, 2], [0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0]] as const;

/** The body in a person's looks; with `random`, fitted as wrong as an estimated pose is. */
function paintPerson(body: BodyMesh, person: SynthPerson, random?: Random): PaintedBody {
  const { reference, referenceMask, referencePose, referenceCamera } = person;
  return paintBody(body, {
    picture: reference,
    mask: { width: reference.width, height: reference.height, data: referenceMask },
    pose: random ? perturbPose(referencePose, random) : referencePose,
    camera: referenceCamera,
  });
}

/** Deviations of a fitted body: 2.5° a joint, 1.2 cm, and a tenth of each shape direction. */
const OFF = { angle: 2.5 * Math.PI / 180, place: 0.012, shape: 0.1 } as const;

function perturbPose({ pose, translation, shape }: BodyPose, random: Random): BodyPose {
  const off = (values: ArrayLike<number>, by: number) =>
    Float32Array.from(values, (value) => value + by * random.normal());
  return {
    pose: off(pose, OFF.angle),
    translation: off(translation, OFF.place) as unknown as BodyPose["translation"],
    shape: shape && off(shape, OFF.shape),
  };
}

/** Corner of a crop that shows some part of a person of a frame. */
function cropAround(
  body: BodyMesh,
  clip: SynthClip,
  { frame, size, random }: {
    readonly frame: number;
    readonly size: number;
    readonly random: Random;
  },
): { readonly x: number; readonly y: number } {
  const person = random.pick(clip.persons);
  const { vertices } = body.pose(person.poses[frame]);
  const { uv } = projectPoints(clip.cameras[frame], vertices);
  const v = random.int(uv.length / 2);
  const { width, height } = clip.frames;
  const cut = (centre: number, side: number) => {
    const corner = Math.round(centre - size / 2 + random.range(-size / 4, size / 4));
    return Math.max(0, Math.min(side - size, Number.isFinite(corner) ? corner : 0));
  };
  return { x: cut(uv[v * 2], width), y: cut(uv[v * 2 + 1], height) };
}

interface Window {
  readonly frame: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Look {
  readonly mirrored: boolean;
  readonly order: readonly [number, number, number];
}

function writeWindow(
  clip: SynthClip,
  painted: readonly PaintedBody[],
  { frame, x, y, width: W, height: H }: Window,
  { mirrored, order }: Look,
  out: ReturnType<typeof frameOf>,
): void {
  const { width } = clip.frames;
  const all = frame * width * clip.frames.height;
  const background = new Uint8Array(H * W * 3);
  for (let row = 0; row < H; row++) {
    const from = (all + (y + row) * width + x) * 3;
    background.set(clip.background.data.subarray(from, from + W * 3), row * W * 3);
  }
  const camera = cutCamera(clip.cameras[frame], { x, y, width: W, height: H });
  const figures = clip.persons.map(({ poses }, i) => ({ painted: painted[i], pose: poses[frame] }));
  const prior = drawPrior(figures, camera, { background });
  const packed = packPlanes(prior, { tall: heightInPicture(camera, figures) });
  for (let at = 0; at < H * W; at++) {
    const [row, column] = [Math.floor(at / W), at % W];
    const to = mirrored ? row * W + W - 1 - column : at;
    const truth = all + (y + row) * width + x + column;
    out.planes.set(packed.subarray(at * K, at * K + K), to * K);
    for (let c = 0; c < 3; c++) {
      out.video[to * 3 + c] = clip.frames.data[truth * 3 + order[c]];
      out.planes[to * K + c] = packed[at * K + order[c]];
    }
    if (mirrored) out.planes[to * K + 5] = 255 - packed[at * K + 5];
    out.mask[to] = clip.mask[truth] > 0 ? 1 : 0;
  }
}

/** The camera of a part of its picture. */
function cutCamera(camera: Camera, { x, y, width, height }: Omit<Window, "frame">): Camera {
  return { ...camera, width, height, cx: camera.cx - x, cy: camera.cy - y };
}
