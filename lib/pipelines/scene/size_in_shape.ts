/**
 * The size of a video that has a picture's shape.
 * @module
 */

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Longer side of a video that nobody asks a size of, pixels. */
const LONGEST = 1024;
/** Shortest side of a video. */
const SHORTEST = 64;

/** The factor that brings a picture within a video's usual size. */
const usualScale = ({ width, height }: Size) => Math.min(1, LONGEST / Math.max(width, height));

/** Even sides in the shape of a picture; what is asked for stays, else the picture is scaled. */
export function sizeInShape(
  shape: Size,
  { width, height, scale = usualScale(shape), shortest = SHORTEST }: Partial<Size> & {
    readonly scale?: number;
    readonly shortest?: number;
  } = {},
): Size {
  const by = width !== undefined
    ? width / shape.width
    : height !== undefined
    ? height / shape.height
    : scale;
  const side = (pixels: number) => Math.max(shortest, 2 * Math.round(pixels * by / 2));
  return { width: width ?? side(shape.width), height: height ?? side(shape.height) };
}
