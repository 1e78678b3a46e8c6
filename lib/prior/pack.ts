/**
 * The prior's planes as bytes, one pixel after another: what models read of a frame.
 * @module
 */
import { type Camera, projectPoints } from "../geometry/mod.ts";
import type { Figure, PriorPlanes } from "./draw.ts";
import { nearBodies } from "./near.ts";

/** Bytes of a pixel, in this order: how many each plane has. */
export const PRIOR_PLANES = {
  /** Red, green and blue. */
  rgb: 3,
  /** Share of the pixel that bodies cover, 255 for all. */
  coverage: 1,
  /** How sure the colour is, 255 for seen in the reference, less where it is filled. */
  confidence: 1,
  /** Of the surface, in the camera's axes; 127.5 for none. */
  normals: 3,
  /** 255 on and around bodies, falling to 0 where nothing may change. */
  near: 1,
} as const;

/** Bytes of a pixel. */
export const PACKED_PLANES = Object.values(PRIOR_PLANES)
  .reduce<number>((sum, count) => sum + count, 0);

/** Parts of a person's height in the picture: a model may change up to the first, and nothing beyond. */
const NEAR = { inner: 0.1, outer: 0.2 } as const;

/**
 * 255 on and around a frame's bodies, falling to 0 where nothing may change, [height·width]; `tall` is
 * the height in pixels that a person has there.
 */
export function nearPlane(
  { width, height, coverage }: Pick<PriorPlanes, "width" | "height" | "coverage">,
  { tall }: { readonly tall: number },
): Uint8Array {
  const [inner, outer] = [NEAR.inner * tall, NEAR.outer * tall];
  return nearBodies(coverage, { width, height, inner, outer });
}

/** Packs a frame; `tall` is as for {@linkcode nearPlane}. */
export function packPlanes(
  planes: PriorPlanes,
  { tall }: { readonly tall: number },
): Uint8Array<ArrayBuffer> {
  const { width, height, rgb, coverage, confidence, normals } = planes;
  const near = nearPlane(planes, { tall });
  const packed = new Uint8Array(width * height * PACKED_PLANES);
  for (let pixel = 0, to = 0; pixel < near.length; pixel++, to += PACKED_PLANES) {
    const from = pixel * 3;
    for (let c = 0; c < 3; c++) {
      packed[to + c] = rgb[from + c];
      packed[to + 5 + c] = Math.round(127.5 + 127.5 * normals[from + c]);
    }
    packed[to + 3] = coverage[pixel];
    packed[to + 4] = confidence[pixel];
    packed[to + 8] = near[pixel];
  }
  return packed;
}

/** A grown person's height, metres. */
const HEIGHT = 1.7;
/** Nearer than this, in metres, a person fills the picture anyway. */
const NEAREST = 0.3;

/** Pixels that a person takes from head to foot where the nearest of the figures is. */
export function heightInPicture(camera: Camera, figures: readonly Pick<Figure, "pose">[]): number {
  const places = figures.flatMap(({ pose }) => [...pose.translation]);
  const { depth } = projectPoints(camera, Float32Array.from(places));
  const nearest = depth.reduce((least, z) => z > 0 && z < least ? z : least, Infinity);
  return HEIGHT * camera.fy / Math.max(NEAREST, nearest);
}
