/**
 * Whether several views show the same person at the same time: what one sees at a spot of the body,
 * the other must see there too.
 * @module
 */
import { InputError } from "../errors.ts";
import {
  type BodyMesh,
  type BodyPose,
  type CameraPath,
  projectPoints,
  Random,
  samplePoints,
  type SurfaceSamples,
  surfaceSamples,
  visiblePoints,
} from "../geometry/mod.ts";
import { openVideo, type VideoReader } from "../io/mod.ts";

/** Spots on each body. */
export const VIEW_SPOTS = 512;
/** Seed of the spots and of the wrong pairs. */
export const VIEW_SEED = 0;

/** One view of a scene. */
export interface View {
  readonly path: string;
  /** One a frame. */
  readonly cameras: CameraPath;
}

/** What all views show. */
export interface ViewedScene {
  readonly body: BodyMesh;
  /** Poses of all persons, one list a frame. */
  readonly poses: readonly (readonly BodyPose[])[];
}

/** How well two views agree. */
export interface ViewPair {
  readonly views: readonly [number, number];
  /** Spots that both saw, over all frames. */
  readonly spots: number;
  /** Mean absolute difference of colours at a spot, 0..1; `null` where they share none. */
  readonly difference: number | null;
  /** The same where each spot is held against another one that both saw. */
  readonly byChance: number | null;
}

/** How well all views agree. */
export interface ViewScores {
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** 1 − difference / byChance over all pairs: 1 where views agree, 0 where they do by chance only. */
  readonly consistency: number | null;
  readonly pairs: readonly ViewPair[];
}

/**
 * Reads all views side by side and compares what each two see of the bodies.
 *
 * @throws InputError for fewer than two views, and for videos that do not fit their cameras
 */
export async function viewScores(
  views: readonly View[],
  scene: ViewedScene,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ViewScores> {
  if (views.length < 2) throw new InputError(`${views.length} view, expected two or more`);
  const readers: VideoReader[] = [];
  const comparison = new Comparison(views, scene);
  try {
    for (const { path } of views) readers.push(await openVideo(path));
    for (const [i, reader] of readers.entries()) checkSize(views[i], reader);
    for (let frame = 0; frame < scene.poses.length; frame++) {
      signal?.throwIfAborted();
      const pictures = await Promise.all(readers.map(({ frames }) => frames.next()));
      const ended = pictures.findIndex(({ done }) => done);
      if (ended >= 0) {
        throw new InputError(
          `"${views[ended].path}" has ${frame} frames, the record asks for ${scene.poses.length}`,
        );
      }
      comparison.add(frame, pictures.map(({ value }) => value as Uint8Array));
    }
  } finally {
    for (const { frames } of readers) await frames.return(undefined);
  }
  const [{ width, height }] = readers;
  return { frames: scene.poses.length, width, height, ...comparison.result() };
}

function checkSize({ path, cameras }: View, { width, height }: VideoReader): void {
  const [camera] = cameras;
  if (camera.width === width && camera.height === height) return;
  throw new InputError(
    `"${path}" has frames of ${width}×${height}, its cameras ${camera.width}×${camera.height}`,
  );
}

interface PairSums {
  readonly views: readonly [number, number];
  spots: number;
  difference: number;
  byChance: number;
}

/** Sums of each pair of views. */
class Comparison {
  readonly #views: readonly View[];
  readonly #scene: ViewedScene;
  readonly #spots: SurfaceSamples;
  readonly #random = new Random(VIEW_SEED);
  readonly #sums: PairSums[] = [];

  constructor(views: readonly View[], scene: ViewedScene) {
    this.#views = views;
    this.#scene = scene;
    this.#spots = surfaceSamples(scene.body, VIEW_SPOTS, VIEW_SEED);
    for (let b = 1; b < views.length; b++) {
      for (let a = 0; a < b; a++) {
        this.#sums.push({ views: [a, b], spots: 0, difference: 0, byChance: 0 });
      }
    }
  }

  add(frame: number, pictures: readonly Uint8Array[]): void {
    const { body } = this.#scene;
    for (const pose of this.#scene.poses[frame]) {
      const { vertices } = body.pose(pose);
      const points = samplePoints(body, vertices, this.#spots);
      const seen = this.#views.map(({ cameras }, view) => {
        const camera = cameras[frame];
        return {
          visible: visiblePoints(camera, vertices, body.bodyFaces, points, { tolerance: 0.015 }),
          colours: coloursAt(pictures[view], camera, projectPoints(camera, points).uv),
        };
      });
      for (const sum of this.#sums) this.#compare(sum, seen[sum.views[0]], seen[sum.views[1]]);
    }
  }

  #compare(sum: PairSums, a: Seen, b: Seen): void {
    const both: number[] = [];
    for (let i = 0; i < VIEW_SPOTS; i++) if (a.visible[i] && b.visible[i]) both.push(i);
    for (const spot of both) {
      const other = both[this.#random.int(both.length)];
      sum.difference += distance(a.colours, spot, b.colours, spot);
      sum.byChance += distance(a.colours, spot, b.colours, other);
    }
    sum.spots += both.length;
  }

  result(): Pick<ViewScores, "consistency" | "pairs"> {
    const total = { difference: 0, byChance: 0 };
    const pairs = this.#sums.map(({ views, spots, difference, byChance }) => {
      total.difference += difference;
      total.byChance += byChance;
      const share = (sum: number): number | null => spots === 0 ? null : sum / spots;
      return { views, spots, difference: share(difference), byChance: share(byChance) };
    });
    const consistency = total.byChance === 0 ? null : 1 - total.difference / total.byChance;
    return { consistency, pairs };
  }
}

interface Seen {
  readonly visible: Uint8Array;
  readonly colours: Float32Array;
}

/** Bilinear colours 0..1 at pixels [N*2], of a picture whose pixel centres lie at ½: [N*3]. */
function coloursAt(
  picture: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  uv: Float32Array,
): Float32Array {
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  return Float32Array.from({ length: uv.length / 2 * 3 }, (_, i) => {
    const [point, c] = [Math.floor(i / 3), i % 3];
    const [x, y] = [
      clamp(uv[2 * point] - 0.5, width - 1),
      clamp(uv[2 * point + 1] - 0.5, height - 1),
    ];
    const [u, v] = [Math.min(width - 2, Math.floor(x)), Math.min(height - 2, Math.floor(y))];
    const at = (dx: number, dy: number): number => picture[((v + dy) * width + u + dx) * 3 + c];
    const [fx, fy] = [x - u, y - v];
    return ((1 - fy) * ((1 - fx) * at(0, 0) + fx * at(1, 0)) +
      fy * ((1 - fx) * at(0, 1) + fx * at(1, 1))) / 255;
  });
}

function distance(a: Float32Array, i: number, b: Float32Array, j: number): number {
  return [0, 1, 2].reduce((sum, c) => sum + Math.abs(a[3 * i + c] - b[3 * j + c]), 0) / 3;
}
