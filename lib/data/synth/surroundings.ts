/**
 * Photographed places: a panorama of everything around, laid on the floor and on a round wall, so that
 * it moves right with the camera, and the light that comes from it.
 * @module
 */
import type { Random } from "../../geometry/mod.ts";
import type { FreeSpace, Light, Scene } from "./scene.ts";

/** A photographed place, as the assets have it. */
export interface Surroundings {
  readonly name: string;
  /** Whether it is for held-out clips alone. */
  readonly heldOut: boolean;
  /** Distance of the wall from the middle, metres; less than that to any side is floor. */
  readonly radius: number;
  /** RGB in 0..1 over azimuth and elevation, rows from above, [height*width*3]; width is twice height. */
  readonly pixels: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Light that reaches a white surface of each normal, [27]: nine harmonics of red, green and blue. */
  readonly light: Float32Array;
  /** Towards the most of it. */
  readonly brightest: readonly [number, number, number];
}

/** Places to draw from, and which share of all places is one of them. */
export interface PhotographedPlaces {
  readonly places: readonly Surroundings[];
  /** Above 0, at most 1. */
  readonly share: number;
}

/** Height of the camera that took the panorama, metres. */
const EYE = 1.6;
/** Lowest light that throws a shadow: the sine of its elevation. */
const STEEP = 0.5;

/** Whether a place is photographed, which one, and how it is turned; undefined for the others. */
export function pickPlace(
  random: Random,
  photographed: PhotographedPlaces | undefined,
  heldOut: boolean,
): { place: Surroundings; turn: number } | undefined {
  if (!photographed || random.fork("photographed").float() >= photographed.share) return undefined;
  const places = photographed.places.filter((place) => place.heldOut === heldOut);
  if (places.length === 0) return undefined;
  const draw = random.fork("surroundings");
  return { place: draw.pick(places), turn: draw.range(-Math.PI, Math.PI) };
}

/** The scene in the middle of the free space. */
export function surroundingScene(
  { place, turn }: { place: Surroundings; turn: number },
  { min, max }: FreeSpace,
): Scene {
  const middle = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2] as const;
  const reach = Math.hypot(max[0] - min[0], max[1] - min[1]) / 2 + 0.5;
  return {
    kind: "surroundings",
    place,
    turn,
    middle,
    radius: Math.max(place.radius, reach),
    light: lightOf(place, turn),
  };
}

/** A place's light, turned as the place is. */
export function lightOf({ light, brightest }: Surroundings, turn: number): Light {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const [x, y, z] = brightest;
  const up = Math.max(STEEP, y), flat = Math.sqrt(1 - up * up) / (Math.hypot(x, z) || 1);
  return {
    direction: [(x * cos + z * sin) * flat, up, (z * cos - x * sin) * flat],
    ambient: [1, 1, 1],
    direct: [0, 0, 0],
    sky: { harmonics: light, cos, sin },
  };
}

/** Makes the colour of the ray from `origin` along `d`; gives its length where it meets the floor, else 0. */
export function surroundingsShader(
  { place, turn, middle, radius }: Extract<Scene, { kind: "surroundings" }>,
  origin: readonly number[],
): (d: ArrayLike<number>, out: Float32Array) => number {
  const ox = origin[0] - middle[0], oz = origin[2] - middle[1];
  return (d, out) => {
    const ground = d[1] < -1e-6 ? -origin[1] / d[1] : Infinity;
    const a = d[0] * d[0] + d[2] * d[2], b = ox * d[0] + oz * d[2];
    const c = ox * ox + oz * oz - radius * radius;
    const wall = a < 1e-12 ? Infinity : (-b + Math.sqrt(Math.max(0, b * b - a * c))) / a;
    const t = Math.min(ground, wall, 1e6);
    lookUp(place, turn, [ox + d[0] * t, origin[1] + d[1] * t - EYE, oz + d[2] * t], out);
    return ground <= wall && ground < 1e6 ? ground : 0;
  };
}

/** Colour in a direction of any length, between the four nearest pixels. */
function lookUp(
  { pixels, width, height }: Surroundings,
  turn: number,
  [x, y, z]: readonly number[],
  out: Float32Array,
): void {
  // Who turns right sees what is further right in the panorama, and +X is to the left of +Z.
  const u = 0.5 - (Math.atan2(x, z) - turn) / (2 * Math.PI);
  const v = 0.5 - Math.atan2(y, Math.hypot(x, z)) / Math.PI;
  const px = (u - Math.floor(u)) * width - 0.5 + width;
  const py = Math.min(height - 1.001, Math.max(0, v * height - 0.5));
  const x0 = Math.floor(px), y0 = Math.floor(py);
  const fx = px - x0, fy = py - y0;
  const left = (y0 * width + x0 % width) * 3, right = (y0 * width + (x0 + 1) % width) * 3;
  for (let k = 0; k < 3; k++) {
    const up = pixels[left + k] * (1 - fx) + pixels[right + k] * fx;
    const low = pixels[left + width * 3 + k] * (1 - fx) + pixels[right + width * 3 + k] * fx;
    out[k] = up * (1 - fy) + low * fy;
  }
}
