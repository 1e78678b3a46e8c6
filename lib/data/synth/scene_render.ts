/**
 * Casts one ray a pixel into a scene.
 * @module
 */
import { type Camera, cameraCentre } from "../../geometry/mod.ts";
import { samplePanorama } from "./panorama.ts";
import type { Box, Decal, Scene } from "./scene.ts";
import { surroundingsShader } from "./surroundings.ts";
import { sampleTexture, type Texture } from "./texture.ts";

/** A picture of an empty scene, and where each pixel shows the floor. */
export interface ScenePicture {
  /** RGB in 0..1, [height*width*3]. */
  readonly colour: Float32Array;
  /** World x and z of the floor, [height*width*2]; NaN where something else is seen. */
  readonly floor: Float32Array;
}

/** How bright the floor, walls across x and walls across z are. */
const FACES = [0.9, 1, 0.97];
/** Distance over which corners are darker, in metres, and by how much. */
const CORNER = 0.35;
const CORNER_SHADE = 0.16;
/** Distance over which ground fades into haze, in metres. */
const HAZE = 45;

/** Nearest surface on a ray. */
interface Hit {
  t: number;
  /** Axis that the surface stands across. */
  axis: number;
  far: boolean;
  box: number;
}

/** Where a ray met a surface. */
interface Place {
  readonly point: Float64Array;
  /** Metres that a pixel covers there. */
  readonly footprint: number;
  readonly decals: readonly (readonly Decal[])[];
}

/** A buffer for pictures of this size. */
export function scenePicture(width: number, height: number): ScenePicture {
  const pixels = width * height;
  return { colour: new Float32Array(pixels * 3), floor: new Float32Array(pixels * 2) };
}

/** Draws the scene as the camera sees it, at the camera's size. */
export function renderScene(scene: Scene, camera: Camera, into: ScenePicture): void {
  const { colour, floor } = into;
  floor.fill(NaN);
  if (scene.kind === "plain") {
    for (let at = 0; at < colour.length; at++) colour[at] = scene.colour[at % 3];
    return;
  }
  const { width, height, fx, fy, cx, cy, rotation: r } = camera;
  const origin = cameraCentre(camera);
  const shader = scene.kind === "surroundings"
    ? aroundShader(scene, origin)
    : makeShader(scene, origin);
  const d = new Float64Array(3);
  const pixel = new Float32Array(3);
  for (let y = 0, at = 0; y < height; y++) {
    const ky = (y + 0.5 - cy) / fy;
    for (let x = 0; x < width; x++, at++) {
      const kx = (x + 0.5 - cx) / fx;
      d[0] = r[0] * kx + r[3] * ky + r[6];
      d[1] = r[1] * kx + r[4] * ky + r[7];
      d[2] = r[2] * kx + r[5] * ky + r[8];
      const t = shader(d, 1 / fy, pixel);
      colour[at * 3] = pixel[0];
      colour[at * 3 + 1] = pixel[1];
      colour[at * 3 + 2] = pixel[2];
      if (t > 0) {
        floor[at * 2] = origin[0] + d[0] * t;
        floor[at * 2 + 1] = origin[2] + d[2] * t;
      }
    }
  }
}

/** Shades the ray along `d`; gives its length where it meets the floor, else 0. */
type Shader = (d: Float64Array, pixelAngle: number, out: Float32Array) => number;

function aroundShader(
  scene: Extract<Scene, { kind: "surroundings" }>,
  origin: readonly number[],
): Shader {
  const shade = surroundingsShader(scene, origin);
  return (d, _, out) => shade(d, out);
}

/** Scenes that are built of surfaces. */
type BuiltScene = Extract<Scene, { kind: "room" | "outdoors" }>;

function makeShader(scene: BuiltScene, origin: readonly number[]): Shader {
  const hit: Hit = { t: 0, axis: 1, far: false, box: -1 };
  const point = new Float64Array(3);
  const decals = scene.kind === "room" ? decalsByWall(scene.room.decals) : [];
  const place = { point, footprint: 0, decals };
  return (d, pixelAngle, out) => {
    if (scene.kind === "room") leaveRoom(scene.room.min, scene.room.max, origin, d, hit);
    else meetGround(origin, d, hit);
    for (let i = 0; i < scene.boxes.length; i++) meetBox(scene.boxes[i], i, origin, d, hit);
    if (hit.t === Infinity) {
      if (scene.kind === "outdoors") samplePanorama(scene.sky, d[0], d[1], d[2], out);
      return 0;
    }
    for (let axis = 0; axis < 3; axis++) point[axis] = origin[axis] + d[axis] * hit.t;
    const length = Math.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    const slant = Math.sqrt(Math.max(0.02, Math.abs(d[hit.axis]) / length));
    const footprint = hit.t * length * pixelAngle / slant;
    place.footprint = footprint;
    surfaceColour(scene, hit, place, out);
    if (scene.kind === "outdoors") {
      const clear = Math.exp(-hit.t * length / HAZE);
      for (let c = 0; c < 3; c++) out[c] = scene.sky.haze[c] + (out[c] - scene.sky.haze[c]) * clear;
    }
    return hit.box < 0 && hit.axis === 1 && !hit.far ? hit.t : 0;
  };
}

function surfaceColour(
  scene: BuiltScene,
  hit: Hit,
  { point, footprint, decals }: Place,
  out: Float32Array,
): void {
  const { axis, far } = hit;
  const box = hit.box < 0 ? undefined : scene.boxes[hit.box];
  const u = axis === 0 ? point[2] : point[0];
  const v = axis === 1 ? point[2] : point[1];
  let shade = FACES[axis === 1 ? 1 : axis === 0 ? 0 : 2];
  if (box) {
    sampleTexture(box.texture, u, v, footprint, out);
    if (axis !== 1) shade *= (far ? 0.92 : 0.84) * cornerShade(point[1]);
  } else if (scene.kind === "outdoors") {
    sampleTexture(scene.floor, u, v, footprint, out);
  } else {
    const { min, max, walls, ceiling } = scene.room;
    if (axis === 1 && far) out.set(ceiling);
    else {
      const wall = axis === 1 ? -1 : axis + (far ? 1 : 0);
      const decal = wall < 0 ? undefined : decalAt(decals[wall], u, v);
      if (decal) sampleDecal(decal, u, v, footprint, out);
      else sampleTexture(wall < 0 ? scene.floor : walls[wall], u, v, footprint, out);
    }
    for (let k = 0; k < 3; k++) {
      if (k !== axis) shade *= cornerShade(Math.min(point[k] - min[k], max[k] - point[k]));
    }
  }
  out[0] *= shade;
  out[1] *= shade;
  out[2] *= shade;
}

function cornerShade(distance: number): number {
  // Beyond that the shade is less than a step of 8 bits.
  if (distance > 6 * CORNER) return 1;
  return 1 - CORNER_SHADE * Math.exp(-Math.max(0, distance) / CORNER);
}

/** Decals of the walls at small x, large x, small z, large z, as `Room.walls`. */
function decalsByWall(decals: readonly Decal[]): Decal[][] {
  const walls: Decal[][] = [[], [], [], []];
  for (const decal of decals) walls[decal.axis + (decal.far ? 1 : 0)].push(decal);
  return walls;
}

function decalAt(decals: readonly Decal[], u: number, v: number): Decal | undefined {
  for (let i = 0; i < decals.length; i++) {
    const { edges } = decals[i];
    if (u >= edges[0] && u < edges[1] && v >= edges[2] && v < edges[3]) return decals[i];
  }
  return undefined;
}

function sampleDecal(decal: Decal, u: number, v: number, footprint: number, out: Float32Array) {
  const [left, right, low, high] = decal.edges;
  const texture: Texture = decal.texture;
  const width = right - left;
  sampleTexture(texture, (u - left) / width, (v - low) / (high - low), footprint / width, out);
}

function leaveRoom(
  min: readonly number[],
  max: readonly number[],
  origin: readonly number[],
  d: Float64Array,
  hit: Hit,
): void {
  hit.t = Infinity;
  hit.box = -1;
  for (let axis = 0; axis < 3; axis++) {
    if (d[axis] === 0) continue;
    const far = d[axis] > 0;
    const t = ((far ? max : min)[axis] - origin[axis]) / d[axis];
    if (t >= hit.t) continue;
    hit.t = t;
    hit.axis = axis;
    hit.far = far;
  }
}

function meetGround(origin: readonly number[], d: Float64Array, hit: Hit): void {
  hit.t = d[1] < -1e-4 ? -origin[1] / d[1] : Infinity;
  hit.axis = 1;
  hit.far = false;
  hit.box = -1;
}

function meetBox(
  { min, max }: Box,
  index: number,
  origin: readonly number[],
  d: Float64Array,
  hit: Hit,
): void {
  let near = 0, far = hit.t, axisOf = -1;
  for (let axis = 0; axis < 3; axis++) {
    const inverse = 1 / d[axis];
    const a = (min[axis] - origin[axis]) * inverse, b = (max[axis] - origin[axis]) * inverse;
    const first = a < b ? a : b, last = a < b ? b : a;
    if (first > near) {
      near = first;
      axisOf = axis;
    }
    if (last < far) far = last;
    if (near >= far) return;
  }
  if (axisOf < 0) return;
  hit.t = near;
  hit.axis = axisOf;
  hit.far = d[axisOf] < 0;
  hit.box = index;
}
