/**
 * A window of cached clips as a clip of its own, placed as `generate` places it: points around the mean
 * pelvis of the window's first frame, zero NDC depth at the window's mean depth, rays in the frame of its
 * first camera. Nothing then grows with the way that a person walks.
 * @module
 */
import { InputError } from "../errors.ts";
import { type CameraPath, type MeanPelvis, planeDepth } from "../geometry/mod.ts";
import type { IsaDitConditions } from "../models/isa_dit/mod.ts";
import {
  add,
  matmul,
  mul,
  reshape,
  scope,
  select,
  sub,
  type Tensor,
  tensor,
  toNumbers,
} from "../tensor/mod.ts";

// B clips, K poses, f poses of a latent, T latent frames, P points, h×w latent size

/** Where a body and its camera are in one pose. */
interface Place extends MeanPelvis {
  /** 2·f_y/H */
  readonly focal: number;
  /** World to camera: rotation, row by row, and translation in metres, [12]. */
  readonly camera: readonly number[];
}

/** Numbers of a {@linkcode Place}: frame, depth, focal, position, camera. */
const SIZE = 18;

/** What latents for training keep of a clip's places, [K][{@linkcode SIZE}]. */
export function placesOf(pelvises: readonly MeanPelvis[], cameras: CameraPath): number[][] {
  return pelvises.map(({ frame, depth, position }) => {
    const { fy, height, rotation, translation } = cameras[frame];
    return [frame, depth, 2 * fy / height, ...position, ...rotation, ...translation];
  });
}

/** A clip of a batch. */
interface PlacedClip {
  /** Of the whole clip, as its conditions are placed. */
  readonly own: readonly Place[];
  /** The clip whose camera the rays follow: its own, or that of a scene's first view. */
  readonly lead: readonly Place[];
}

/**
 * What {@linkcode placesOf} kept of clips of a shard, and of those that lead them. Throws
 * {@linkcode InputError} where an older version made the shard.
 */
export function placesIn(
  { path, fields: { places } }: {
    readonly path: string;
    readonly fields: { readonly places?: Tensor };
  },
  { clips, leads }: { readonly clips: readonly number[]; readonly leads: readonly number[] },
): PlacedClip[] {
  if (!places) {
    throw new InputError(
      `the latents "${path}" are of an older version, which did not keep where bodies and cameras are: remove them, so that they are made anew`,
    );
  }
  const of = (clip: number) => readPlaces(toNumbers(select(places, 0, clip)) as number[]);
  return clips.map((clip, i) => ({ own: of(clip), lead: of(leads[i]) }));
}

function readPlaces(numbers: readonly number[]): Place[] {
  return Array.from({ length: numbers.length / SIZE }, (_, k) => {
    const [frame, depth, focal, ...rest] = numbers.slice(k * SIZE, (k + 1) * SIZE);
    return { frame, depth, focal, position: rest.slice(0, 3), camera: rest.slice(3) };
  });
}

/**
 * Moves points [B, K, P, 3], NDC and rays [B, 6·f, T, h, w] of windows whose first pose is the clip's
 * `first` one from their clips' places to their own. A rigid motion x′ = R x + t takes a line
 * (o × d, d) to (R(o × d) + t × R d, R d).
 */
export function placeWindow<
  Part extends Pick<IsaDitConditions, "points" | "pointsNdc" | "plucker">,
>(conditions: Part, first: number, clips: readonly PlacedClip[]): Part {
  const { points, pointsNdc, plucker } = conditions;
  const { device } = points;
  const [B, K] = points.shape;
  const [, C, ...size] = plucker.shape;
  const moves = clips.map(({ own }) => own[first].position.map((x, i) => x - own[0].position[i]));
  const depths = clips.map(({ own }) => depthChange(own, own.slice(first, first + K)));
  const lines = clips.map(({ own, lead }) => lineMotion(own[0].camera, lead[first].camera));
  return scope(() => {
    const scale = tensor(depths.map((by) => [1, 1, by]), { device });
    const shift = depths.map((by, i) =>
      clips[i].own.slice(first, first + K).map(({ focal }) => [0, 0, focal * (1 - by)])
    );
    const rays = reshape(plucker, [B, C / 6, 6, size.reduce((a, b) => a * b)]);
    const turn = tensor(lines.flat(), { shape: [B, 1, 6, 6], device });
    return {
      ...conditions,
      points: sub(points, tensor(moves.flat(), { shape: [B, 1, 1, 3], device })),
      pointsNdc: add(
        mul(pointsNdc, reshape(scale, [B, 1, 1, 3])),
        reshape(tensor(shift, { device }), [B, K, 1, 3]),
      ),
      plucker: reshape(matmul(turn, rays), plucker.shape),
    };
  });
}

/** The window's plane of zero depth over the clip's. */
function depthChange(clip: readonly Place[], window: readonly Place[]): number {
  const depth = (places: readonly Place[]) =>
    planeDepth([...new Map(places.map((place) => [place.frame, place])).values()]);
  return depth(window) / depth(clip);
}

/** How lines move from the frame of one camera to that of another, [6 · 6]. */
function lineMotion(from: readonly number[], to: readonly number[]): number[] {
  const [a, b] = [from, to].map((camera) => ({ R: camera.slice(0, 9), t: camera.slice(9) }));
  const R = (i: number, j: number) =>
    [0, 1, 2].reduce((sum, k) => sum + b.R[i * 3 + k] * a.R[j * 3 + k], 0);
  const t = [0, 1, 2].map((i) => b.t[i] - [0, 1, 2].reduce((sum, j) => sum + R(i, j) * a.t[j], 0));
  const cross = [[0, -t[2], t[1]], [t[2], 0, -t[0]], [-t[1], t[0], 0]];
  return Array.from({ length: 36 }, (_, at) => {
    const [row, column] = [Math.floor(at / 6), at % 6];
    if (row >= 3) return column >= 3 ? R(row - 3, column - 3) : 0;
    if (column < 3) return R(row, column);
    return [0, 1, 2].reduce((sum, k) => sum + cross[row][k] * R(k, column - 3), 0);
  });
}
