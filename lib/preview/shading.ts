/**
 * Bodies laid over pictures: lit, in one colour a person, with an outline.
 * @module
 */
import type { BodyLayer } from "../geometry/mod.ts";

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Colours of the persons: far from skin, from each other, and told apart by colour-blind eyes. */
export const PERSON_COLOURS: readonly Rgb[] = [
  [64, 172, 226],
  [240, 142, 64],
  [150, 120, 224],
  [98, 190, 110],
];

/** Towards the light, in the camera's axes: from above, a little left, before the body. */
const LIGHT = [-0.42, -0.62, -0.66] as const;

/** Light that reaches every side, and how much brighter a rim seen edge-on is. */
const AMBIENT = 0.38;
const RIM = 0.28;

/** How a layer is laid over a picture. */
export interface ShadeOptions {
  /** Opacity of the bodies, 0 to 1. */
  readonly opacity: number;
  /** Pixels of the layer to a pixel of the picture, a side: several smooth the edges. */
  readonly samples: number;
  /** Colour of a line around each body; absent: none. */
  readonly outline?: Rgb;
}

/** Lays bodies over an rgb24 picture, in place; the layer is `samples` times as wide and high. */
export function shadeBodies(
  picture: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  layer: BodyLayer,
  { opacity, samples, outline }: ShadeOptions,
): void {
  const edge = outline ? edgePixels(layer) : undefined;
  const colour = new Float64Array(3);
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      let [covered, lined] = [0, 0];
      colour.fill(0);
      for (let k = 0; k < samples * samples; k++) {
        const at = (y * samples + Math.floor(k / samples)) * layer.width + x * samples +
          k % samples;
        if (edge?.[at]) lined++;
        else if (layer.person[at] >= 0) {
          covered++;
          addLight(colour, layer, at);
        }
      }
      if (covered + lined === 0) continue;
      const all = samples * samples;
      for (let c = 0; c < 3; c++) {
        const i = (y * picture.width + x) * 3 + c;
        const bare = picture.data[i] * (all - lined - covered * opacity);
        picture.data[i] = (bare + colour[c] * opacity + lined * (outline?.[c] ?? 0)) / all;
      }
    }
  }
}

function addLight(sum: Float64Array, { person, normals }: BodyLayer, at: number): void {
  const x = normals[at * 3], y = normals[at * 3 + 1], z = normals[at * 3 + 2];
  const facing = Math.max(0, x * LIGHT[0] + y * LIGHT[1] + z * LIGHT[2]);
  const rim = RIM * (1 + Math.min(0, z)) ** 3;
  const base = PERSON_COLOURS[person[at] % PERSON_COLOURS.length];
  const light = AMBIENT + (1 - AMBIENT) * facing;
  for (let c = 0; c < 3; c++) sum[c] += Math.min(255, base[c] * light * 1.08 + 255 * rim);
}

/** 1 where another body, or none, lies within two pixels right, left, above or below. */
function edgePixels({ person, width, height }: BodyLayer): Uint8Array {
  const edge = new Uint8Array(person.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (x + 1 < width && person[at] !== person[at + 1]) {
        for (let k = -1; k <= 2; k++) if (x + k >= 0 && x + k < width) edge[at + k] = 1;
      }
      if (y + 1 < height && person[at] !== person[at + width]) {
        for (let k = -1; k <= 2; k++) if (y + k >= 0 && y + k < height) edge[at + k * width] = 1;
      }
    }
  }
  return edge;
}
