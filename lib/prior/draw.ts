/**
 * Painted bodies in a frame: the picture that is known before any model has worked.
 * @module
 */
import {
  type BodyPose,
  type Camera,
  clearTarget,
  rasterise,
  type RasterTarget,
  rasterTarget,
  scaleCamera,
} from "../geometry/mod.ts";
import { brightness, NO_LIGHT } from "./light.ts";
import { poseRelief } from "./relief.ts";
import type { PaintedBody, PaintedSurface } from "./paint.ts";
import { samplePyramid } from "./picture.ts";
import { darkenFloor } from "./shadow.ts";
import { type PosedSurface, poseSurface, scaleAt, softNormals } from "./surface.ts";

/** A painted body and where it is in a frame. */
export interface Figure {
  readonly painted: PaintedBody;
  readonly pose: BodyPose;
}

/** What is known of a frame, at the camera's size. */
export interface PriorPlanes {
  readonly width: number;
  readonly height: number;
  /** The figures and their shadows over the background, rgb24, [height·width·3]. */
  readonly rgb: Uint8Array;
  /** The figures' own colours, not mixed with the background; 0 where nobody is, [height·width·3]. */
  readonly colour: Uint8Array;
  /** Share of each pixel that figures cover, 0..255, [height·width]. */
  readonly coverage: Uint8Array;
  /** How sure the colour is, 0..255: seen 255, mirrored 128, filled 64, times coverage. */
  readonly confidence: Uint8Array;
  /** Normals in the camera's axes (x right, y down, z away) times coverage, [height·width·3]. */
  readonly normals: Float32Array;
}

/** How a frame is drawn. */
export interface DrawOptions {
  /** rgb24 of the camera's size; default grey. */
  readonly background?: Uint8Array;
  /** Kept from frame to frame to save memory: what {@linkcode priorTarget} gave for this size. */
  readonly target?: RasterTarget;
}

/** A frame of the prior before it is drawn. */
export interface PriorFrame extends DrawOptions {
  readonly figures: readonly Figure[];
  /** Its size is the frame's. */
  readonly camera: Camera;
}

/** Samples along a side of each pixel. */
const SAMPLES = 2;
/** The models' 0 in −1..1. */
const NO_BACKGROUND = 128;

/** A buffer for frames of this size. */
export function priorTarget({ width, height }: { width: number; height: number }): RasterTarget {
  return rasterTarget(width * SAMPLES, height * SAMPLES);
}

/** Draws figures, the nearest in front, as the camera sees them. */
export function drawPrior(
  figures: readonly Figure[],
  camera: Camera,
  options: DrawOptions = {},
): PriorPlanes {
  const { width, height } = camera;
  const target = options.target ?? priorTarget(camera);
  clearTarget(target);
  const fine = scaleCamera(camera, target);
  const skins: Skin[] = [];
  let firstFace = 0;
  const surfaces = figures.map((figure) => surfacesOf(figure, camera));
  for (const [painted, posed] of surfaces.flat()) {
    const { faces, keep } = painted;
    rasterise(target, fine, { vertices: posed.vertices, faces, keep, firstFace });
    skins.push({ ...skinOf(painted, posed, fine), firstFace });
    firstFace += faces.length / 3;
  }
  const pixels = width * height;
  const planes = {
    ...{ width, height },
    rgb: new Uint8Array(pixels * 3),
    colour: new Uint8Array(pixels * 3),
    coverage: new Uint8Array(pixels),
    confidence: new Uint8Array(pixels),
    normals: new Float32Array(pixels * 3),
  };
  if (options.background) {
    planes.rgb.set(options.background);
    darkenFloor(
      planes.rgb,
      camera,
      surfaces.map(([[{ vertices }, posed]]) => ({ vertices, posed })),
    );
  } else planes.rgb.fill(NO_BACKGROUND);
  gather(target, skins, planes);
  return planes;
}

/** The body, and before it what a photograph shows of the person. */
function surfacesOf(
  { painted, pose }: Figure,
  camera: Camera,
): [PaintedSurface, PosedSurface][] {
  const { body, relief } = painted;
  const surfaces: [PaintedSurface, PosedSurface][] = [
    [painted, poseSurface(body, pose, painted)],
  ];
  if (relief) {
    const { keep, ...posed } = poseRelief(relief, { body, pose, camera });
    surfaces.push([{ ...relief, keep }, posed]);
  }
  return surfaces;
}

/** A surface in a frame. */
interface Skin {
  readonly painted: PaintedSurface;
  /** Unit normals in the camera's axes, [V·3]. */
  readonly normals: Float32Array;
  /** [V] what the looks are multiplied with: the reference's light away, the usual light on. */
  readonly gains: Float32Array;
  /** How much coarser than the picture's pixels the frame's samples are, in halvings. */
  readonly lod: number;
  readonly firstFace: number;
}

function skinOf(
  painted: PaintedSurface,
  { vertices, normals }: PosedSurface,
  camera: Camera,
): Omit<Skin, "firstFace"> {
  const r = camera.rotation;
  const turned = new Float32Array(normals.length);
  for (let i = 0; i < normals.length; i += 3) {
    const x = normals[i], y = normals[i + 1], z = normals[i + 2];
    turned[i] = r[0] * x + r[1] * y + r[2] * z;
    turned[i + 1] = r[3] * x + r[4] * y + r[5] * z;
    turned[i + 2] = r[6] * x + r[7] * y + r[8] * z;
  }
  const here = scaleAt(vertices, painted.vertices, camera);
  const gains = gainsOf(painted, normals);
  return { painted, gains, normals: turned, lod: Math.log2(painted.pixelsPerMetre / here) };
}

/** The reference's light away, the usual light on, where any is. */
function gainsOf({ unlit, relit, faces }: PaintedSurface, normals: Float32Array): Float32Array {
  if (relit === NO_LIGHT) return unlit;
  const soft = softNormals(normals, faces);
  return unlit.map((gain, v) =>
    gain * brightness(relit, soft[v * 3], soft[v * 3 + 1], soft[v * 3 + 2])
  );
}

/** Red, green, blue, confidence and normal of what was sampled, summed. */
type Sums = Float64Array;

/** Means of each pixel's samples. */
function gather(target: RasterTarget, skins: readonly Skin[], planes: PriorPlanes): void {
  const { width, height } = planes;
  const row = target.width;
  const sums: Sums = new Float64Array(7);
  const scratch = new Float64Array(3);
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const at = y * SAMPLES * row + x * SAMPLES;
      let hits = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const place = at + (sample >> 1) * row + (sample & 1);
        if (target.face[place] < 0) continue;
        if (hits++ === 0) sums.fill(0);
        addSample(target, place, skins, sums, scratch);
      }
      if (hits > 0) writePixel(planes, pixel, hits, sums);
    }
  }
}

function addSample(
  { face, second, third }: RasterTarget,
  place: number,
  skins: readonly Skin[],
  sums: Sums,
  scratch: Float64Array,
): void {
  let who = skins.length - 1;
  while (face[place] < skins[who].firstFace) who--;
  const { painted, normals, gains, lod, firstFace } = skins[who];
  const f = face[place] - firstFace;
  const a = painted.faces[f * 3], b = painted.faces[f * 3 + 1], c = painted.faces[f * 3 + 2];
  const wb = second[place], wc = third[place], wa = 1 - wb - wc;
  const gain = wa * gains[a] + wb * gains[b] + wc * gains[c];
  if (painted.textured[f]) {
    const { uv } = painted;
    const u = wa * uv[a * 2] + wb * uv[b * 2] + wc * uv[c * 2];
    const v = wa * uv[a * 2 + 1] + wb * uv[b * 2 + 1] + wc * uv[c * 2 + 1];
    samplePyramid(painted.levels, { u, v, lod }, scratch);
    for (let k = 0; k < 3; k++) sums[k] += gain * scratch[k];
  } else {
    const { colours } = painted;
    for (let k = 0; k < 3; k++) {
      sums[k] += gain *
        (wa * colours[a * 3 + k] + wb * colours[b * 3 + k] + wc * colours[c * 3 + k]);
    }
  }
  const { confidence } = painted;
  sums[3] += wa * confidence[a] + wb * confidence[b] + wc * confidence[c];
  for (let k = 0; k < 3; k++) {
    sums[4 + k] += wa * normals[a * 3 + k] + wb * normals[b * 3 + k] + wc * normals[c * 3 + k];
  }
}

function writePixel(planes: PriorPlanes, pixel: number, hits: number, sums: Sums): void {
  const all = SAMPLES * SAMPLES, share = hits / all;
  for (let k = 0; k < 3; k++) {
    const at = pixel * 3 + k, colour = Math.min(255, sums[k] / hits);
    planes.colour[at] = Math.min(255, Math.round(colour));
    planes.rgb[at] = Math.round(colour * share + planes.rgb[at] * (1 - share));
    planes.normals[at] = sums[4 + k] / all;
  }
  planes.coverage[pixel] = Math.round(255 * share);
  planes.confidence[pixel] = Math.round(255 * sums[3] / all);
}
