/**
 * Fixed surface points of bodies over a clip, as ISA-DiT reads them: every pose's in metres and in NDC,
 * and where each point lies in the person's reference image.
 * @module
 */
import type { BodyMesh } from "./body.ts";
import type { Camera, CameraPath } from "./camera.ts";
import { projectPoints, toNdc } from "./projection.ts";
import { rasterise, rasterTarget } from "./raster.ts";
import { visiblePoints } from "./raster_visibility.ts";
import { samplePoints, type SurfaceSamples } from "./surface.ts";

/** A body in one pose. */
export interface BodyPose {
  /** Axis-angle rotations of 24 joints, [72]. */
  readonly pose: Float32Array;
  /** Metres. */
  readonly translation: readonly [number, number, number];
  /** Coefficients of the body's shape directions, [10]; zeros where absent. */
  readonly shape?: Float32Array;
}

/** A person over a clip, and where the same person stands in the reference image. */
export interface PersonTrack {
  /** One pose a frame. */
  readonly poses: readonly BodyPose[];
  /** The reference image's body and camera; absent: nothing of the person is known as seen. */
  readonly reference?: {
    readonly body: BodyPose;
    readonly camera: Camera;
    /** The upper left part of the camera's picture that was taken; absent: all of it. */
    readonly taken?: { readonly width: number; readonly height: number };
  };
}

/** Where persons are in one frame. */
export interface MeanPelvis {
  /** Its frame. */
  readonly frame: number;
  /** Mean of all persons' pelvises, in metres. */
  readonly position: readonly number[];
  /** Its depth in that frame's camera, in metres. */
  readonly depth: number;
}

/** Plain arrays; K = f_t·T poses, P points of all persons. */
export interface BodyPoints {
  /** Poses. */
  readonly K: number;
  /** Points of all persons. */
  readonly P: number;
  /** Metres around the mean pelvis of frame 0, [K, P, 3]. */
  readonly points: Float32Array;
  /** NDC with zero depth at the clip's mean pelvis, [K, P, 3]. */
  readonly pointsNdc: Float32Array;
  /**
   * 1 in front of the camera, 0 behind it, behind another person, and for spots that the
   * body lacks, [K, P].
   */
  readonly inFront: Uint8Array;
  /** Position in the person's reference image, −1..1 to the right and down, [P, 2]. */
  readonly referenceUv: Float32Array;
  /** 1 where the point is seen in the reference image, [P]. */
  readonly referenceVisible: Uint8Array;
  /** Index of the person, [P]. */
  readonly person: Uint8Array;
  /** What `points` and `pointsNdc` are placed by, [K]. */
  readonly pelvises: readonly MeanPelvis[];
}

/**
 * Which frame each of the f·T poses of T latent frames is: the first latent is frame 0, f times, and
 * latent k the frames f(k−1)+1 … f·k.
 */
export function latentPoses(frames: number, temporalFactor: number): number[] {
  const latents = Math.ceil((frames - 1) / temporalFactor) + 1;
  return Array.from({ length: latents * temporalFactor }, (_, k) => {
    const frame = Math.max(0, k - temporalFactor + 1);
    return Math.min(frame, frames - 1);
  });
}

/** Nearest depth, in metres, that counts as in front of the camera. */
const NEAR = 0.05;

/** Of which part of a clip, and what is known of it. */
export interface BodyPointOptions {
  /** One a frame of the whole clip. */
  readonly cameras: CameraPath;
  /** f_t */
  readonly temporalFactor: number;
  /** The part of {@linkcode latentPoses} that is meant, by itself the whole. Its first frame is the origin. */
  readonly order?: readonly number[];
  /** Where the points lie in the references, if that is known already. */
  readonly inReference?: ReferencePositions;
}

/** Points, NDC and reference positions of all persons of a clip, or of a part of it. */
export function bodyPoints(
  body: BodyMesh,
  samples: SurfaceSamples,
  persons: readonly PersonTrack[],
  options: BodyPointOptions,
): BodyPoints {
  const { cameras, temporalFactor, inReference } = options;
  const order = options.order ?? latentPoses(cameras.length, temporalFactor);
  const count = samples.faces.length;
  const [K, P] = [order.length, count * persons.length];
  const frames = [...new Set(order)];
  const { perFrame, positions } = poseAll(body, samples, persons, frames);
  const pelvises = new Map(frames.map((frame, i) => {
    const position = mean(positions.map((person) => person[i]));
    const { depth } = projectPoints(cameras[frame], Float32Array.from(position));
    return [frame, { frame, position, depth: depth[0] }];
  }));
  const origin = pelvises.get(order[0])!.position;
  const depth = planeDepth([...pelvises.values()]);

  const points = new Float32Array(K * P * 3);
  const pointsNdc = new Float32Array(K * P * 3);
  const inFront = new Uint8Array(K * P);
  const hidden = hiddenPoints(body, persons, { frames, cameras, perFrame });
  for (const [k, frame] of order.entries()) {
    for (const [person] of persons.entries()) {
      const world = perFrame[person].get(frame)!;
      const at = (k * P + person * count) * 3;
      pointsNdc.set(toNdc(cameras[frame], world, depth), at);
      const { depth: z } = projectPoints(cameras[frame], world);
      for (let i = 0; i < count; i++) {
        for (let axis = 0; axis < 3; axis++) {
          points[at + i * 3 + axis] = world[i * 3 + axis] - origin[axis];
        }
        const covered = samples.absent?.[i] || hidden.get(frame)?.[person][i];
        inFront[at / 3 + i] = z[i] > NEAR && !covered ? 1 : 0;
      }
    }
  }
  return {
    ...{ K, P, points, pointsNdc, inFront },
    ...inReference ?? referencePositions(body, samples, persons),
    pelvises: order.map((frame) => pelvises.get(frame)!),
  };
}

/** World points by frame and pelvises of every person in some frames. */
function poseAll(
  body: BodyMesh,
  samples: SurfaceSamples,
  persons: readonly PersonTrack[],
  frames: readonly number[],
): { perFrame: Map<number, Float32Array>[]; positions: number[][][] } {
  const perFrame: Map<number, Float32Array>[] = [];
  const positions: number[][][] = [];
  for (const { poses } of persons) {
    const points = new Map<number, Float32Array>();
    // Vertices of all frames at once would be most of the memory.
    positions.push(frames.map((frame) => {
      const { vertices, joints } = body.pose(poses[frame]);
      points.set(frame, samplePoints(body, vertices, samples));
      return [...joints.subarray(0, 3)];
    }));
    perFrame.push(points);
  }
  return { perFrame, positions };
}

/** Metres by which another body must be nearer to hide a point: skin touches skin. */
const CLEARLY_NEARER = 0.05;

/**
 * 1 for points that another person's body hides, by frame and person. Such a point would claim a pixel
 * that shows somebody else; points that the own body hides stay, as a model knows them from clips of
 * one person.
 */
function hiddenPoints(
  body: BodyMesh,
  persons: readonly PersonTrack[],
  { frames, cameras, perFrame }: {
    readonly frames: readonly number[];
    readonly cameras: CameraPath;
    readonly perFrame: readonly Map<number, Float32Array>[];
  },
): Map<number, Uint8Array[]> {
  const found = new Map<number, Uint8Array[]>();
  if (persons.length < 2) return found;
  for (const frame of frames) {
    const camera = cameras[frame];
    const depths = persons.map(({ poses }) => {
      const target = rasterTarget(camera.width, camera.height);
      const { vertices } = body.pose(poses[frame]);
      rasterise(target, camera, { vertices, faces: body.bodyFaces });
      return target.depth;
    });
    const flags = perFrame.map((points, person) => {
      const { uv, depth } = projectPoints(camera, points.get(frame)!);
      return Uint8Array.from(depth, (z, i) => {
        const [x, y] = [Math.floor(uv[i * 2]), Math.floor(uv[i * 2 + 1])];
        if (x < 0 || y < 0 || x >= camera.width || y >= camera.height) return 0;
        const pixel = y * camera.width + x;
        const nearer = depths.some((other, k) => k !== person && other[pixel] < z - CLEARLY_NEARER);
        return nearer ? 1 : 0;
      });
    });
    found.set(frame, flags);
  }
  return found;
}

/** The depth that counts as zero in NDC: the mean over frames, each given once, in metres. */
export function planeDepth(pelvises: readonly Pick<MeanPelvis, "depth">[]): number {
  return Math.max(NEAR, pelvises.reduce((sum, { depth }) => sum + depth, 0) / pelvises.length);
}

/** What of {@linkcode BodyPoints} does not depend on time. */
export type ReferencePositions = Pick<
  BodyPoints,
  "referenceUv" | "referenceVisible" | "person"
>;

/** Where each person's points lie in the person's own reference image, and which are seen there. */
export function referencePositions(
  body: BodyMesh,
  samples: SurfaceSamples,
  persons: readonly PersonTrack[],
): ReferencePositions {
  const count = samples.faces.length;
  const referenceUv = new Float32Array(count * persons.length * 2);
  const referenceVisible = new Uint8Array(count * persons.length);
  const person = new Uint8Array(count * persons.length);
  for (const [index, { reference }] of persons.entries()) {
    person.fill(index, index * count, (index + 1) * count);
    if (!reference) continue;
    const { camera, taken } = reference;
    const { vertices } = body.pose(reference.body);
    const points = samplePoints(body, vertices, samples);
    const { uv } = projectPoints(camera, points);
    const visible = visiblePoints({ ...camera, ...taken }, vertices, body.bodyFaces, points)
      .map((seen, i) => samples.absent?.[i] ? 0 : seen);
    referenceVisible.set(visible, index * count);
    for (let i = 0; i < count; i++) {
      referenceUv[(index * count + i) * 2] = 2 * uv[i * 2] / camera.width - 1;
      referenceUv[(index * count + i) * 2 + 1] = 2 * uv[i * 2 + 1] / camera.height - 1;
    }
  }
  return { referenceUv, referenceVisible, person };
}

function mean(points: number[][]): number[] {
  return [0, 1, 2].map((axis) => points.reduce((sum, p) => sum + p[axis], 0) / points.length);
}
