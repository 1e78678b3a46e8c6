/**
 * Colours of people and rooms; red, green, blue in 0..1 as stored in pictures.
 * @module
 */
import type { Random } from "../../geometry/mod.ts";

/** Red, green, blue in 0..1. */
export type Rgb = readonly [number, number, number];

/** Colour of a hue in turns, a saturation and a value in 0..1. */
export function hsv(hue: number, saturation: number, value: number): Rgb {
  const channel = (shift: number) => {
    const k = (shift + hue * 6) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** From `a` (t = 0) to `b` (t = 1). */
export function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** Brighter (by > 1) or darker, kept in 0..1. */
export function scaled(colour: Rgb, by: number): Rgb {
  return colour.map((c) => Math.min(1, Math.max(0, c * by))) as unknown as Rgb;
}

/** Perceived brightness in 0..1 (Rec. 601 luma). */
function luma([r, g, b]: Rgb): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

const SKINS: readonly Rgb[] = [
  [0.97, 0.83, 0.74],
  [0.93, 0.76, 0.64],
  [0.86, 0.66, 0.51],
  [0.76, 0.55, 0.4],
  [0.6, 0.41, 0.29],
  [0.45, 0.3, 0.21],
  [0.33, 0.22, 0.16],
];

const HAIRS: readonly Rgb[] = [
  [0.08, 0.07, 0.07],
  [0.17, 0.11, 0.08],
  [0.3, 0.18, 0.1],
  [0.45, 0.28, 0.14],
  [0.62, 0.29, 0.12],
  [0.82, 0.65, 0.36],
  [0.9, 0.8, 0.58],
  [0.62, 0.62, 0.63],
];

const FABRICS: readonly Rgb[] = [
  [0.93, 0.92, 0.9],
  [0.12, 0.12, 0.14],
  [0.42, 0.43, 0.46],
  [0.13, 0.18, 0.36],
  [0.8, 0.72, 0.58],
  [0.4, 0.27, 0.18],
  [0.36, 0.4, 0.22],
  [0.24, 0.36, 0.56],
  [0.55, 0.16, 0.18],
];

/** A skin tone between two neighbours of a light-to-dark scale. */
export function drawSkin(random: Random): Rgb {
  const place = random.range(0, SKINS.length - 1.001);
  return mix(SKINS[Math.floor(place)], SKINS[Math.floor(place) + 1], place % 1);
}

/** A hair colour, now and then a dyed one. */
export function drawHair(random: Random): Rgb {
  if (random.float() < 0.08) return hsv(random.float(), random.range(0.5, 0.8), 0.65);
  return scaled(random.pick(HAIRS), random.range(0.85, 1.15));
}

/** A fabric's colour: saturated, or one of those that wardrobes are full of. */
export function drawFabric(random: Random): Rgb {
  if (random.float() < 0.62) {
    return hsv(random.float(), random.range(0.5, 0.92), random.range(0.5, 0.95));
  }
  return scaled(random.pick(FABRICS), random.range(0.88, 1.1));
}

/** A fabric's colour that is well apart from `other` in brightness or hue. */
export function drawContrast(random: Random, other: Rgb): Rgb {
  for (let attempt = 0; attempt < 12; attempt++) {
    const colour = drawFabric(random);
    const apart = colour.reduce((sum, c, i) => sum + Math.abs(c - other[i]), 0);
    if (apart > 0.65) return colour;
  }
  return luma(other) > 0.5 ? [0.12, 0.12, 0.14] : [0.93, 0.92, 0.9];
}

/** A quiet colour for a wall or a floor. */
export function drawMuted(random: Random, value: readonly [number, number]): Rgb {
  return hsv(random.float(), random.range(0.04, 0.32), random.range(...value));
}
