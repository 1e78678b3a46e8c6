/**
 * Whether what one view sees at a spot of the body, the others see there too.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  projectPoints,
  Random,
  samplePoints,
  type SurfaceSamples,
  surfaceSamples,
  visiblePoints,
} from "../geometry/mod.ts";
import { VIEW_SEED, type ViewedInstant, type ViewNumbers } from "./view_pairs.ts";

/** Spots on each body. */
export const VIEW_SPOTS = 512;

/** How well two views agree on the bodies' colours. */
export interface SpotScores {
  /** Spots that both saw, over all frames. */
  readonly spots: number;
  /** Mean absolute difference of colours at a spot, 0..1; `null` where they share none. */
  readonly difference: number | null;
  /** The same where each spot is held against another one that both saw. */
  readonly byChance: number | null;
}

interface Sums {
  spots: number;
  difference: number;
  byChance: number;
}

/** Sums of each pair of views, frame by frame. */
export class SpotComparison {
  readonly #pairs: readonly ViewNumbers[];
  readonly #body: BodyMesh;
  readonly #spots: SurfaceSamples;
  readonly #random = new Random(VIEW_SEED);
  readonly #sums: readonly Sums[];

  constructor(body: BodyMesh, pairs: readonly ViewNumbers[]) {
    this.#body = body;
    this.#pairs = pairs;
    this.#spots = surfaceSamples(body, VIEW_SPOTS, VIEW_SEED);
    this.#sums = pairs.map(() => ({ spots: 0, difference: 0, byChance: 0 }));
  }

  /** Adds what all views show at once. */
  add({ views, poses }: ViewedInstant): void {
    const body = this.#body;
    for (const pose of poses) {
      const { vertices } = body.pose(pose);
      const points = samplePoints(body, vertices, this.#spots);
      const seen = views.map(({ camera, picture }): Seen => ({
        visible: visiblePoints(camera, vertices, body.bodyFaces, points, { tolerance: 0.015 }),
        colours: coloursAt(picture, camera, projectPoints(camera, points).uv),
      }));
      for (const [i, [a, b]] of this.#pairs.entries()) {
        this.#compare(this.#sums[i], seen[a], seen[b]);
      }
    }
  }

  #compare(sum: Sums, a: Seen, b: Seen): void {
    const both: number[] = [];
    for (let i = 0; i < VIEW_SPOTS; i++) if (a.visible[i] && b.visible[i]) both.push(i);
    for (const spot of both) {
      const other = both[this.#random.int(both.length)];
      sum.difference += distance(a.colours, spot, b.colours, spot);
      sum.byChance += distance(a.colours, spot, b.colours, other);
    }
    sum.spots += both.length;
  }

  /** 1 − difference / byChance over all pairs; `null` where no spot was seen twice. */
  consistency(): number | null {
    const sum = (name: keyof Sums) => this.#sums.reduce((total, pair) => total + pair[name], 0);
    return sum("byChance") === 0 ? null : 1 - sum("difference") / sum("byChance");
  }

  /** Of each pair. */
  scores(): SpotScores[] {
    return this.#sums.map(({ spots, difference, byChance }) => {
      const share = (sum: number): number | null => spots === 0 ? null : sum / spots;
      return { spots, difference: share(difference), byChance: share(byChance) };
    });
  }
}

interface Seen {
  readonly visible: Uint8Array;
  readonly colours: Float32Array;
}

/** Bilinear colours 0..1 at pixels [N*2], of a picture whose pixel centres lie at ½: [N*3]. */
function coloursAt(
  picture: Uint8Array,
  { width, height }: Pick<Camera, "width" | "height">,
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
