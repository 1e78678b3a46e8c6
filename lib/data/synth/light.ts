/**
 * What a surface looks like under a light.
 * @module
 */
import type { Rgb } from "./colour.ts";
import type { Light } from "./scene.ts";

/** Darkest and brightest that a sky makes a colour. */
const GAIN = { least: 0.3, most: 1.2 };

/** Colours are stored for a display, light is not: hence the exponent. */
function underSky(
  { harmonics, cos, sin }: NonNullable<Light["sky"]>,
  [wx, y, wz]: readonly number[],
  out: Float32Array,
): void {
  const x = wx * cos - wz * sin, z = wz * cos + wx * sin;
  const xy = x * y, yz = y * z, zz = 3 * z * z - 1, xz = x * z, xx = x * x - y * y;
  for (let k = 0; k < 3; k++) {
    const h = harmonics;
    const light = h[k] + h[3 + k] * y + h[6 + k] * z + h[9 + k] * x + h[12 + k] * xy +
      h[15 + k] * yz + h[18 + k] * zz + h[21 + k] * xz + h[24 + k] * xx;
    const gain = Math.pow(Math.max(0, light), 1 / 2.2);
    out[k] = Math.min(GAIN.most, Math.max(GAIN.least, gain));
  }
}

/** Lights a colour on a surface of a normal of any length; into `out` [3], at most 1. */
export function litColour(
  light: Light,
  colour: Rgb | Float32Array,
  normal: ArrayLike<number>,
  out: Float32Array,
): void {
  illumination(light, normal, out);
  for (let k = 0; k < 3; k++) out[k] = Math.min(1, colour[k] * out[k]);
}

/** What a white surface of a normal of any length looks like; into `out` [3]. */
export function illumination(light: Light, normal: ArrayLike<number>, out: Float32Array): void {
  const [lx, ly, lz] = light.direction;
  const x = normal[0], y = normal[1], z = normal[2];
  const length = Math.sqrt(x * x + y * y + z * z) || 1;
  if (light.sky) return underSky(light.sky, [x / length, y / length, z / length], out);
  const facing = (x * lx + y * ly + z * lz) / length;
  // Half-wrapped light keeps form in the shade; what looks down gets less of the room's light.
  const direct = Math.max(0, 0.3 + 0.7 * facing);
  const open = 0.9 + 0.1 * y / length;
  for (let k = 0; k < 3; k++) {
    out[k] = light.ambient[k] * open + light.direct[k] * direct;
  }
}
