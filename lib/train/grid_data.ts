/**
 * Scenes that several cameras filmed, among cached clips.
 * @module
 */
import { InputError } from "../errors.ts";
import type { Random } from "../geometry/mod.ts";
import { matmul, reshape, scope, type Tensor, tensor, toNumbers } from "../tensor/mod.ts";

// M clips, f video frames of a latent, T latent frames, h×w latent size

/** Fields of a shard of cached clips that tell views of a scene from each other. */
export interface ViewFields {
  /** [clips] */
  readonly view?: Tensor;
  /** World to camera: rotation and translation, [clips, 12]. */
  readonly firstCamera?: Tensor;
}

/**
 * The scenes of a shard, each the clips that show it, by view. Throws {@linkcode InputError} where
 * clips do not say which view they are.
 */
export function scenesOf({ view }: ViewFields): number[][] {
  if (!view) {
    throw new InputError(
      "the latents do not say which clips show one scene: remove their folder, so that they are made anew",
    );
  }
  const scenes: number[][] = [];
  for (const [clip, number] of (toNumbers(view) as number[]).entries()) {
    if (number === 0) scenes.push([]);
    scenes.at(-1)!.push(clip);
  }
  return scenes;
}

/**
 * Random scenes of one number of persons and, of each, equally many views in random order: no more
 * than the smallest of them has.
 */
export function drawScenes(
  scenes: readonly (readonly number[])[],
  { batch, views: [least, most], persons }: {
    readonly batch: number;
    readonly views: readonly [number, number];
    /** Of each clip; a scene's clips show the same ones. */
    readonly persons: readonly number[];
  },
  random: Random,
): { readonly views: number; readonly scenes: number[][] } {
  const first = random.pick(scenes);
  const alike = scenes.filter(([clip]) => persons[clip] === persons[first[0]]);
  const drawn = [first, ...Array.from({ length: batch - 1 }, () => random.pick(alike))];
  const there = Math.min(...drawn.map(({ length }) => length));
  const views = Math.min(there, least + random.int(most - least + 1));
  return { views, scenes: drawn.map((clips) => shuffled(clips, random).slice(0, views)) };
}

function shuffled(items: readonly number[], random: Random): number[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

/**
 * Plücker rays [M, 6·f, T, h, w], each clip's in the frame of its own first camera → in that of its
 * scene's first clip. A rigid motion x′ = R x + t takes a line (o × d, d) to (R(o × d) + t × R d, R d).
 */
export function inSceneFrames(
  plucker: Tensor,
  { firstCamera }: ViewFields,
  scenes: readonly (readonly number[])[],
): Tensor {
  if (!firstCamera) throw new InputError("the latents do not hold their cameras: make them anew");
  const numbers = toNumbers(firstCamera) as number[];
  const cameraOf = (clip: number) => numbers.slice(clip * 12, clip * 12 + 12);
  const [M, C, T, h, w] = plucker.shape;
  return scope(() => {
    const motions = scenes.flatMap((clips) =>
      clips.map((clip) => lineMotion(cameraOf(clip), cameraOf(clips[0])))
    );
    const matrix = tensor(motions.flat(), { shape: [M, 1, 6, 6], device: plucker.device });
    const lines = reshape(plucker, [M, C / 6, 6, T * h * w]);
    return reshape(matmul(matrix, lines), [M, C, T, h, w]);
  });
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
