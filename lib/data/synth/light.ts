/**
 * What a surface looks like under a light.
 * @module
 */
import type { Rgb } from "./colour.ts";
import type { Light } from "./scene.ts";

/** Lights a colour on a surface of a normal of any length; into `out` [3], at most 1. */
export function litColour(
  light: Light,
  colour: Rgb | Float32Array,
  normal: ArrayLike<number>,
  out: Float32Array,
): void {
  const [lx, ly, lz] = light.direction;
  const x = normal[0], y = normal[1], z = normal[2];
  const length = Math.sqrt(x * x + y * y + z * z) || 1;
  const facing = (x * lx + y * ly + z * lz) / length;
  // Half-wrapped light keeps form in the shade; what looks down gets less of the room's light.
  const direct = Math.max(0, 0.3 + 0.7 * facing);
  const open = 0.9 + 0.1 * y / length;
  for (let k = 0; k < 3; k++) {
    out[k] = Math.min(1, colour[k] * (light.ambient[k] * open + light.direct[k] * direct));
  }
}
