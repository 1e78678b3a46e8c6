/**
 * The colour of a person's surface at a place of the rest pose.
 * @module
 */
import type { Rgb } from "./colour.ts";
import type { Fabric, Outfit } from "./outfit.ts";

/** Surfaces that are coloured apart. */
export type Surface = "skin" | "hair" | "skirt" | "bun";

/** Height of the waist in the rest pose of `weights/body.safetensors`, in metres. */
export const WAIST = 1.0;

/** Heights and distances of the same, in metres. */
const SHOULDER = 0.19;
const WRIST = 0.655;
const BELT = 0.035;
const WAISTBAND = 0.88;
const SOLE = 0.014;

/** Colour at rest-pose (x, y, z); `part` is the body part's name. */
export function surfaceColour(
  outfit: Outfit,
  surface: Surface,
  part: string,
  x: number,
  y: number,
  z: number,
): Rgb {
  if (surface === "hair") return outfit.hairStyle === "hat" ? outfit.hat : outfit.hair;
  if (surface === "bun") return outfit.hair;
  if (surface === "skirt") return fabricColour(outfit.skirt!.fabric, x, y, z);
  switch (part) {
    case "face":
    case "lips":
    case "brows":
    case "ears":
    case "scalp":
    case "eye_white":
    case "iris":
      return headColour(outfit, part, x, y, z);
  }
  return clothColour(outfit, x, y, z) ?? outfit.skin;
}

/** How far clothes stand off the body at a place of the rest pose, in metres. */
export function clothThickness(outfit: Outfit, x: number, y: number, z: number): number {
  const { top, bottom, shoes } = outfit;
  if (coveredByTop(outfit, x, y, z)) {
    // Cuffs and the lower edge stand off a little more than the shoulders do.
    const loose = Math.abs(x) > SHOULDER ? 0.8 : Math.min(1, 0.5 + (1.4 - y));
    return 0.004 + top.loose * loose;
  }
  if (y < shoes.high) return y < 0.1 ? 0.006 : 0.01;
  if (y < WAIST && y > bottom.hem && Math.abs(x) < 0.3) {
    const flare = 0.6 + 0.8 * Math.max(0, 0.8 - y);
    return 0.003 + bottom.loose * flare;
  }
  return 0;
}

function clothColour(outfit: Outfit, x: number, y: number, z: number): Rgb | undefined {
  const { top, bottom, shoes, skirt } = outfit;
  if (y < shoes.high) return y < SOLE ? shoes.sole : shoes.colour;
  if (coveredByTop(outfit, x, y, z)) return fabricColour(top.fabric, x, y, z);
  if (Math.abs(x) > 0.3) return undefined;
  if (y < WAIST + 0.01) {
    if (bottom.belt && y > WAIST - BELT) return bottom.belt;
    // What shows at a skirt's upper edge must not look like what is worn below.
    const seen = skirt && y > WAISTBAND ? skirt.fabric : bottom.fabric;
    if (y > bottom.hem) return fabricColour(seen, x, y, z);
    if (y < shoes.sock) return shoes.sockColour;
  }
  return undefined;
}

function coveredByTop({ top }: Outfit, x: number, y: number, z: number): boolean {
  const side = Math.abs(x);
  if (y < top.hem || side > top.sleeve || side > WRIST) return false;
  if (side > SHOULDER) return true;
  // The neckline is lower in front than behind, and climbs beside the neck.
  const high = top.neck === "high" ? 0.05 : 0;
  if (y > 1.425 + high - 0.42 * (z - 0.02) + 0.35 * Math.max(0, side - 0.07)) return false;
  return !(top.neck === "deep" && z > 0.06 && y > 1.24 && side < 0.45 * (y - 1.24));
}

function fabricColour(fabric: Fabric, x: number, y: number, z: number): Rgb {
  const { emblem } = fabric;
  if (emblem && z > 0.06 && Math.abs(x) < 0.19) {
    const { kind, size } = emblem;
    const inside = kind === "opening"
      ? Math.abs(x) < size
      : kind === "disc"
      ? Math.hypot(x, y - 1.22) < size
      : Math.abs(x) < size * 1.15 && Math.abs(y - 1.22) < size * 0.8;
    if (inside) return emblem.colour;
  }
  return fabric.colours[secondColour(fabric, x, y, z) ? 1 : 0];
}

function secondColour({ pattern, repeat }: Fabric, x: number, y: number, z: number): boolean {
  const onArm = Math.abs(x) > SHOULDER && y > 1.2;
  // Along the limb or trunk, and around it.
  const along = onArm ? Math.abs(x) : y;
  const around = onArm ? y + z : x + (z > 0.04 ? 0 : 0.5 * repeat);
  const odd = (value: number, length: number) => value - Math.floor(value / length) * length;
  switch (pattern) {
    case "plain":
      return false;
    case "rings":
      return odd(along, repeat) < repeat / 2;
    case "lengthwise":
      return odd(around, repeat) < repeat / 2;
    case "checks":
      return (odd(along, repeat) < repeat / 2) !== (odd(around, repeat) < repeat / 2);
    case "dots": {
      const u = odd(along, repeat) / repeat - 0.5, v = odd(around, repeat) / repeat - 0.5;
      return u * u + v * v < 0.09;
    }
    case "halves":
      return x > 0;
    case "yoke":
      return onArm || y > 1.24;
  }
}

function headColour(outfit: Outfit, part: string, x: number, y: number, z: number): Rgb {
  const { skin, hair, hairStyle } = outfit;
  const side = Math.abs(x);
  // A ring around the eyes, dark as lashes are, keeps a look at small sizes.
  const nearEye = z > 0.11 && side > 0.012 && side < 0.052 && y > 1.541 && y < 1.567;
  if (outfit.glasses && z > 0.1 && y > 1.541 && y < 1.567 && side > 0.008) {
    return [0.08, 0.08, 0.1];
  }
  if (part === "brows") return shade(hair, skin, 0.75);
  if (part === "iris") return outfit.eyes;
  if (part === "eye_white") return [0.9, 0.89, 0.87];
  if (part === "lips") return outfit.lips;
  if (part === "scalp") return hairStyle === "bald" ? skin : hair;
  if (nearEye) return shade([0.1, 0.07, 0.06], skin, 0.5);
  if (outfit.beard && part === "face" && y < 1.508 && z > 0.055) {
    return shade(hair, skin, 0.85);
  }
  return skin;
}

/** `share` of `a` over `b`. */
function shade(a: Rgb, b: Rgb, share: number): Rgb {
  return [
    b[0] + (a[0] - b[0]) * share,
    b[1] + (a[1] - b[1]) * share,
    b[2] + (a[2] - b[2]) * share,
  ];
}
